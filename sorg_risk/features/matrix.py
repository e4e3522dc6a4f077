"""The matrix: every feature of every active organisation, for one day or for many in the same pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import UsageError
from ..records import View
from ..records.source import as_day
from .declare import Feature
from .executor import Executor
from .measure import Measured
from .peers import percentiles
from .registry import CATALOGUE, feature
from .sweep import Data, swept


def features(
    data: Data,
    days: Iterable[dt.date | str] | None = None,
    *,
    names: Iterable[str] | None = None,
    everyone: bool = False,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """All features, as known on the day: one column a feature, float64 or category.

    A view gives rows by ``org_id``; a source (or a ledger, or one of its editions) with ``days`` gives rows by
    (``as_of``, ``org_id``), computed in one pass and equal to one view after the other. Organisations that are active on
    the day; ``everyone=True`` adds the deregistered and revoked. ``names`` picks some features. Percentiles compare with
    the active organisations of the data given: a restricted view has fewer peers. ``executor`` (see `spark`) has the
    buckets of a ledger swept by other machines, to the same values. Raises `UsageError` for a source without days,
    `NotFound` for an unknown feature. For more rows than memory holds see `write`.

    >>> import sorg_risk as sr
    >>> X = sr.features(sr.open("data/sample").as_of("2026-10-31"), names=["complaints_90d", "org_type"])
    >>> X.index.name, [str(kind) for kind in X.dtypes]
    ('org_id', ['float64', 'category'])
    """
    wanted = chosen_features(names)
    if isinstance(data, View):
        if days is not None:
            raise UsageError("a view has its own day; give the source to ask for several days.")
        return _matrix(swept(data, [data.day], wanted, executor), [data.day], wanted, everyone).droplevel("as_of")
    chosen = chosen_days(days)
    return _matrix(swept(data, chosen, wanted, executor), chosen, wanted, everyone)


def chosen_features(names: Iterable[str] | None) -> list[Feature]:
    """The whole catalogue, or some features by name."""
    return list(CATALOGUE.values()) if names is None else [feature(name) for name in names]


def chosen_days(days: Iterable[dt.date | str] | None) -> list[dt.date]:
    """As-of days in order, each once."""
    if days is None:
        raise UsageError("a source needs days=[…]; for one day ask the view: features(source.as_of(day)).")
    chosen = sorted({as_day(day) for day in days})
    if not chosen:
        raise UsageError("no as-of day given; name at least one.")
    return chosen


def _matrix(parts: Iterable[Measured], days: list[dt.date], wanted: list[Feature], everyone: bool) -> pd.DataFrame:
    whole = Measured.joined(parts)
    day_at, org_at = np.nonzero((whole.known if everyone else whole.active).T)
    place = org_at * len(days) + day_at
    index = pd.MultiIndex.from_arrays(
        [np.array(days, dtype="datetime64[s]")[day_at], whole.orgs[org_at]], names=["as_of", "org_id"]
    )
    columns = {one.name: finished(one, _values(one, whole).take(place)) for one in wanted}
    return pd.DataFrame(columns, index=range(len(index))).set_axis(index)


def _values(one: Feature, whole: Measured) -> NDArray[np.float64]:
    if not one.base:
        return whole.values[one.name]
    return percentiles(whole.values[one.base], [whole.values[name] for name in one.peers], whole.active)


def finished(one: Feature, values: NDArray[np.float64]) -> pd.Series | NDArray[np.float64]:
    """A column of the matrix."""
    if one.unit != "category":
        return np.ascontiguousarray(values)
    codes = np.where(np.isnan(values), -1, values).astype(np.int64)
    return pd.Series(pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(one.categories))))
