"""All facts of all rules on an evening, filtered by both clocks and without what an exemption takes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from .facts import nothing, together
from .known import Known
from .periods import stamp
from .registry import RULES
from .rule import ABNORMAL, SERIOUS, Rule

if TYPE_CHECKING:
    from ..records import View


def facts_of(known: Known, flags: tuple[str, ...]) -> pd.DataFrame:
    """Facts of the rules with these flags, with ``flag`` and ``rule`` beside them: what is known, in force and promulgated."""
    parts = [_of_rule(rule, known) for rule in RULES if rule.flag in flags and rule.facts and _applies(rule, known)]
    found = together([p for p in parts if len(p)] or [nothing().assign(flag="", rule="")])
    return _without_exempt(found, known)


def _applies(rule: Rule, known: Known) -> bool:
    return rule.known_on(known.day) and not (known.foreign and rule.needs_code)


def _of_rule(rule: Rule, known: Known) -> pd.DataFrame:
    assert rule.facts is not None
    found = rule.facts(known)
    inside = (found["since"] >= stamp(rule.effective_from)) & (found["since"] <= known.today)
    if rule.effective_to.year < 9999:
        inside &= found["since"] <= stamp(rule.effective_to)
    chosen = found.loc[inside].assign(flag=rule.flag, rule=rule.id)
    return chosen.assign(provisional=chosen["provisional"] | (rule.certainty == "U"))


def _without_exempt(found: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Objections take a fact out everywhere; a certificate of no direct responsibility takes it out of the abnormal list only."""
    if found.empty or not (known.objected or known.not_responsible):
        return found
    objected = pd.Series([bool(known.objected & set(refers)) for refers in found["refers"]], index=found.index)
    excused = pd.Series(
        [
            flag == ABNORMAL and any((org, name) in known.not_responsible for name in refers)
            for org, flag, refers in zip(found["org_id"], found["flag"], found["refers"], strict=True)
        ],
        index=found.index,
    )
    return found.loc[~(objected | excused)].reset_index(drop=True)


def stands(found: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Whether each fact stands on a day: it arose by then and is not over as of its end."""
    return (found["since"] <= day) & ~(found["ends"] <= day)


def grounds(view: View) -> pd.DataFrame:
    """Every ground of the two lists that ever arose, as known on the view's day.

    Returns
    -------
    pandas.DataFrame
        org_id, ground, since, ends (missing: it stands), evidence; sorted. What a label is made from.
    """
    found = facts_of(Known(view), (ABNORMAL, SERIOUS))
    columns = ["org_id", "ground", "since", "ends", "evidence"]
    return found.loc[:, columns].sort_values(["org_id", "since", "ground"], kind="stable").reset_index(drop=True)


def standing(view: View) -> pd.DataFrame:
    """The grounds of the two lists that stand on the view's day; columns as in `grounds`."""
    found = grounds(view)
    return found.loc[stands(found, Known(view).today)].reset_index(drop=True)
