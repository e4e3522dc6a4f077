"""The matrix: every feature of every active organisation, for one day or for many in the same pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import UsageError
from ..records import Source, View
from ..records.packed import Packed
from . import kernel
from .compute import Floats, Ints, Workshop, day_ranges, pack_table
from .declare import Feature
from .registry import CATALOGUE, feature

PEERS = 5
"""Fewer peers with a value than this make no percentile."""

_Packs = dict[tuple[str, str], Packed]
_PACKED: WeakKeyDictionary[Source, _Packs] = WeakKeyDictionary()


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
        return _matrix(data.orgs, [data.day], _packs_of_view(data), wanted, everyone).droplevel("as_of")
    if days is None:
        raise UsageError("a source needs days=[…]; for one day ask the view: features(source.as_of(day)).")
    chosen = sorted({data.as_of(day).day for day in days})
    orgs = pd.Index(sorted(set(data.history("organizations")["org_id"])), dtype="str", name="org_id")
    return _matrix(orgs, chosen, _packs_of_source(data), wanted, everyone)


def _packs_of_source(source: Source) -> Callable[[str, str], Packed]:
    packs = _PACKED.setdefault(source, {})
    orgs = pd.Index(sorted(set(source.history("organizations")["org_id"])), dtype="str", name="org_id")
    return _packing(packs, source.history, orgs)


def _packs_of_view(view: View) -> Callable[[str, str], Packed]:
    return _packing({}, view.table, view.orgs)


def _packing(packs: _Packs, rows: Callable[[str], pd.DataFrame], orgs: pd.Index[str]) -> Callable[[str, str], Packed]:
    def packed(table: str, clock: str) -> Packed:
        if (table, clock) not in packs:
            packs[table, clock] = pack_table(table, rows(table), orgs, clock)
        return packs[table, clock]

    return packed


def _matrix(
    orgs: pd.Index[str],
    days: list[dt.date],
    packed: Callable[[str, str], Packed],
    wanted: list[Feature],
    everyone: bool,
) -> pd.DataFrame:
    numbers = np.array(days, dtype="datetime64[D]").astype(np.int64)
    shop = Workshop(orgs, numbers, packed)
    known, active = _standing(shop)
    values: dict[str, Floats] = {}
    for one in wanted:
        _fill(one, shop, active, values)
    chosen = (known if everyone else active).T
    day_at, org_at = np.nonzero(chosen)
    index = pd.MultiIndex.from_arrays(
        [np.array(days, dtype="datetime64[s]")[day_at], orgs[org_at]], names=["as_of", "org_id"]
    )
    columns = {one.name: _column(one, values[one.name].T[chosen]) for one in wanted}
    return pd.DataFrame(columns, index=range(len(index))).set_axis(index)


def _fill(one: Feature, shop: Workshop, active: NDArray[np.bool_], values: dict[str, Floats]) -> None:
    if one.name in values:
        return
    if not one.base:
        values[one.name] = shop.values(one)
        return
    _fill(feature(one.base), shop, active, values)
    peers = shop.values(feature(one.peers)) if one.peers else np.zeros(active.shape)
    values[one.name] = _percentiles(values[one.base], peers, active)


def _percentiles(value: Floats, peers: Floats, active: NDArray[np.bool_]) -> Floats:
    """Per day and group of peers: (smaller + half of the equals) / all, among active organisations with a value."""
    result = np.full(value.shape, np.nan)
    for k in range(value.shape[1]):
        group = peers[:, k]
        ready = ~np.isnan(value[:, k]) & ~np.isnan(group)
        for word in np.unique(group[ready]):
            mine = ready & (group == word)
            crowd = np.sort(value[mine & active[:, k], k])
            if len(crowd) >= PEERS:
                own = value[mine, k]
                below, upto = np.searchsorted(crowd, own, "left"), np.searchsorted(crowd, own, "right")
                result[mine, k] = (below + upto) / (2 * len(crowd))
    return result


def _standing(shop: Workshop) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Organisations known, and known and active, on each day."""
    register = shop.packed("organizations", "")
    enter, leave = day_ranges(register, shop.days, None, "", 0)
    at = kernel.newest(register.offsets, enter, leave, register.event.astype(np.int64), 0, len(shop.days))
    status = register.words("status")
    gone = np.append(_is_gone(status.codes, status.vocabulary), True)
    return at >= 0, ~gone[at]


def _is_gone(codes: Ints, vocabulary: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.isin(codes, [place for place, word in enumerate(vocabulary) if word != "active"])


def _column(one: Feature, values: Floats) -> pd.Series | Floats:
    if one.unit != "category":
        return values
    codes = np.where(np.isnan(values), -1, values).astype(np.int64)
    kind = pd.CategoricalDtype(list(one.categories))
    return pd.Series(pd.Categorical.from_codes(codes, dtype=kind))
