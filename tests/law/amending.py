"""A parameter of the law amended for a while: another value from a day on, by a text promulgated before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Any

from sorg_risk.law import citing
from sorg_risk.law.instruments import Instrument
from sorg_risk.law.parameters import Dated, Parameter

BEGINS = dt.date(2027, 1, 1)
ISSUED = dt.date(2026, 11, 20)
TEXT = Instrument("AMENDMENT", "《修改决定》", "Decision on Amendments", BEGINS, issued=ISSUED, certainty="R")


def other(value: Any, factor: Fraction) -> Any:
    """A value of the same form that is larger or smaller."""
    if isinstance(value, dict):
        return {name: other(one, factor) for name, one in value.items()}
    if isinstance(value, tuple):
        return tuple(other(one, factor) for one in value)
    if hasattr(value, "least"):
        return replace(value, floor=float(value.floor * factor), cap=float(value.cap * factor))
    if isinstance(value, Fraction):
        return value * factor
    return type(value)(max(value * factor, 1))


def amended(parameter: Parameter[Any], value: Any) -> tuple[Dated[Any], ...]:
    """The values of a parameter with another one from `BEGINS` on."""
    return parameter.then(value, TEXT.at(7), BEGINS, certainty="R").values


def throughout(parameter: Parameter[Any], value: Any) -> tuple[Dated[Any], ...]:
    """One value at all times, as if the law had never been another."""
    first = min(parameter.values, key=lambda dated: dated.effective_from)
    return (Dated(value, TEXT.at(7), first.effective_from, issued=first.promulgated, certainty="R"),)


@contextmanager
def law_with(*values: tuple[Parameter[Any], tuple[Dated[Any], ...]]) -> Iterator[None]:
    """The rulebook with other values, put back at the end. Parameters are shared, so every reader meets them."""
    before = [(parameter, parameter.values) for parameter, _ in values]
    try:
        for parameter, dated in values:
            object.__setattr__(parameter, "values", dated)
        citing._text.cache_clear()
        yield
    finally:
        for parameter, dated in before:
            object.__setattr__(parameter, "values", dated)
        citing._text.cache_clear()
