"""One writer: a lock the kernel holds and frees, whatever happens to the process."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import LockHeld, UsageError
from ..records import disk

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCKS: Final = Path("/proc/locks")
_UMASK: Final = 0o027


def is_held(out: Path) -> bool:
    """Whether somebody may be writing to the folder.

    Read from the kernel's list, for a lock of our own would be in his way. By inode alone, since devices have several
    numbers on some file systems: a stranger's lock on another file of that number is taken for his.
    """
    try:
        number = str((out / ".lock").stat().st_ino)
        held = _LOCKS.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return not _LOCKS.is_file() and (out / ".lock").is_file()
    return any(number == word.rsplit(":", 1)[-1] for word in held.split() if word.count(":") == 2)


@contextmanager
def _strict_umask() -> Iterator[None]:
    """While it lasts, no file or folder is made that strangers may read, whatever makes it."""
    before = os.umask(_UMASK)
    os.umask(before | _UMASK)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Holds the output folder for writing; the file itself means nothing, only the lock on it does.

    Raises `LockHeld` at once where another run is writing there.
    """
    path = out / ".lock"
    with ExitStack() as stack:
        stack.enter_context(_strict_umask())
        while True:
            if path.is_symlink():
                raise UsageError(f"{path} is a symbolic link and may lead out of {out}; put the thing itself there.")
            disk.make_folder(out)
            handle = stack.enter_context(disk.open_lock(path))
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LockHeld(
                    f"another run is writing to {out}; nothing was done, try again when it has ended."
                ) from None
            if path.exists() and os.path.samestat(path.stat(), os.fstat(handle.fileno())):
                break  # and not a file that the run before took away with its folder
        yield
