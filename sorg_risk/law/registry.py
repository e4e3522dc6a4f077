"""The rulebook: every rule found by walking `rules`, checked against the others.

>>> [rule.id for rule in RULES if rule.flag == "serious_dishonesty_list"][:3]
['SL-01', 'SL-02', 'SL-03']
>>> rule_of("AL-05").id, rule_of("AL-05b").id
('AL-05a', 'AL-05b')
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LawError, NotFound
from . import rules as folder
from .checks import checked
from .instruments import OPEN
from .rule import ABNORMAL, Rule, family

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd
    from numpy.typing import NDArray

    from .parameters import Parameter


def _found() -> Iterator[Rule]:
    """The rules of every file of the folder."""
    for name in sorted(info.name for info in pkgutil.iter_modules(folder.__path__)):
        module = import_module(f"{folder.__name__}.{name}")
        held: tuple[Rule, ...] = getattr(module, "RULES", ()) or ((module.RULE,) if hasattr(module, "RULE") else ())
        if not held:
            raise LawError(f"law/rules/{name}.py holds no RULE or RULES; add it or take the file away.")
        yield from held


RULES: tuple[Rule, ...] = checked(_found())
BY_KEY: dict[str, Rule] = {rule.key: rule for rule in RULES}
_BY_NAME: dict[str, Rule] = {rule.family: rule for rule in reversed(RULES)} | {rule.id: rule for rule in RULES}


def knows(ground: str) -> bool:
    """Whether a ground is the id of a rule, with or without its suffix."""
    return ground in _BY_NAME


def situation(ground: str) -> str:
    """The family of a ground; rules that describe the same situation share one.

    >>> situation("AL-05a"), situation("SZ-02"), situation("anything else")
    ('AL-05', 'AL-01', 'anyth')
    """
    same = _BY_NAME[ground].same_as if ground in _BY_NAME else ()
    return family(same[0] if same else ground)


def lasting(keys: pd.Series) -> pd.Series:
    """Whether each rule (by its key) is a duty of the abnormal list that lasts until it is done, not a penalty that passes."""
    return keys.isin([key for key, rule in BY_KEY.items() if rule.flag == ABNORMAL and rule.stay is None])


@cache
def stay_kinds() -> tuple[Parameter[int], ...]:
    """The stays that pass by time alone."""
    return tuple({rule.stay.name: rule.stay for rule in RULES if rule.stay is not None}.values())


def stay_bits(keys: pd.Series) -> NDArray[np.int64]:
    """The stay each rule (by its key) leads to, as the bit of its place in `stay_kinds`; 0: it does not pass by time alone."""
    names = [kind.name for kind in stay_kinds()]
    bits = {key: 1 << names.index(rule.stay.name) for key, rule in BY_KEY.items() if rule.stay is not None}
    return np.array([bits.get(key, 0) for key in keys], dtype=np.int64)


def noticed(keys: pd.Series) -> pd.Series:
    """Whether a listing on each rule (by its key) needs a notice and a statement first."""
    return keys.isin([key for key, rule in BY_KEY.items() if rule.needs_notice])


def holding(keys: pd.Series) -> pd.Series:
    """Whether nothing ends the stay that each rule (by its key) led to while its fact stands."""
    return keys.isin([key for key, rule in BY_KEY.items() if rule.holds])


def rule_on(ground: str, day: dt.date) -> Rule:
    """The version of a ground's rule that was in force on a day, else the newest; see `rule_of`."""
    newest = rule_of(ground)
    versions = [rule for rule in RULES if rule.id == newest.id and rule.in_force(day)]
    return versions[0] if versions else newest


def successor(rule: Rule) -> Rule | None:
    """The next version of a rule."""
    later = [other for other in RULES if other.id == rule.id and other.since > rule.since]
    return later[0] if later else None


def last_day(rule: Rule, day: dt.date) -> dt.date:
    """The last day of a rule as known on a day: what ends by a successor goes on until the successor is promulgated."""
    later = successor(rule)
    return OPEN if later is not None and not later.known_on(day) else rule.until


def lapse(rule: Rule) -> dt.date | None:
    """The last day of a rule's text where it ended without a successor and is read on provisionally, None for all others.

    What a person decides, or what was repealed, is not read on. Where every figure of the rule goes on in another text, so does the rule.
    """
    if rule.until == OPEN or rule.repealed or rule.person_decides or successor(rule) is not None:
        return None
    ends = [max(value.effective_to for value in parameter.values) for parameter in rule.figures]
    return max(rule.until, min(ends, default=rule.until))


def applied(rule: Rule, day: dt.date) -> bool:
    """Whether a run of a day applies a rule: promulgated, begun, and, where the duty lasts or no fact is found by it, still in force."""
    if not rule.known_on(day) or rule.since > day:
        return False
    lasts = rule.continuing or rule.facts is None
    return not lasts or lapse(rule) is not None or day <= last_day(rule, day)


def parameters() -> dict[str, Parameter[Any]]:
    """Every parameter a rule names, by name."""
    return {parameter.name: parameter for rule in RULES for parameter in rule.figures}


def rule_of(ground: str) -> Rule:
    """The newest rule of a ground; a family without suffix gives its first.

    Raises
    ------
    NotFound
        No rule has this id.
    """
    if ground not in _BY_NAME:
        raise NotFound.name("rule", ground, sorted(_BY_NAME))
    return _BY_NAME[ground]
