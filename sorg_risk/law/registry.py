"""The rulebook: every rule found by walking `rules`, checked against the others.

>>> [rule.id for rule in RULES if rule.flag == "serious_dishonesty_list"][:3]
['SL-01', 'SL-02', 'SL-03']
"""

from __future__ import annotations

import itertools
import pkgutil
from importlib import import_module

from ..errors import LawError, NotFound
from . import rules as folder
from .rule import Rule


def _found() -> tuple[Rule, ...]:
    """All rules by id; two of one id must not be in force on the same day."""
    names = sorted(info.name for info in pkgutil.iter_modules(folder.__path__))
    found: list[Rule] = []
    for name in names:
        module = import_module(f"{folder.__name__}.{name}")
        held: tuple[Rule, ...] = getattr(module, "RULES", ()) or ((module.RULE,) if hasattr(module, "RULE") else ())
        if not held:
            raise LawError(f"law/rules/{name}.py holds no RULE; add it or take the file away.")
        found += held
    ordered = tuple(sorted(found, key=lambda rule: (rule.id, rule.effective_from)))
    for earlier, later in itertools.pairwise(ordered):
        if earlier.id == later.id and later.effective_from <= earlier.effective_to:
            raise LawError(
                f"rule {later.id} stands twice from {later.effective_from}; end the earlier one the day before."
            )
    return ordered


RULES: tuple[Rule, ...] = _found()


def family(ground: str) -> str:
    """The rule id of a ground, without its suffix (AL-05a → AL-05)."""
    return ground[:5]


def rule_of(ground: str) -> Rule:
    """The newest rule of a ground.

    Raises
    ------
    NotFound
        No rule has this id.
    """
    for rule in reversed(RULES):
        if rule.id == family(ground):
            return rule
    raise NotFound.name("rule", ground, sorted({rule.id for rule in RULES}))
