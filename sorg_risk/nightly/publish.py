"""Publishing: a run is written aside, synced, renamed into place, and only then pointed to.

A reader who follows `CURRENT` sees the old run or the new one, never a mixture: the folder appears whole by one rename, and the pointer
changes whole by another. Every step that could be interrupted goes through `step`, where crash tests stop the process by name.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

POINTER: Final = "CURRENT"
FAULT: Final = "SORG_RISK_FAULT_POINT"
KILLED: Final = 137


def step(name: str) -> None:
    """A named point of the writing; the process ends here, at once, when the environment asks for it."""
    if os.environ.get(FAULT) == name:
        os._exit(KILLED)


def staging(out: Path, run_id: str) -> Path:
    """An empty folder to write a run in; what an interrupted run left there is thrown away."""
    folder = out / "runs" / f".staging-{run_id}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def synced(folder: Path) -> None:
    """Bring every file of the folder, and the folder itself, to the disk."""
    for path in sorted(folder.iterdir()):
        _sync(path)
    _sync(folder)


def published(staged: Path, final: Path) -> None:
    """Put the staged folder in its place by one rename."""
    final.parent.mkdir(parents=True, exist_ok=True)
    step("before-rename")
    staged.rename(final)
    _sync(final.parent)
    step("after-rename")


def pointed(out: Path, run: str) -> None:
    """Let `CURRENT` name the run, by replacing it whole."""
    aside = out / f".{POINTER}.new"
    aside.write_text(f"{run}\n", encoding="utf-8")
    _sync(aside)
    step("before-pointer")
    aside.replace(out / POINTER)
    _sync(out)
    step("after-pointer")


def current(out: Path) -> str | None:
    """The run `CURRENT` names (``runs/<as_of>/<run_id>``), or None before the first."""
    pointer = out / POINTER
    return pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
