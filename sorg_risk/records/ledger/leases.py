"""Leases: what a compaction replaced stays on the disk while a reader that opened the ledger before it may still need it.

A lease is a shared lock on the file ``READERS`` of the ledger's folder; it ends with the object it was taken for, or with the
process. A ledger in a folder that cannot be locked is read without one.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path
from typing import Final

from .. import disk

FILE: Final = "READERS"


def take(owner: object, folder: Path) -> weakref.finalize[..., object] | None:
    """A lease for as long as ``owner`` lives; None where there is nothing to lock."""
    try:
        descriptor = os.open(folder / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return weakref.finalize(owner, os.close, descriptor)


def are_held(folder: Path) -> bool:
    """Whether any reader holds a lease."""
    with disk.open_lock(folder / FILE) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
