"""What makes a rulebook impossible to import: the checks that run once over all rules, each naming the culprit and the cure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from ..errors import LawError, NotFound

if TYPE_CHECKING:
    from .rule import Rule


def checked(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules in order, or the first contradiction among them as a `LawError`."""
    ordered = tuple(sorted(rules, key=lambda rule: (rule.id, rule.since)))
    for earlier, later in pairwise(ordered):
        if earlier.id == later.id:
            _follow(earlier, later)
    _references(ordered)
    for one, other in combinations([rule for rule in ordered if rule.subject], 2):
        _conflict(one, other)
    return ordered


def _follow(earlier: Rule, later: Rule) -> None:
    """Versions of one rule follow each other day after day."""
    gap = (later.since - earlier.until).days
    if gap < 1:
        raise LawError(f"rule {later.id} stands twice from {later.since}; end the earlier version the day before.")
    if gap > 1:
        raise LawError(
            f"rule {later.id} leaves a gap from {earlier.until} to {later.since}; close it or use another id."
        )


def _references(rules: Sequence[Rule]) -> None:
    """Relations name rules that exist."""
    ids = {rule.id for rule in rules} | {rule.family for rule in rules}
    for rule in rules:
        for name in (*rule.same_as, *rule.beside, *rule.instead_of):
            if name not in ids:
                raise LawError(f"rule {rule.id}: {NotFound.name('rule', name, sorted(ids))}")


def _conflict(one: Rule, other: Rule) -> None:
    """Two rules on one subject, for the same organisation on the same day, must say how they stand to each other."""
    if one.id == other.id or one.subject != other.subject or not one.scope.meets(other.scope):
        return
    if one.since > other.until or other.since > one.until:
        return
    declared = [{*rule.same_as, *rule.beside, *rule.instead_of} for rule in (one, other)]
    if not ({other.id, other.family} & declared[0] or {one.id, one.family} & declared[1]):
        raise LawError(
            f"rules {one.id} and {other.id} both govern {one.subject!r} for the same organisations from "
            f"{max(one.since, other.since)} on; declare `beside`, `same_as` or `instead_of` on one of them."
        )
