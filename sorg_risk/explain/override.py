"""Rule and model in one game: a statutory rule that overrides the score, and a flag that rests on rule or model.

`Override` answers "what would the shares be if the law replaced the score": the final value is a constant where the rule stands and the
score elsewhere. Features and facts are the players, the reference is the background (for features) and "no fact holds" (for facts). Every
leaf times every way the rule stands is again a product, so the Shapley values stay exact: with R(p) the chance that the rule stands when
each fact holds with chance p, a feature's value is its leaf's gain under the weight 1 - R(p), integrated over p, instead of under 1. That
weight is a polynomial; in Legendre polynomials it needs one table of contributions a degree (`weights`), so an override costs a few look-ups.

`either` answers "rule or model": an OR in which the model's verdict is one more fact. Its two levels are named, because spreading the
model's share over features is a convention, not the Shapley value of the OR over features that rule and model share.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from ..errors import ModelError, UsageError
from .game import Formula, Terms, shares, sufficient
from .weights import legendre

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .exact import ExactExplainer

Fact = TypeVar("Fact", bound=Hashable)

NOTE = {
    "zh": "两级分摊：先在事实与模型之间按沙普利值分摊，再把模型所占份额按各指标的贡献分到指标；第二级是约定，并非共享指标上整体的沙普利值。",
    "en": (
        "Two-level split: Shapley values between the facts and the model, then the model's share over its features by their contributions; "
        "the second level is a convention, not the Shapley value of the whole over shared features."
    ),
}


@dataclass(frozen=True)
class Overridden(Generic[Fact]):
    """Exact shares of a score under a rule: ``base + features.sum() + sum(facts) == value``.

    Attributes
    ----------
    base
        Value of the reference: the mean score of the background.
    features
        Contributions of the model's features.
    facts
        Contribution of each fact of the rule.
    value
        The final value: the constant where the rule stands, else the score.
    """

    base: float
    features: NDArray[np.float64]
    facts: dict[Fact, float]
    value: float


class Override:
    """Scores of one model under statutory rules.

    Parameters
    ----------
    explainer
        An interventional `ExactExplainer`.
    factor, offset
        From log-odds to points: ``points = offset - factor * log-odds``; the default keeps log-odds.

    Examples
    --------
    >>> import numpy as np
    >>> import sorg_risk as sr
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 3)); y = (X[:, 0] + rng.normal(size=300) > 0).astype(int)
    >>> model = sr.RiskModel(seeds=1).fit(X, y)
    >>> capped = Override(sr.ExactExplainer(model, X[:50]), offset=model.offset, factor=model.factor)
    >>> told = capped.explain(X[:1], [("late", "no_report")], constant=350.0)
    >>> bool(abs(told.base + told.features.sum() + sum(told.facts.values()) - 350.0) < 1e-9)
    True
    """

    def __init__(self, explainer: ExactExplainer, *, factor: float = -1.0, offset: float = 0.0) -> None:
        if explainer.background is None:
            raise ModelError("an override needs a reference: give the explainer a background.")
        self._explainer, self._factor, self._offset = explainer, factor, offset
        self._moments = [explainer.engine]
        self._weighings: dict[Terms, _Weighing] = {}

    def explain(self, X: Any, terms: Sequence[Iterable[Fact]], constant: float) -> Overridden[Fact]:
        """Explain one row (a frame or array of one row).

        Parameters
        ----------
        X
            The row.
        terms
            The terms of the rule that are true for it: an OR of ANDs of facts. None: the rule does not stand.
        constant
            The final value where the rule stands.
        """
        return self.explain_each(X, [terms], [constant])[0]

    def explain_each(
        self, X: Any, terms: Sequence[Sequence[Iterable[Fact]]], constants: Sequence[float]
    ) -> list[Overridden[Fact]]:
        """Explain many rows, each under its own rule and constant; much quicker than one after the other."""
        M = self._explainer.reading.matrix(X)
        if not len(M) == len(terms) == len(constants):
            raise UsageError(
                f"{len(M)} rows, {len(terms)} rules and {len(constants)} constants were given; give one of each a row."
            )
        rules = [Formula.of(one) for one in terms]
        weighings = [self._weighing(rule) for rule in rules]
        moments = self._found(M, max((len(one.free) for one in weighings), default=1))
        return [
            self._put_together(rule, weighing, moments[: len(weighing.free), row], constant)
            for row, (rule, weighing, constant) in enumerate(zip(rules, weighings, constants, strict=True))
        ]

    def _put_together(
        self, rule: Formula[Fact], weighing: _Weighing, moments: NDArray[np.float64], constant: float
    ) -> Overridden[Fact]:
        base = self._offset - self._factor * self._explainer.expected_value
        whole = moments.sum(axis=1)  # of the score, by degree; the first is its distance from the base
        held = weighing.held * (constant - base + self._factor * whole[0]) - self._factor * weighing.turned @ whole
        value = constant if rule.stands else base - self._factor * float(whole[0])
        return Overridden(
            base, -self._factor * (weighing.free @ moments), dict(zip(rule.facts, held.tolist(), strict=True)), value
        )

    def _found(self, M: NDArray[np.float64], degrees: int) -> NDArray[np.float64]:
        """Legendre moments of every feature's slope, [degree, row, feature]; the first is its contribution."""
        while len(self._moments) < degrees:
            self._moments.append(self._explainer.engine.moment(len(self._moments)))
        found = np.stack([engine.contributions(M) for engine in self._moments[:degrees]])
        found[0] += self._explainer.additive(M)
        return found

    def _weighing(self, rule: Formula[Fact]) -> _Weighing:
        """How a form of rule weighs the moments; worked out once. A slope has fewer degrees than the deepest leaf conditions."""
        if rule.terms not in self._weighings:
            degrees = 1 + min(len(rule.facts), max(self._explainer.engine.deepest - 1, 0))
            self._weighings[rule.terms] = _Weighing.of(rule, degrees)
        return self._weighings[rule.terms]


@dataclass(frozen=True)
class _Weighing:
    """A form of rule in Legendre polynomials, with R(p) the chance that it stands.

    ``free`` [degree]: 1 - R. ``held`` [fact]: the integral of the fact's slope in R. ``turned`` [fact, degree]: the slope's own integral
    from 0 to p, by which a change of the score between 0 and p is passed on (integration by parts).
    """

    free: NDArray[np.float64]
    held: NDArray[np.float64]
    turned: NDArray[np.float64]

    @classmethod
    def of(cls, rule: Formula[Any], degrees: int) -> _Weighing:
        p, weight = rule.nodes(degrees + 1)
        scale = 2 * np.arange(degrees) + 1
        polynomials = np.stack([legendre(j, p) for j in range(degrees + 1)])
        above = np.stack(
            [1 - p, *((polynomials[j - 1] - polynomials[j + 1]) / (2 * scale[j]) for j in range(1, degrees))]
        )
        slopes = np.array([rule.slope(fact, p) for fact in rule.facts]).reshape(len(rule.facts), len(p)) * weight
        return cls(
            scale * (polynomials[:-1] @ (weight * (1.0 - rule.chance(p)))),
            slopes.sum(axis=1),
            scale * (slopes @ above.T),
        )


@dataclass(frozen=True)
class Split(Generic[Fact]):
    """A flag that rests on rule or model, on two levels; everything sums to 1.

    Attributes
    ----------
    facts
        Share of each fact of the rule.
    model
        Share of the model's verdict.
    features
        The model's share, spread over its features in proportion to their contributions.
    reasons
        Minimal sufficient reasons; ``None`` in them stands for the model's verdict.
    note
        What the second level is, in Chinese and English.
    """

    facts: dict[Fact, float]
    model: float
    features: dict[str, float]
    reasons: list[frozenset[Fact | None]]
    note: Mapping[str, str]


def either(terms: Sequence[Iterable[Fact]], contributions: Mapping[str, float], *, over_line: bool) -> Split[Fact]:
    """Split a flag raised by "the rule stands or the model is over its line".

    Parameters
    ----------
    terms
        The true terms of the rule.
    contributions
        The model's contributions to its margin, towards the line positive.
    over_line
        Whether the model is over its line.

    Examples
    --------
    >>> split = either([("late", "no_report")], {"complaints": 0.6, "age": -0.1}, over_line=True)
    >>> {fact: round(share, 4) for fact, share in split.facts.items()}, round(split.model, 4)
    ({'late': 0.1667, 'no_report': 0.1667}, 0.6667)
    """
    every: list[tuple[Fact | None, ...]] = [tuple(term) for term in terms]
    if over_line:
        every.append((None,))
    if not every:
        raise UsageError("neither the rule stands nor is the model over its line: there is no flag to explain.")
    found = shares(every)
    model = found.pop(None, 0.0)
    pushed = sum(contributions.values())
    if over_line and not pushed > 0:
        raise UsageError("the model is over its line, but its contributions do not push it there; check their sign.")
    spread = {name: model * value / pushed for name, value in contributions.items()} if over_line else {}
    facts = {fact: share for fact, share in found.items() if fact is not None}
    return Split(facts, model, spread, sufficient(every), NOTE)
