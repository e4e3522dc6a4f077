"""Gates: limits a run must keep before it is published, against the night before. Each refusal says what, how much, and the limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

    from ..flags import Run


@dataclass(frozen=True)
class Gates:
    """The limits; a gate without a previous run to compare with is off.

    ``fewest_scored`` and ``most_flags`` are ratios to the previous run; ``most_quarantined`` is the share of delivered rows.
    """

    fewest_scored: float = 0.7
    most_flags: float = 3.0
    most_quarantined: float = 0.2


def refused(run: Run, before: Path | None, gates: Gates) -> list[str]:
    """Why the run may not be published; empty when it may."""
    why = _quarantine(run, gates)
    if before is not None:
        why += _volume(run, before, gates)
    return why


def _quarantine(run: Run, gates: Gates) -> list[str]:
    counts = run.view.counts[["read", "quarantined"]].sum()
    share = counts["quarantined"] / max(counts["read"], 1)
    if counts["read"] >= 1000 and share > gates.most_quarantined:
        return [f"{share:.1%} of the delivered rows are quarantined, allowed are {gates.most_quarantined:.1%}"]
    return []


def _volume(run: Run, before: Path, gates: Gates) -> list[str]:
    """Scored organisations and flags against the previous run."""
    scored = len(pd.read_parquet(before / "scores.parquet", columns=["org_id"]))
    flags = len(pd.read_parquet(before / "flags.parquet", columns=["org_id"]))
    why = []
    if scored >= 50 and len(run.scores) < gates.fewest_scored * scored:
        why.append(
            f"{len(run.scores)} organisations scored after {scored} the run before, allowed is a fall to {gates.fewest_scored:.0%}"
        )
    if flags >= 50 and len(run.flags) > gates.most_flags * flags:
        why.append(f"{len(run.flags)} flags after {flags} the run before, allowed is a rise to {gates.most_flags:.0%}")
    return why
