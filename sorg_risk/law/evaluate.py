"""All facts of all rules on an evening, filtered by both clocks, by scope, and without what an exemption takes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..calendar.periods import stamp
from ..records import TABLES
from ..records.lookups import within
from .absence import doubts_of, withheld_for
from .facts import BESIDE, YEAR, Facts, lists_of, none
from .instruments import OPEN
from .parameters import joined
from .registry import BY_KEY, RULES, applied, lapse, last_day, situation
from .rule import ABNORMAL, SERIOUS, Rule, family

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .known import Known


_NAMEABLE = frozenset(name for name, table in TABLES.items() if "org_id" in table.names) - {"organizations"}
WITHHELD: Final = "withheld"
"""The column of references to rows that are not used and may be what a fact misses: a list, or None."""


@dataclass(frozen=True)
class Found:
    """Facts of many rules.

    ``frame``: the columns of `Facts.frame` with ``flag``, ``rule`` (its key), ``at`` (its row in ``behind``) and `WITHHELD`; one row a fact.
    ``behind``: rule key → its facts with values and records.
    """

    frame: pd.DataFrame
    behind: dict[str, Facts]

    def __add__(self, other: Found) -> Found:
        parts = [part.frame for part in (self, other) if len(part.frame)] or [self.frame]
        return Found(pd.concat(parts, ignore_index=True), {**self.behind, **other.behind})

    def evidence(self, rows: pd.DataFrame) -> pd.Series:
        """The records behind each row (columns ``rule`` and ``at``), as ``table:key``."""
        told = np.empty(len(rows), dtype=object)
        for key, place in self._by_rule(rows):
            told[place] = pd.Series(lists_of(self._behind(key, rows, "records", place)), dtype=object)
        if WITHHELD in rows:
            for at, references in enumerate(rows[WITHHELD]):
                told[at] = [*told[at], *references] if isinstance(references, list) else told[at]
        return pd.Series(told, index=rows.index, dtype=object)

    def names(self, rows: pd.DataFrame, evidence: pd.Series) -> pd.Series:
        """What an exemption or a step may call each row: its records by their keys alone and as ``table:key``, and the rule
        with the fiscal year."""
        told = [_names(one) for one in evidence]
        for key, place in self._by_rule(rows):
            if BESIDE in self.behind[key].records:
                beside = self._behind(key, rows, "records", place)[BESIDE]
                for at, record in zip(place, beside, strict=True):
                    told[at] = [name for name in told[at] if record not in (name, f"filings:{name}")]
            if YEAR in self.behind[key].values:
                rule = BY_KEY[key].id
                calls = sorted({rule, family(rule), situation(rule)})
                for at, year in zip(place, self._behind(key, rows, "values", place)[YEAR], strict=True):
                    told[at] += [f"{name}:{year}" for name in calls]
        return pd.Series(told, index=rows.index, dtype=object)

    def _by_rule(self, rows: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """The places of the rows of each rule."""
        for key, place in rows.groupby("rule", sort=False).indices.items():
            yield str(key), np.asarray(place)

    def _behind(self, key: str, rows: pd.DataFrame, what: str, place: NDArray[np.intp]) -> pd.DataFrame:
        """Values or records of some rows of one rule."""
        frame: pd.DataFrame = getattr(self.behind[key], what)
        return frame.iloc[rows["at"].to_numpy(dtype=np.int64)[place]]


def _names(records: list[str]) -> list[str]:
    """Keys of records, alone and behind their table; an organisation, or a notice to everyone, is no record that an exemption could mean."""
    own = [record for record in records if record.partition(":")[0] in _NAMEABLE]
    return [*(record.partition(":")[2] for record in own), *own]


def find(known: Known, rules: Iterable[Rule]) -> Found:
    """The facts of some rules as known on the day."""
    parts = [(rule, _of_rule(rule, known)) for rule in rules if rule.facts is not None and applies(rule, known)]
    frames = [frame for _, (frame, _) in parts if len(frame)]
    empty = none().frame.assign(flag="", rule="", at=0, **{WITHHELD: None})
    found = Found(
        pd.concat(frames, ignore_index=True) if frames else empty, {rule.key: facts for rule, (_, facts) in parts}
    )
    kept = ~(_exempt(found, known) | _displaced(found.frame, known))
    return Found(found.frame.loc[kept].reset_index(drop=True), found.behind)


def base_rules() -> list[Rule]:
    """Grounds of the two lists that do not themselves depend on the lists."""
    return [rule for rule in RULES if rule.flag in (ABNORMAL, SERIOUS) and not rule.reads_lists]


def applies(rule: Rule, known: Known) -> bool:
    """Promulgated by the day, still in force where the duty lasts, and not off for foreign records."""
    if known.foreign and not rule.scope.everyone:
        return False
    if known.due_on:
        return rule.until == OPEN
    return applied(rule, known.day)


def _of_rule(rule: Rule, known: Known) -> tuple[pd.DataFrame, Facts]:
    assert rule.facts is not None
    readable = rule.scope.holds(known.organizations).any() and all(len(known.table(name)) for name in rule.reads)
    found: Facts = rule.facts(known) if readable else none()
    if not len(found):
        return found.frame, found
    frame = found.frame
    kept = (frame["since"] <= known.today).to_numpy(dtype=bool)
    ended = lapse(rule)
    if not known.due_on:
        last = OPEN if ended is not None else last_day(rule, known.day)
        kept = kept & judged_on(frame).between(stamp(rule.since), stamp(last)).to_numpy(dtype=bool)
    kept = kept & _addressed(frame, rule, known)
    at = np.flatnonzero(kept)
    frame = frame.iloc[at].assign(flag=rule.flag, rule=rule.key, at=at)
    doubt = pd.Series(f"rule:{rule.id}" if rule.certainty == "U" else "", index=frame.index, dtype="str")
    if ended is not None:
        doubt = doubt.mask(judged_on(frame) > stamp(ended), f"lapsed:{rule.key}")
    unused = withheld_for(rule, frame, found.values.iloc[at], known.view.withheld)
    absent = pd.Series([";".join(doubts_of(rows)) for rows in unused], index=frame.index, dtype="str")
    doubted = joined([frame["unconfirmed"], doubt, absent], frame.index)
    return frame.assign(unconfirmed=doubted, **{WITHHELD: unused}), found


def judged_on(frame: pd.DataFrame) -> pd.Series:
    """The day on which the law must be in force for each fact."""
    return frame["judged_on"].where(frame["judged_on"].notna(), frame["since"])


def _addressed(frame: pd.DataFrame, rule: Rule, known: Known) -> NDArray[np.bool_]:
    """Facts of organisations in the rule's scope that had not left the register when the fact arose."""
    place = known.place(frame["org_id"])
    left = known.organizations["left_on"].to_numpy()
    meant = rule.scope.holds(known.organizations)
    gone = frame["since"].to_numpy() > left[place]
    return (place >= 0) & meant[place] & ~gone


def _exempt(found: Found, known: Known) -> NDArray[np.bool_]:
    """Objections take a fact out everywhere; a certificate of no direct responsibility takes it out of the abnormal list only."""
    objected = _named(found, known.exempt("objection"))
    excused = _named(found, known.exempt("no_direct_responsibility"))
    return objected | (excused & (found.frame["flag"] == ABNORMAL).to_numpy(dtype=bool))


def _named(found: Found, names: pd.MultiIndex) -> NDArray[np.bool_]:
    """Facts one of whose records or names an exemption of the same organisation refers to."""
    held = np.zeros(len(found.frame), dtype=bool)
    if names.empty or found.frame.empty:
        return held
    asked = set(names)
    touched = np.flatnonzero(within(found.frame["org_id"], names.get_level_values(0)))
    rows = found.frame.iloc[touched]
    called = found.names(rows, found.evidence(rows))
    held[touched] = [
        any((org_id, name) in asked for name in one) for org_id, one in zip(rows["org_id"], called, strict=True)
    ]
    return held


def _displaced(frame: pd.DataFrame, known: Known) -> NDArray[np.bool_]:
    """Facts of rules that a more particular rule displaces for the organisations in its scope."""
    out = np.zeros(len(frame), dtype=bool)
    for rule in RULES:
        if rule.instead_of and applies(rule, known):
            named = np.flatnonzero(frame["ground"].isin(rule.instead_of).to_numpy(dtype=bool))
            out[named] |= rule.scope.holds(known.organizations)[known.place(frame["org_id"].iloc[named])]
    return out


def stands(frame: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Whether each fact stands on a day: it arose by then and is not over as of its end."""
    return (frame["since"] <= day) & ~(frame["ends"] <= day)
