"""The matrix: every feature of every active organisation, for one day or for many in the same pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import UsageError
from ..records import Source, View
from ..records.packed import Packs
from .aggregates import AGGREGATES, Recipe
from .compute import Answer, answers
from .declare import Feature
from .ingredients import Ingredient, Reading, Rows, Span
from .peers import percentiles
from .registry import CATALOGUE, feature

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_REGISTER = Rows("organizations", Span("recorded_at"))
_STATUS = Reading(_REGISTER, "recorded_at", "status")
_KNOWN_SINCE = Reading(_REGISTER, "recorded_at", "recorded_at")


def features(
    data: View | Source,
    days: Iterable[dt.date | str] | None = None,
    *,
    names: Iterable[str] | None = None,
    everyone: bool = False,
) -> pd.DataFrame:
    """All features, as known on the day: one column a feature, float64 or category.

    A view gives rows by ``org_id``; a source with ``days`` gives rows by (``as_of``, ``org_id``), computed in one pass
    and equal to one view after the other. Organisations that are active on the day; ``everyone=True`` adds the
    deregistered and revoked. ``names`` picks some features. Percentiles compare with the active organisations of the
    data given: a restricted view has fewer peers. Raises `UsageError` for a source without days, `NotFound` for an
    unknown feature.

    >>> import sorg_risk as sr
    >>> X = sr.features(sr.open("data/sample").as_of("2026-10-31"), names=["complaints_90d", "org_type"])
    >>> X.index.name, [str(kind) for kind in X.dtypes]
    ('org_id', ['float64', 'category'])
    """
    wanted = list(CATALOGUE.values()) if names is None else [feature(name) for name in names]
    if isinstance(data, View):
        if days is not None:
            raise UsageError("a view has its own day; give the source to ask for several days.")
        return _matrix(data.packs, [data.day], wanted, everyone).droplevel("as_of")
    if days is None:
        raise UsageError("a source needs days=[…]; for one day ask the view: features(source.as_of(day)).")
    chosen = sorted({data.as_of(day).day for day in days})
    if not chosen:
        raise UsageError("no as-of day given; name at least one.")
    return _matrix(data.packs, chosen, wanted, everyone)


def _matrix(packs: Packs, days: list[dt.date], wanted: list[Feature], everyone: bool) -> pd.DataFrame:
    numbers = np.array(days, dtype="datetime64[D]").astype(np.int64)
    values, known, active = computed(packs, numbers, wanted)
    chosen = (known if everyone else active).T
    day_at, org_at = np.nonzero(chosen)
    index = pd.MultiIndex.from_arrays(
        [np.array(days, dtype="datetime64[s]")[day_at], packs.orgs[org_at]], names=["as_of", "org_id"]
    )
    columns = {one.name: column(one, values[one.name].T[chosen]) for one in wanted}
    return pd.DataFrame(columns, index=range(len(index))).set_axis(index)


def computed(packs: Packs, days: Ints, wanted: Iterable[Feature]) -> tuple[dict[str, Floats], Bools, Bools]:
    """Values (organisations, days) by feature, bases and peers included; which organisations are known, and active."""
    needed = with_bases(wanted)
    recipes = {one.name: AGGREGATES[one.aggregate].recipe(one, days) for one in needed if not one.base}
    columns = {name for one in needed for name in one.peers if name not in CATALOGUE}
    readings = {name: Reading(_REGISTER, "recorded_at", name) for name in columns}
    asked = [_STATUS, _KNOWN_SINCE, *readings.values(), *(part for parts, _ in recipes.values() for part in parts)]
    found = answers(packs, asked, days)
    known = ~np.isnan(found[_KNOWN_SINCE])
    active = known & ~(found[_STATUS] > 0)
    values = {name: _finished(recipe, found) for name, recipe in recipes.items()}
    peers = {**values, **{name: found[one].astype(np.float64) for name, one in readings.items()}}
    for one in needed:
        if one.base:
            values[one.name] = percentiles(values[one.base], [peers[name] for name in one.peers], active)
    return values, known, active


def with_bases(wanted: Iterable[Feature]) -> list[Feature]:
    """Features wanted and those that relative ones rest on."""
    found: dict[str, Feature] = {}
    for one in wanted:
        for name in (*([one.base] if one.base else []), *one.peers):
            if name in CATALOGUE:
                found[name] = CATALOGUE[name]
        found[one.name] = one
    return list(found.values())


def _finished(recipe: Recipe, found: dict[Ingredient, Answer]) -> Floats:
    parts, formula = recipe
    return formula(*(found[part] for part in parts))


def column(one: Feature, values: Floats) -> pd.Series | Floats:
    """A finished column of the matrix."""
    if one.unit != "category":
        return np.ascontiguousarray(values)
    codes = np.where(np.isnan(values), -1, values).astype(np.int64)
    kind = pd.CategoricalDtype(list(one.categories))
    return pd.Series(pd.Categorical.from_codes(codes, dtype=kind))
