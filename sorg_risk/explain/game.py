"""Fair shares of a statutory flag: the Shapley values of a small monotone formula over facts.

A flag stands because at least one of its *terms* stands, and a term stands because all of its facts hold (an OR of ANDs). Against the
reference "none of the facts holds" (an organisation in good standing) the shares are exact. Writing f(p) for the chance that the flag stands
when every fact holds with chance p, independently, the share of a fact is the integral over p from 0 to 1 of df/d(fact) (Owen 1972, the
multilinear extension). That is a polynomial in p with whole coefficients, so its integral is a fraction; it is computed as one and rounded once.

>>> shares([("late", "no_report")])
{'late': 0.5, 'no_report': 0.5}
>>> {fact: round(share, 4) for fact, share in shares([("late", "no_report"), ("fined",)]).items()}
{'late': 0.1667, 'no_report': 0.1667, 'fined': 0.6667}
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeAlias, TypeVar, cast

from .weights import nodes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Fact = TypeVar("Fact", bound=Hashable)
Terms = frozenset[frozenset[int]]
Curve: TypeAlias = "NDArray[np.float64]"
"""A chance at each of the nodes."""


def sufficient(terms: Iterable[Iterable[Fact]]) -> list[frozenset[Fact]]:
    """Minimal sufficient reasons: the terms that contain no other term, in the order given.

    >>> [sorted(term) for term in sufficient([("a", "b"), ("b",), ("c", "d"), ("d", "c")])]
    [['b'], ['c', 'd']]
    """
    unique = list(dict.fromkeys(frozenset(term) for term in terms))
    return [term for term in unique if not any(other < term for other in unique)]


def clearing(terms: Iterable[Iterable[Fact]], most: int = 1000) -> list[frozenset[Fact]]:
    """Clearing sets: every minimal choice of facts that, no longer true, lets the flag fall (the minimal hitting sets of the terms).

    Smaller sets come first, then in the order of the terms. Where there are very many, the smallest ``most`` are kept at each step.

    >>> [sorted(one) for one in clearing([("late", "no_report"), ("fined",)])]
    [['fined', 'late'], ['fined', 'no_report']]
    """
    found: list[frozenset[Fact]] = [frozenset()]
    for term in (tuple(dict.fromkeys(term)) for term in terms):
        wider = [
            grown for one in found for grown in ([one] if one.intersection(term) else [one | {fact} for fact in term])
        ]
        found = sorted(sufficient(wider), key=len)[:most]
    return found


def shares(terms: Sequence[Iterable[Fact]]) -> dict[Fact, float]:
    """Exact Shapley value of each fact for the OR of ANDs, against "no fact holds"; they sum to 1.

    An AND of k facts gives each 1/k, an OR of k facts gives each 1/k; terms may share facts. A fact found only in terms that contain a
    smaller one gets 0.
    """
    facts = list(dict.fromkeys(fact for term in terms for fact in term))
    number = {fact: i for i, fact in enumerate(facts)}
    pattern = tuple(dict.fromkeys(tuple(sorted({number[fact] for fact in term})) for term in terms))
    return dict(zip(facts, pattern_shares(pattern), strict=True))


@dataclass(frozen=True)
class Formula(Generic[Fact]):
    """An OR of ANDs of facts that hold, as a function of the chance p with which each is granted."""

    facts: tuple[Fact, ...]
    terms: Terms

    @classmethod
    def of(cls, terms: Sequence[Iterable[Fact]]) -> Self:
        """The formula of some terms; facts in the order in which they appear."""
        facts = tuple(dict.fromkeys(fact for term in terms for fact in term))
        number = {fact: i for i, fact in enumerate(facts)}
        return cls(facts, frozenset(sufficient([number[fact] for fact in term] for term in terms)))

    @property
    def stands(self) -> bool:
        """Whether there is anything it stands on."""
        return bool(self.terms)

    def nodes(self, degree: int) -> tuple[Curve, Curve]:
        """Nodes and weights on (0, 1), exact for the formula times a polynomial of this degree."""
        return nodes(len(self.facts) + degree)

    def chance(self, p: Curve) -> Curve:
        """The chance that it stands."""
        return cast("Curve", _Chance(p).of(self.terms))

    def slope(self, fact: Fact, p: Curve) -> Curve:
        """How much the chance rises when the fact turns from false to true."""
        return cast("Curve", _Chance(p).slope(self.terms, self.facts.index(fact)))


@lru_cache(maxsize=65_536)
def pattern_shares(pattern: tuple[tuple[int, ...], ...]) -> tuple[float, ...]:
    """The shares of facts 0 .. n-1 of a formula; cached, because most flags have one of a few forms."""
    count = 1 + max((fact for term in pattern for fact in term), default=-1)
    exact = exact_shares(frozenset(sufficient(pattern)))
    return tuple(float(exact.get(fact, 0)) for fact in range(count))


def exact_shares(terms: Terms) -> dict[int, Fraction]:
    """The share of every fact of minimal terms as a fraction; the shares sum to 1.

    >>> exact_shares(frozenset({frozenset({0, 1}), frozenset({0, 2})}))
    {0: Fraction(2, 3), 1: Fraction(1, 6), 2: Fraction(1, 6)}
    """
    parts = _parts(terms)
    facts = len(set().union(*terms))
    sizes = {len(term) for term in terms}
    if (
        len(parts) == len(terms) and len(sizes) == 1
    ):  # terms of one size that share no fact: every fact has the same share
        return dict.fromkeys(sorted(set().union(*terms)), Fraction(1, facts)) if facts else {}
    point = Point.of(facts)
    chance = _Chance(point.value)
    falls = [1 - chance.of(part) for part in parts]
    all_fall = math.prod(fall**times for fall, times in Counter(falls).items())
    shares: dict[int, Fraction] = {}
    known: dict[tuple[int, int], Fraction] = {}
    for part, fall in zip(parts, falls):
        for alike in _alike(part):
            slope = chance.slope(part, alike[0])
            if (fall, slope) not in known:
                known[fall, slope] = point.integrate(all_fall // fall * slope)
            shares.update(dict.fromkeys(alike, known[fall, slope]))
    return dict(sorted(shares.items()))


class Point(NamedTuple):
    """A power of two so large that a polynomial's value there shows its coefficients (Kronecker 1882).

    The chance of a formula of n facts has coefficients of at most 3^n together, whatever the formula.
    """

    bytes_each: int
    degree: int

    @classmethod
    def of(cls, facts: int) -> Self:
        """The point for formulas of so many facts."""
        return cls((2 * facts + 9) // 8 + 1, facts)

    @property
    def value(self) -> int:
        """The point itself."""
        return 1 << (8 * self.bytes_each)

    def integrate(self, at_point: int) -> Fraction:
        """The integral from 0 to 1 of the polynomial with this value at the point."""
        half = self.value >> 1
        lifted = at_point + half * ((self.value ** (self.degree + 1) - 1) // (self.value - 1))
        digits = lifted.to_bytes(self.bytes_each * (self.degree + 1) + 1, "little")
        common = math.lcm(*range(1, self.degree + 2))
        total = 0
        for power in range(self.degree + 1):
            digit = int.from_bytes(digits[power * self.bytes_each : (power + 1) * self.bytes_each], "little")
            total += (digit - half) * (common // (power + 1))
        return Fraction(total, common)


class _Chance:
    """The chance that a formula holds, as a function of p: a whole number, or an array of nodes."""

    def __init__(self, p: Any) -> None:
        self.p = p
        self._known: dict[Terms, Any] = {}

    def slope(self, terms: Terms, fact: int) -> Any:
        """How much the chance rises when the fact turns from false to true."""
        return self.of(_held(terms, fact)) - self.of(_dropped(terms, fact))

    def of(self, terms: Terms) -> Any:
        """The chance at p; computed once."""
        if terms not in self._known:
            self._known[terms] = self._compute(terms)
        return self._known[terms]

    def _compute(self, terms: Terms) -> Any:
        """Parts that share no fact multiply; inside a part, the most shared fact is tried both ways."""
        if not terms:
            return self.p * 0
        if len(terms) == 1:
            return self.p ** len(next(iter(terms)))
        parts = _parts(terms)
        if len(parts) > 1:
            return 1 - math.prod(1 - self.of(part) for part in parts)
        fact = _most_shared(terms)
        return self.p * self.of(_held(terms, fact)) + (1 - self.p) * self.of(_dropped(terms, fact))


def _held(terms: Terms, fact: int) -> Terms:
    """The formula once the fact is known to hold: its terms get shorter and may swallow others."""
    shorter = {term - {fact} for term in terms if fact in term}
    longer = {term for term in terms if fact not in term and not any(short <= term for short in shorter)}
    return frozenset(shorter | longer)


def _dropped(terms: Terms, fact: int) -> Terms:
    """The formula once the fact is known not to hold: its terms are gone."""
    return frozenset(term for term in terms if fact not in term)


def _parts(terms: Terms) -> list[Terms]:
    """The terms in groups that share no fact, in a fixed order."""
    group: dict[int, set[int]] = {}
    for term in terms:
        merged = set().union(term, *(group[fact] for fact in term if fact in group))
        group.update(dict.fromkeys(merged, merged))
    lead = {fact: min(facts) for fact, facts in group.items()}
    found: dict[int, set[frozenset[int]]] = {}
    for term in terms:
        found.setdefault(lead[min(term)] if term else -1, set()).add(term)
    return [frozenset(found[first]) for first in sorted(found)]


def _alike(terms: Terms) -> list[list[int]]:
    """The facts of a formula, those that occur in the same terms together: they have the same share."""
    where: dict[int, list[int]] = {}
    for i, term in enumerate(sorted(terms, key=sorted)):
        for fact in term:
            where.setdefault(fact, []).append(i)
    found: dict[tuple[int, ...], list[int]] = {}
    for fact in sorted(where):
        found.setdefault(tuple(where[fact]), []).append(fact)
    return list(found.values())


def _most_shared(terms: Terms) -> int:
    """The fact in most terms (the first of equals): trying it both ways cuts the formula most."""
    counted: dict[int, int] = {}
    for term in terms:
        for fact in term:
            counted[fact] = counted.get(fact, 0) + 1
    return min(counted, key=lambda fact: (-counted[fact], fact))
