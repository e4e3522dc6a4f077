"""`score`: everything that is said of every organisation on one evening.

The law speaks first and alone. Then the model scores the same evening, and its contributions explain each score exactly. Last, the two are
laid side by side: the law caps the grade, the model asks for attention.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from ..errors import ModelError
from ..features import CATALOGUE, evidence_keys, features
from ..law import statutory_of_all
from ..model import RiskModel, default_bundle
from ..model.knowledge import is_taught_by_simulation
from ..model.matrix import few
from ..policy import routed
from ..records.simulated import TRAIN, is_simulated
from .attention import Attention, asking
from .explained import Explained
from .grades import graded
from .run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..features.executor import Executor
    from ..records import View

LEADING = 3
"""An early warning shows the records behind so many of its largest reasons."""


class Law(Protocol):
    """What is used of what `statutory` says."""

    @property
    def flags(self) -> pd.DataFrame:
        """Statutory rows of flags.parquet."""
        ...

    @property
    def members(self) -> pd.DataFrame:
        """Who is on which list."""
        ...

    @property
    def clauses(self) -> pd.DataFrame:
        """The facts of every flag, clause by clause."""
        ...


def score(
    view: View,
    model: RiskModel | str | Path | None = None,
    lists: str = "decided",
    *,
    full_reasons: bool = False,
    tell: Callable[[str], None] = lambda _stage: None,
    law: Law | None = None,
    X: pd.DataFrame | None = None,
    executor: Executor | None = None,
) -> Run:
    """Score every active organisation and say what the law says of all.

    Parameters
    ----------
    view
        What was known on the evening.
    model
        A fitted `RiskModel`, the folder of one, or None for the shipped one.
    lists
        ``"decided"``: membership from the authority's decisions; ``"assumed"``: from the first lawful day.
    full_reasons
        Name every contribution instead of the twelve largest.
    tell
        Called with the name of each stage.
    law, X
        What `statutory` and `features` gave for this very view, where it is at hand; made here otherwise.
    executor
        Other machines that make features, scores and contributions, to the same values; None: this one.

    Returns
    -------
    Run
        Tables ``scores``, ``flags``, ``reasons``, and doors to every explanation.

    Examples
    --------
    >>> import sorg_risk as sr
    >>> run = sr.score(sr.open("data/sample").as_of("2026-10-31"))
    >>> bool(run.flags.loc[run.flags["basis"] == "model", "flag"].eq("early_warning").all())
    True
    """
    fitted = loaded(model)
    tell("law")
    law = statutory_of_all(view, lists) if law is None else law
    tell("features")
    X = features(view, executor=executor) if X is None else X
    tell("score")
    explained = Explained.of(fitted, X, executor)
    unsure = provisional_reasons(view, fitted, explained.X)
    scores = _scores(view, fitted, explained, law, provisional=bool(unsure))
    tell("explain")
    warned = _attention(view, scores, explained, law)
    flags = _beside(view, law, warned.rows(provisional=bool(unsure)))
    warnings = (*unsure, *view.loss_notices, *_knowledge(view, fitted))
    return Run(view, fitted, scores, flags, law, explained, full_reasons, warnings)


def loaded(model: RiskModel | str | Path | None) -> RiskModel:
    """The model itself, read from its folder, or the shipped one.

    Raises
    ------
    ModelError
        It reads columns that are no features of the catalogue: nothing here could compute, explain or trace them.
    """
    found = model if isinstance(model, RiskModel) else RiskModel.load(default_bundle() if model is None else model)
    own = [name for name in found.columns_.names if name not in CATALOGUE]
    if own:
        raise ModelError(
            f"the model reads columns that are no features of the catalogue: {few(own)}. A run computes, explains and traces every feature "
            "itself; score your own frame with model.predict_proba(X), or fit a model on the X of sr.panel."
        )
    return found


def _scores(view: View, model: RiskModel, explained: Explained, law: Law, *, provisional: bool) -> pd.DataFrame:
    """One row per active organisation. Rank 1 is the riskiest; equal scores rank by code."""
    org_ids = pd.Series(explained.org_ids, dtype="str")
    order = np.lexsort((org_ids.to_numpy(dtype=str), explained.score))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    return pd.DataFrame(
        {
            "org_id": org_ids,
            "as_of": pd.Series(pd.Timestamp(view.day).as_unit("s"), index=org_ids.index, dtype="datetime64[s]"),
            "score": explained.score,
            "grade": graded(org_ids, model.grade_of(explained.score), law.flags),
            "probability": explained.probability,
            "horizon_days": np.full(len(order), model.horizon_days, dtype=np.int64),
            "warning": model.warning_of(explained.score),
            "rank": rank,
            "provisional": np.full(len(order), provisional, dtype=bool),
        }
    )


def _attention(view: View, scores: pd.DataFrame, explained: Explained, law: Law) -> Attention:
    """Early warnings with the records behind their largest reasons."""
    on_a_list = set(law.members["org_id"])
    pairs = explained.leading(asking(scores, on_a_list), LEADING)
    keys = pairs.assign(keys=evidence_keys(view, pairs)).groupby("org_id")["keys"].agg(_together)
    return Attention.of(scores, on_a_list, keys, view.day)


def _together(parts: pd.Series) -> list[str]:
    """Keys of several reasons, each once, in order."""
    return sorted({key for part in parts for key in part})


def _beside(view: View, law: Law, warned: pd.DataFrame) -> pd.DataFrame:
    """Flags of both in the published order, each with the body that takes its next step."""
    parts = [part for part in (law.flags, warned) if len(part)] or [law.flags]
    both = pd.concat(parts, ignore_index=True)
    both = both.sort_values(["org_id", "flag", "status", "ground"], kind="stable", ignore_index=True)
    return both.assign(handler=routed(both, view.table("organizations")))


SIMULATION = (
    "暂定 provisional: 本模型以模拟登记数据训练，而本数据源并非模拟数据；评分、等级和预警只供试用。"
    "The model learnt from a simulated registry, and this source is not simulated: scores, grades and early warnings are for trial only. "
    f"Train a model on your own records: {TRAIN}"
)
UNSTATED = (
    "the model does not state its last knowledge day (it was fitted without days): whether its scores know the future here, nobody can say; use "
    f"them for no comparison. Fit it with days, or train it by {TRAIN}"
)


def provisional_reasons(view: View, model: RiskModel, X: pd.DataFrame) -> list[str]:
    """Why all scores of a run are provisional; empty where they are not."""
    reasons = [SIMULATION] if is_taught_by_simulation(model) and not is_simulated(view) else []
    told = model.unseen_words(model.columns_.unseen(X))
    return [*reasons, f"暂定 provisional: {told}"] if told else reasons


def _knowledge(view: View, model: RiskModel) -> list[str]:
    """What a reader should know of the days the model has seen."""
    last = getattr(model, "last_knowledge_day_", None)
    if last is None:
        return [UNSTATED]
    if view.day.isoformat() >= str(last):
        return []
    known = f"the model learnt from what was known up to {last}, after the as-of day {view.day}"
    return [f"{known}: its scores know the future here; use them for no comparison."]
