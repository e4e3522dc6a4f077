"""A copy of a ledger that shares its segments, for a dry run: what is brought into the copy leaves the ledger as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

from .. import disk
from .ledger import Ledger
from .state import CURRENT


def copy_ledger(folder: Path, place: Path) -> Ledger:
    """Copies the ledger in ``folder`` to ``place``; its segments, which no ledger ever alters, are links to those of the original.

    The links hold as long as the returned ledger (the original, opened) lives: until then no compaction removes its segments.
    Raises `DataError` where the folder holds no ledger, or a damaged one.
    """
    original = Ledger.open(folder)
    disk.make_folder(place)
    shutil.copytree(folder / "generations", place / "generations")
    disk.make_folder(place / "segments")
    for segment in (folder / "segments").iterdir():
        (place / "segments" / segment.name).symlink_to(segment.absolute(), target_is_directory=True)
    for path in (*folder.glob("state-*.json"), folder / CURRENT):
        shutil.copyfile(path, place / path.name)
    return original
