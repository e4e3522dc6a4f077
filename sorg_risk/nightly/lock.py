"""One writer: a lock the kernel holds and frees, whatever happens to the process."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from ..errors import LockHeld

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Holds the output folder for writing; the file itself means nothing, only the lock on it does.

    Raises `LockHeld` at once where another run is writing there.
    """
    path = out / ".lock"
    with ExitStack() as stack:
        while True:
            out.mkdir(parents=True, exist_ok=True)
            handle = stack.enter_context(path.open("a", encoding="utf-8"))
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LockHeld(
                    f"another run is writing to {out}; nothing was done, try again when it has ended."
                ) from None
            if path.exists() and os.path.samestat(path.stat(), os.fstat(handle.fileno())):
                break  # and not a file that the run before took away with its folder
        yield
