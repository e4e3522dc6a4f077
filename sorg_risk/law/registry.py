"""The rulebook: every rule found by walking `rules`, checked against the others.

>>> [rule.id for rule in RULES if rule.flag == "serious_dishonesty_list"][:3]
['SL-01', 'SL-02', 'SL-03']
>>> rule_of("AL-05").id, rule_of("AL-05b").id
('AL-05a', 'AL-05b')
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import LawError, NotFound
from . import rules as folder
from .checks import checked
from .rule import ABNORMAL, Rule, family

if TYPE_CHECKING:
    import pandas as pd


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


def noticed(keys: pd.Series) -> pd.Series:
    """Whether a listing on each rule (by its key) needs a notice and a statement first."""
    return keys.isin([key for key, rule in BY_KEY.items() if rule.needs_notice])


def holding(keys: pd.Series) -> pd.Series:
    """Whether nothing ends the stay that each rule (by its key) led to while its fact stands."""
    return keys.isin([key for key, rule in BY_KEY.items() if rule.holds])


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
