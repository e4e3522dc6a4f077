"""A run in memory: the tables of an evening, and every explanation on request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from ..errors import NotFound
from ..explain.peers import Peers
from ..explain.reasons import score_reasons
from ..explain.rules import rule_reasons
from .attention import FLAG as EARLY_WARNING

if TYPE_CHECKING:
    import shap

    from ..explain.dossier import Dossier
    from ..model import RiskModel
    from ..records import View
    from .explained import Explained
    from .score import Law

BLOCK = 20_000
"""Organisations whose reasons are made at once: bounds memory, changes nothing."""
ORDER = ["org_id", "flag_id", "rank"]


@dataclass(frozen=True, repr=False)
class Run:
    """Scores, flags and reasons of one evening, as they would be published.

    Attributes
    ----------
    scores, flags
        The tables of the contract.
    law
        The statutory part, with clauses and memberships.
    explained
        Features and exact contributions in points.
    warnings
        Doubts a reader should know of.
    """

    view: View
    model: RiskModel
    scores: pd.DataFrame
    flags: pd.DataFrame
    law: Law
    explained: Explained
    full_reasons: bool = False
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Run as of {self.view.day}: {len(self.scores)} scored, {len(self.flags)} flags>"

    def _repr_html_(self) -> str:
        counted = self.flags.groupby(["flag", "status"]).size().rename("rows").reset_index()
        notes = "".join(f"<p>⚠ {escape(warning)}</p>" for warning in self.warnings)
        head = f"{notes}<p>{self.view.day}: {len(self.scores):,} organisations scored 评分, {len(self.flags):,} flags 事项</p>"
        return head + str(counted.to_html(index=False, escape=True))

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """Why, for every flag and every score; see `reason_blocks`."""
        return pd.concat(list(self.reason_blocks()), ignore_index=True)

    def reason_blocks(self, size: int = BLOCK) -> Iterator[pd.DataFrame]:
        """Reasons in the published order, some organisations at a time."""
        everyone = sorted({*self.scores["org_id"], *self.flags["org_id"]})
        for start in range(0, max(len(everyone), 1), size):
            yield self.reasons_of(everyone[start : start + size])

    def explain(self, org_id: str, lang: str = "zh", *, earlier: Sequence[Run] = ()) -> Dossier:
        """The dossier of one organisation; an unknown one raises `NotFound` with the nearest code.

        ``earlier``: runs of evenings before, for the history of the score and what changed.
        """
        from ..explain.dossier import Dossier

        known = self.view.table("organizations")
        if org_id not in set(known["org_id"]):
            raise NotFound.name("organisation", org_id, known["org_id"])
        return Dossier.of(org_id, run=self, organizations=known, lang=lang, earlier=earlier)

    def explanation(self, flag: str = "score", *, lang: str | None = None) -> shap.Explanation:
        """Contributions as a ``shap.Explanation`` that shap's plots draw.

        ``lang``: names in Chinese ("zh") or English ("en") instead of codes; draw Chinese ones inside `explain.plots.chinese_signs`.

        ``"score"``: every scored organisation, in points. ``"early_warning"``: those warned of. Any other flag
        (``"abnormal_list"``), ground (``"AL-01"``) or ``flag_id``: its rows and the facts they rest on, each row summing to 1.
        """
        from ..explain.plots import explanation_of_rules, explanation_of_scores

        if flag == "score":
            return explanation_of_scores(self.explained.X, self.explained.values, self.explained.base, lang)
        if flag == EARLY_WARNING:
            warned = self.flags.loc[self.flags["flag"] == EARLY_WARNING, "org_id"]
            chosen = self.explained.of_orgs(warned)
            return explanation_of_scores(chosen.X, chosen.values, chosen.base, lang)
        rows = self._rows_of(flag)
        return explanation_of_rules(rows, rule_reasons(rows, self.law.clauses, most=None), lang)

    def _rows_of(self, flag: str) -> pd.DataFrame:
        """Statutory flags by flag, ground or id."""
        law = self.law.flags
        rows = law.loc[
            (law["flag"] == flag) | law["ground"].str.startswith(flag).fillna(False) | (law["flag_id"] == flag)
        ]
        if rows.empty:
            known = ["score", EARLY_WARNING, *law["flag"].unique(), *law["ground"].dropna().unique()]
            raise NotFound.name("flag", flag, sorted(set(known)))
        return rows

    def reasons_of(self, org_ids: list[str]) -> pd.DataFrame:
        """Reasons of some organisations, in the published order: of their scores, their early warnings and their statutory flags."""
        scored = self.score_reasons_of(org_ids)
        flags = self.flags.loc[self.flags["org_id"].isin(org_ids)]
        warned = flags.loc[flags["flag"] == EARLY_WARNING].set_index("org_id")["flag_id"]
        same = scored.loc[scored["org_id"].isin(warned.index)]
        same = same.assign(flag_id=same["org_id"].map(warned).astype("str"))
        ruled = rule_reasons(flags.loc[flags["basis"] == "statutory"], self.law.clauses)
        parts = [part for part in (scored, same, ruled) if len(part)] or [scored]
        return pd.concat(parts, ignore_index=True).sort_values(ORDER, kind="stable", ignore_index=True)

    def score_reasons_of(self, org_ids: list[str]) -> pd.DataFrame:
        """Reasons of the scores of some organisations, in their order; values are compared with all of the same type."""
        chosen = self.explained.of_orgs(self.explained.org_ids[self.explained.org_ids.isin(org_ids)])
        return score_reasons(
            chosen.org_ids,
            chosen.X,
            chosen.values,
            chosen.base,
            chosen.score,
            day=self.view.day,
            full=self.full_reasons,
            peers=self.peers,
        )

    @cached_property
    def peers(self) -> Peers:
        """Values of everybody scored, by type: what a value is compared with."""
        return Peers.of(self.explained.X)
