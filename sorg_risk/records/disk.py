"""Writing that survives a crash: every write, sync and rename goes through here, and each is a named fault point.

For crash tests the environment names one point (``SORG_RISK_FAULT_POINT``) at which the process kills itself as a power
cut would, or, with ``=ENOSPC`` or ``=EROFS`` behind it, at which the disk is full or read-only; ``@3`` waits for the
third passage. ``SORG_RISK_FAULT_TRACE`` names a file in which the points passed are written down.

>>> names = ("opened", "half", "written", "synced", "replaced", "folder-synced")
>>> names == MOMENTS
True
"""

from __future__ import annotations

import errno
import os
import signal
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAULT: Final = "SORG_RISK_FAULT_POINT"
TRACE: Final = "SORG_RISK_FAULT_TRACE"
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
    number = getattr(errno, fault, None)
    if number is None:
        raise UsageError(f"{FAULT} asks for {fault!r}, which is no error of a disk. Write ENOSPC, EROFS or EIO.")
    raise OSError(number, os.strerror(number), name)


@contextmanager
def opened(path: Path, what: str) -> Iterator[BinaryIO]:
    """A new file, brought to the disk when the block ends well."""
    with path.open("wb") as handle:
        point(f"{what}:opened")
        yield handle
        handle.flush()
        point(f"{what}:written")
        os.fsync(handle.fileno())
        point(f"{what}:synced")


def write(path: Path, content: bytes, what: str) -> None:
    """Writes a new file whole, or leaves a piece of it that nothing points to."""
    with opened(path, what) as handle:
        handle.write(content[: len(content) // 2])
        handle.flush()
        point(f"{what}:half")
        handle.write(content[len(content) // 2 :])


def put(path: Path, content: bytes, what: str) -> None:
    """Replaces a file whole: readers see the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    write(aside, content, what)
    move(aside, path, what)


def move(source: Path, target: Path, what: str) -> None:
    """Renames a file or folder and brings the folder of the new name to the disk."""
    os.replace(source, target)
    point(f"{what}:replaced")
    sync_folder(target.parent)
    point(f"{what}:folder-synced")


def sync_folder(folder: Path) -> None:
    """Brings the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
