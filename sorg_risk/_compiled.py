"""Where compiled kernels are kept, if nothing that numba knows of can be written.

Numba keeps them beside the code or below the user's home, and ends the program where it may write to neither, as in a unit
with ``ProtectSystem=strict``. Then they go to a folder of this process alone, which is gone with it: numba loads what it
finds, so a folder that others may write to would be a door. ``NUMBA_CACHE_DIR`` names one that lasts and saves compiling.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

PLACE: Final = "NUMBA_CACHE_DIR"


def find_place() -> None:
    """Names a folder to numba, unless it is named one or can write where it looks."""
    if os.environ.get(PLACE) or _can_write(Path(__file__).parent) or _can_write(_of_the_user()):
        return
    folder = tempfile.mkdtemp(prefix="sorg-risk-compiled-")
    atexit.register(_removed, folder, os.getpid())
    os.environ[PLACE] = folder
    if "numba" in sys.modules:  # it has looked at the environment already
        sys.modules["numba"].config.CACHE_DIR = folder


def _of_the_user() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "numba"


def _can_write(folder: Path) -> bool:
    """Whether files can be made in a folder, or it itself below the nearest one there is."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return os.access(there, os.W_OK | os.X_OK)


def _removed(folder: str, owner: int) -> None:
    """Takes the folder away with the process that made it, and not with a child of it."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
