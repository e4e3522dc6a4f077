"""What an aggregate is, how one is declared, and what recipes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...records.packed import FEN
from ..ingredients import Ingredient, Rows, Span

if TYPE_CHECKING:
    from ..declare import Feature

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Formula = Callable[..., Floats]
Recipe = tuple[tuple[Ingredient, ...], Formula]

NEVER_EMPTY = "never empty: no rows make 0"
NO_ROWS = "no such row with a value"


@dataclass(frozen=True)
class Aggregate:
    """One aggregate: its definition in words, what an empty value means, and its recipe for a feature and as-of days.

    ``needs``/``takes``: fields of a feature that it must and may have. ``in_order``: it needs the rows in the order of
    their table's own clock.
    """

    words: str
    missing: str
    recipe: Callable[[Feature, Ints], Recipe]
    needs: tuple[str, ...]
    takes: tuple[str, ...]
    in_order: bool


AGGREGATES: dict[str, Aggregate] = {}


def aggregate(
    words: str, missing: str = NO_ROWS, *, needs: str = "", takes: str = "window_days", in_order: bool = False
) -> Callable[[Callable[[Feature, Ints], Recipe]], None]:
    """Declares an aggregate: the decorated function is its recipe and gives its name."""

    def register(recipe: Callable[[Feature, Ints], Recipe]) -> None:
        name = recipe.__name__.strip("_")
        AGGREGATES[name] = Aggregate(words, missing, recipe, tuple(needs.split()), tuple(takes.split()), in_order)

    return register


def rows_of(one: Feature) -> Rows:
    """Rows of a feature; those without the value it measures are left out."""
    return Rows(one.table, Span(one.event, one.until, one.window_days or 0)).also(one.where, known=one.value)


def scale_of(one: Feature) -> int:
    """Units in which the value is summed: fen for money."""
    return FEN if one.columns[one.value].kind == "money" else 1


def ratio(top: Floats | Ints, bottom: Floats | Ints) -> Floats:
    """A quotient, empty unless the divisor is above 0."""
    found = np.full(np.shape(top), np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return found


def as_it_is(answer: Floats) -> Floats:
    """An answer that needs no formula."""
    return np.asarray(answer, dtype=np.float64)
