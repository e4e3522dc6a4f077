"""All facts of all rules on an evening, filtered by both clocks, by scope, and without what an exemption takes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .facts import Facts, none
from .instruments import OPEN
from .periods import looked_up, stamp
from .registry import RULES
from .rule import ABNORMAL, SERIOUS, Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .known import Known


@dataclass(frozen=True)
class Found:
    """Facts of many rules.

    ``frame``: the columns of `Facts.frame` with ``flag``, ``rule`` (its key) and ``at`` (its row in ``values``); one row a fact.
    ``values``: rule key → what the sentences of its facts say.
    """

    frame: pd.DataFrame
    values: dict[str, pd.DataFrame]

    def of(self, *flags: str) -> pd.DataFrame:
        """The facts that raise one of these flags."""
        return self.frame.loc[self.frame["flag"].isin(flags)].reset_index(drop=True)

    def __add__(self, other: Found) -> Found:
        parts = [part.frame for part in (self, other) if len(part.frame)] or [self.frame]
        return Found(pd.concat(parts, ignore_index=True), {**self.values, **other.values})


def find(known: Known, rules: Iterable[Rule]) -> Found:
    """The facts of some rules as known on the day."""
    asked = [rule for rule in rules if rule.facts is not None and applies(rule, known)]
    parts = [(rule, _of_rule(rule, known)) for rule in asked]
    frames = [frame for _, (frame, _) in parts if len(frame)]
    empty = none().frame.assign(flag="", rule="", at=0)
    frame = pd.concat(frames, ignore_index=True) if frames else empty
    frame = frame.loc[~(_exempt(frame, known) | _displaced(frame, known))].reset_index(drop=True)
    return Found(frame, {rule.key: values for rule, (_, values) in parts})


def base_rules() -> list[Rule]:
    """Grounds of the two lists that do not themselves depend on the lists."""
    return [rule for rule in RULES if rule.flag in (ABNORMAL, SERIOUS) and not rule.reads_lists]


def applies(rule: Rule, known: Known) -> bool:
    """Promulgated by the day, still in force where the duty lasts, and not off for foreign records."""
    if known.foreign and not rule.scope.everyone:
        return False
    if known.due_on:
        return rule.until == OPEN
    return rule.known_on(known.day) and rule.since <= known.day and (not rule.continuing or known.day <= rule.until)


def _of_rule(rule: Rule, known: Known) -> tuple[pd.DataFrame, pd.DataFrame]:
    assert rule.facts is not None
    readable = all(len(known.table(name)) for name in rule.reads)
    found: Facts = rule.facts(known) if readable else none()
    if not len(found):
        return found.frame, found.values
    frame = found.frame.assign(flag=rule.flag, rule=rule.key, at=np.arange(len(found)))
    kept = frame["since"] <= known.today
    if not known.due_on:
        judged_on = frame["judged_on"].where(frame["judged_on"].notna(), frame["since"])
        kept &= judged_on.between(stamp(rule.since), stamp(rule.until))
    frame = frame.loc[kept]
    frame = frame.loc[_addressed(frame, rule, known)]
    doubts = [f"rule:{rule.id}"] if rule.certainty == "U" else []
    doubts += [f"parameter:{p.name}" for p in rule.parameters if (v := p.find(known.day)) and v.certainty == "U"]
    if doubts and len(frame):
        frame = frame.assign(unconfirmed=[";".join(filter(None, [one, *doubts])) for one in frame["unconfirmed"]])
    return frame, found.values


def _addressed(frame: pd.DataFrame, rule: Rule, known: Known) -> NDArray[np.bool_]:
    """Facts of organisations in the rule's scope that had not left the register when the fact arose."""
    orgs = known.organizations
    if not rule.scope.everyone:
        orgs = orgs.loc[rule.scope.holds(orgs)]
    left = looked_up(frame["org_id"], orgs.set_index("org_id")["left_on"])
    return (frame["org_id"].isin(orgs["org_id"]) & ~(frame["since"] > left)).to_numpy(dtype=bool)


def _exempt(frame: pd.DataFrame, known: Known) -> NDArray[np.bool_]:
    """Objections take a fact out everywhere; a certificate of no direct responsibility takes it out of the abnormal list only."""
    objected = _named(frame, known.exempt("objection"))
    return objected | (
        _named(frame, known.exempt("no_direct_responsibility")) & (frame["flag"] == ABNORMAL).to_numpy(dtype=bool)
    )


def _named(frame: pd.DataFrame, names: pd.MultiIndex) -> NDArray[np.bool_]:
    """Facts one of whose records or names an exemption of the same organisation refers to."""
    held = np.zeros(len(frame), dtype=bool)
    if names.empty or frame.empty:
        return held
    asked = set(names)
    touched = np.flatnonzero(frame["org_id"].isin(names.get_level_values(0)).to_numpy(dtype=bool))
    org_ids, refers = frame["org_id"].iloc[touched].tolist(), frame["refers"].iloc[touched].tolist()
    held[touched] = [any((org_id, name) in asked for name in one) for org_id, one in zip(org_ids, refers, strict=True)]
    return held


def _displaced(frame: pd.DataFrame, known: Known) -> NDArray[np.bool_]:
    """Facts of rules that a more particular rule displaces for the organisations in its scope."""
    out = np.zeros(len(frame), dtype=bool)
    orgs = known.organizations
    for rule in RULES:
        if rule.instead_of and applies(rule, known):
            inside = orgs.loc[rule.scope.holds(orgs), "org_id"]
            out |= (frame["ground"].isin(rule.instead_of) & frame["org_id"].isin(inside)).to_numpy(dtype=bool)
    return out


def stands(frame: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Whether each fact stands on a day: it arose by then and is not over as of its end."""
    return (frame["since"] <= day) & ~(frame["ends"] <= day)
