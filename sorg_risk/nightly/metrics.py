"""Numbers for Prometheus' textfile collector, replaced whole after a run was published.

The collector runs as another user: the file alone has the rights of the setting ``metrics_mode``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ..records import disk
from . import audit
from .run_reader import RunReader
from .store import MANIFEST, Store

if TYPE_CHECKING:
    from .settings import Settings

HELP = {
    "sorg_risk_last_success_timestamp_seconds": "When a run was last published.",
    "sorg_risk_organisations_scored": "Organisations scored.",
    "sorg_risk_rows_read": "Rows read per table.",
    "sorg_risk_rows_quarantined": "Rows not used per table.",
    "sorg_risk_flags": "Flags by kind and status.",
    "sorg_risk_stage_seconds": "Wall time per stage.",
    "sorg_risk_stage_peak_megabytes": "Peak memory per stage.",
}


def write(
    settings: Settings,
    store: Store,
    counts: pd.DataFrame,
    scored: int,
    flags: pd.DataFrame,
    stages: Mapping[str, Mapping[str, float]],
) -> None:
    """Writes the file; a run that was refused or failed leaves the one before."""
    content = text_of(_lines(counts, scored, flags, stages)).encode("utf-8")
    disk.put(path_of(settings, store), content, "metrics", settings.metrics_rights)


def path_of(settings: Settings, store: Store) -> Path:
    """Where the numbers lie: in the output folder, unless the settings name another place."""
    return settings.metrics or store.metrics


def is_measured(settings: Settings, store: Store, run: Path) -> bool:
    """Whether the numbers are of a run or a later one, and not of one before a crash."""
    path = path_of(settings, store)
    return path.is_file() and path.stat().st_mtime >= (run / MANIFEST).stat().st_mtime


def measure_again(store: Store, settings: Settings) -> bool:
    """Writes the numbers of the run published last, if a crash left those of an earlier one; whether it had to."""
    published = audit.published(audit.entries(store.audit))
    if not published or not (store.out / published[-1] / MANIFEST).is_file():
        return False
    run = store.out / published[-1]
    if is_measured(settings, store, run):
        return False
    reader = RunReader(store)
    tables = reader.manifest(run)["delivery"]["tables"]
    counts = pd.DataFrame([{"table": name, **numbers} for name, numbers in tables.items()])
    write(settings, store, counts, len(reader.table(run, "scores")), reader.table(run, "flags"), {})
    return True


def _lines(
    counts: pd.DataFrame, scored: int, flags: pd.DataFrame, stages: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[str, dict[str, str], float]]:
    yield "sorg_risk_last_success_timestamp_seconds", {}, round(time.time())
    yield "sorg_risk_organisations_scored", {}, scored
    for name, read, quarantined in counts[["table", "read", "quarantined"]].itertuples(index=False):
        yield "sorg_risk_rows_read", {"table": name}, read
        yield "sorg_risk_rows_quarantined", {"table": name}, quarantined
    counted = flags.groupby(["flag", "status"]).size().rename("rows").reset_index()
    for flag, status, rows in counted.itertuples(index=False):
        yield "sorg_risk_flags", {"flag": flag, "status": status}, rows
    for stage, cost in stages.items():
        yield "sorg_risk_stage_seconds", {"stage": stage}, cost["wall_s"]
        yield "sorg_risk_stage_peak_megabytes", {"stage": stage}, cost["peak_mb"]


def text_of(lines: Iterator[tuple[str, dict[str, str], float]]) -> str:
    r"""Samples in the text format, each name with its help once.

    >>> print(text_of(iter([("sorg_risk_flags", {"flag": 'a"b'}, 2)])).splitlines()[-1])
    sorg_risk_flags{flag="a\"b"} 2
    """
    found: dict[str, list[str]] = {}
    for name, labels, value in lines:
        words = ",".join(f'{key}="{_escaped(word)}"' for key, word in labels.items())
        found.setdefault(name, []).append(f"{name}{{{words}}} {value}" if words else f"{name} {value}")
    parts = [f"# HELP {name} {HELP[name]}\n# TYPE {name} gauge\n" + "\n".join(rows) for name, rows in found.items()]
    return "\n".join(parts) + "\n"


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
