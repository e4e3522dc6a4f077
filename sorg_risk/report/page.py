"""The nightly page: numbers, what changed, the work queue by legal deadline, early warnings with reasons, data, model.

One self-contained HTML file: Chinese first with English beside it, no script, nothing loaded from elsewhere (a content
policy forbids it), prints on A4. Every text is escaped by the template engine; the page depends on the decision alone,
so the same decision gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from .._version import __version__
from ..explain.html import environment
from ..records.doubts import doubts
from ..watch.drift import psi, verdict
from . import parts, words

if TYPE_CHECKING:
    from ..flags import Run
    from ..watch import NightDiff

WARNINGS: Final = ("red", "orange", "yellow", "blue", "none")


@dataclass(frozen=True)
class Surroundings:
    """What the page shows beside the run itself.

    ``digest``: of the decision. ``diff``: differences to the night before. ``flags``: with the officers' verdicts beside.
    ``previous_scores``: those of the night before.
    """

    digest: str
    diff: NightDiff | None
    flags: pd.DataFrame
    previous_scores: pd.DataFrame | None = None


def page(run: Run, around: Surroundings) -> str:
    """The page of a run as HTML."""
    templates = environment("sorg_risk.report")
    templates.filters |= {"zh": words.zh, "en": words.en}
    return templates.get_template("report.html").render(_content(run, around))


def _content(run: Run, around: Surroundings) -> dict[str, Any]:
    queue, in_all = parts.queue(run, around.flags)
    unsure = run.view.gathered(doubts)
    before = None if around.previous_scores is None else around.previous_scores["score"]
    drift = None if before is None else psi(before, run.scores["score"])
    return {
        "as_of": run.view.day.isoformat(),
        "digest": around.digest,
        "run_id": around.digest[:12],
        "version": __version__,
        "warnings": list(run.warnings),
        "provisional": bool(run.scores["provisional"].any()),
        "numbers": parts.numbers(run, around.flags, around.diff),
        "grades": parts.counted(run.scores["grade"], ("A", "B", "C", "D")),
        "levels": parts.counted(run.scores["warning"], WARNINGS),
        "queue": queue,
        "queue_in_all": in_all,
        "settled": parts.settled(run, around.flags),
        "alerts": parts.alerts(around.flags),
        "warned": parts.warned(run, around.flags),
        "diff": around.diff,
        "changes": [] if around.diff is None else parts.changes(run, around.diff),
        "counts": run.view.counts.to_dict("records"),
        "refused": run.view.quarantine.head(parts.REFUSED).fillna("").to_dict("records"),
        "refused_in_all": len(run.view.quarantine),
        "doubts": unsure.head(parts.DOUBTS).to_dict("records"),
        "doubts_in_all": len(unsure),
        "histogram": parts.histogram(run.scores["score"], before),
        "drift": drift,
        "drift_verdict": None if drift is None else verdict(drift),
        "trained_on": getattr(run.model, "trained_on_", None) or "",
        "last_knowledge": getattr(run.model, "last_knowledge_day_", None) or "",
    }
