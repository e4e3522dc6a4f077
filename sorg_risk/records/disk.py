"""Writing that survives a crash: every write, sync and rename goes through here, and each is a named fault point.

For crash tests the environment names one point (``SORG_RISK_FAULT_POINT``) at which the process kills itself as a power
cut would, or, with ``=ENOSPC`` or ``=EROFS`` behind it, at which the disk is full or read-only; ``@3`` waits for the
third passage; with ``=MEMORY`` no memory is left there. ``SORG_RISK_FAULT_TRACE`` names a file in which the points passed are written down.

New files are for their owner and group alone (0640), folders too (0750), or stricter where the umask asks for it. A file is
always a new one: what stood under its name, perhaps a link to something elsewhere, is taken away and never written into.

>>> names = ("opened", "half", "written", "synced", "replaced", "folder-synced")
>>> names == MOMENTS
True
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULT: Final = "SORG_RISK_FAULT_POINT"
TRACE: Final = "SORG_RISK_FAULT_TRACE"
FILE_MODE: Final = 0o640
FOLDER_MODE: Final = 0o750
OUT_OF_MEMORY: Final = "MEMORY"
MOMENTS: Final = ("opened", "half", "written", "synced", "replaced", "folder-synced")
_passed: Counter[str] = Counter()


def point(name: str) -> None:
    """A place where a crash test may end the process or break the disk."""
    if trace := os.environ.get(TRACE):
        with open(trace, "a", encoding="utf-8") as handle:
            handle.write(f"{name}\n")
    wanted = os.environ.get(FAULT)
    if not wanted:
        return
    place, _, fault = wanted.partition("=")
    place, _, turn = place.partition("@")
    if place != name:
        return
    _passed[name] += 1
    if _passed[name] != int(turn or 1):
        return
    if not fault:
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == OUT_OF_MEMORY:
        raise MemoryError(name)
    number = getattr(errno, fault, None)
    if number is None:
        raise UsageError(
            f"{FAULT} asks for {fault!r}, which is no error of a disk. Write ENOSPC, EROFS, EIO or MEMORY."
        )
    raise OSError(number, os.strerror(number), name)


def create(path: Path, mode: int = FILE_MODE) -> BinaryIO:
    """Opens a new file for writing and reading; whatever had the name before loses it, and no link is followed."""
    path.unlink(missing_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(path, flags, mode)
    if mode != FILE_MODE:
        os.fchmod(handle, mode)  # asked for, whatever the umask
    return os.fdopen(handle, "w+b")


def append(path: Path, content: bytes) -> None:
    """Adds to the end of a file, which no link may stand for."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, FILE_MODE), "ab") as handle:
        handle.write(content)


def open_lock(path: Path) -> BinaryIO:
    """Opens a file that means nothing but the lock on it."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE), "wb")


def make_folder(path: Path) -> Path:
    """Makes a folder and those above it that are missing, each brought to the disk in the folder above; returns it."""
    if not path.is_dir():
        parent = make_folder(path.parent)
        path.mkdir(FOLDER_MODE, exist_ok=True)
        sync_folder(parent)
    return path


@contextmanager
def opened(path: Path, what: str, mode: int = FILE_MODE) -> Iterator[BinaryIO]:
    """A new file, brought to the disk when the block ends well."""
    with create(path, mode) as handle:
        point(f"{what}:opened")
        yield handle
        handle.flush()
        point(f"{what}:written")
        os.fsync(handle.fileno())
        point(f"{what}:synced")


def write(path: Path, content: bytes, what: str, mode: int = FILE_MODE) -> None:
    """Writes a new file whole, or leaves a piece of it that nothing points to."""
    with opened(path, what, mode) as handle:
        handle.write(content[: len(content) // 2])
        handle.flush()
        point(f"{what}:half")
        handle.write(content[len(content) // 2 :])


def put(path: Path, content: bytes, what: str, mode: int = FILE_MODE) -> None:
    """Replaces a file whole: readers see the old content or the new."""
    make_folder(path.parent)
    aside = path.with_name(f".{path.name}.new")
    write(aside, content, what, mode)
    move(aside, path, what)


def move(source: Path, target: Path, what: str) -> None:
    """Renames a file or folder and brings the folder of the new name to the disk."""
    os.replace(source, target)
    point(f"{what}:replaced")
    sync_folder(target.parent)
    point(f"{what}:folder-synced")


def remove(path: Path) -> None:
    """Removes a folder with all it holds, or a file; no link is followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Brings the names in a folder to the disk."""
    sync(folder)


def sync(path: Path) -> None:
    """Brings a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
