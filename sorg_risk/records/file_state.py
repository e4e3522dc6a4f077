"""Whether a file is still the one that was measured: the bytes that are parsed must be the bytes that were hashed."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_RECENT: Final = 2_000_000_000
"""Nanoseconds within which a file system may give two changes one time (FAT and network file systems: 2 s)."""


@dataclass(frozen=True)
class FileState:
    """What the file system says of a file at one moment; ``is_recent``: it had changed so lately that its times prove nothing."""

    identity: tuple[int, int, int, int, int]
    is_recent: bool

    @classmethod
    def of(cls, path: Path) -> Self:
        """The state of a file now: device, inode, size, times of its last change of content and of attributes."""
        stat = path.stat()
        identity = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        return cls(identity, time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) < _RECENT)

    def check(self, path: Path, sha256: str) -> None:
        """Raises `ValueError` if the file was changed or replaced since; a lately changed one is hashed again."""
        try:
            now = FileState.of(path)
        except FileNotFoundError:
            raise ValueError("it was removed while it was read") from None
        if now.identity != self.identity or (self.is_recent and _sha256(path) != sha256):
            raise ValueError("it was changed while it was read; deliver it when it is complete")


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
