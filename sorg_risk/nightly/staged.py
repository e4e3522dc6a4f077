"""A run written aside, the manifest last: what becomes visible by one rename, and what a replay makes again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..records import disk
from ..report import Surroundings, page
from ..watch import NightDiff, beside, verdicts
from . import manifest, tables

if TYPE_CHECKING:
    import pandas as pd

    from ..flags import Run
    from ..records.ledger.wide import WideView
    from .decision import Decision
    from .gates import Before


def write_run(
    folder: Path,
    run: Run,
    view: WideView,
    decision: Decision,
    before: Before | None,
    diff: NightDiff | None,
    engine: str,
) -> dict[str, Any]:
    """Writes all files of a run but the reasons (which must be there) into a folder, the manifest last; returns that."""
    flags = _named(beside(run.flags, verdicts(view)), view)
    for name, frame in {"scores": _named(run.scores, view), "flags": flags, "quarantine": view.quarantine}.items():
        tables.write(name, [frame], folder)
        tables.write_csv(name, frame, folder)
    around = Surroundings(decision.digest, diff, flags, None if before is None else before.scores)
    disk.write(folder / "report.html", page(run, around).encode("utf-8"), "report")
    told = manifest.described(
        decision,
        view,
        manifest.outputs(folder),
        engine=engine,
        warnings=list(run.warnings),
        previous=None if before is None else before.manifest["run_id"],
    )
    manifest.write(told, folder)
    disk.sync_folder(folder)
    return told


def _named(frame: pd.DataFrame, view: WideView) -> pd.DataFrame:
    """The name of each organisation beside its code, for people."""
    names = view.table("organizations").set_index("org_id")["name"]
    return frame.assign(name=names.reindex(frame["org_id"]).to_numpy())
