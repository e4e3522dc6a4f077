"""The tautology guard: finds and names features that are the ground itself, so that nothing is predicted by itself.

Three ways to be caught. *Declared*: the catalogue says that the feature is a ground. *Found beside the ground*: among all organisations,
one cut of the feature picks the very organisations in which a ground stands. *Found beside the label*: among organisations at risk, the
feature alone tells who will have an event; in this field that is a leak until proven otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SAME = 0.95
"""Balanced share (F1) of organisations on which feature and ground agree, from which they are the same thing."""
TELLING = 0.90
"""The same against the label; nothing honest comes near (published models of this field reach an AUC of .64)."""
LEAST = 20
MOST_ROWS = 60_000


def declared(columns: list[str], grounds: Mapping[str, str]) -> dict[str, str]:
    """Features whose declaration names a ground.

    >>> declared(["late", "missing_now"], {"missing_now": "AL-01"})
    {'missing_now': 'declared as the ground AL-01'}
    """
    return {c: f"declared as the ground {grounds[c]}" for c in columns if grounds.get(c)}


def beside_grounds(X: pd.DataFrame, states: Mapping[str, NDArray[np.bool_]]) -> dict[str, str]:
    """Features of all organisations against the grounds that stand in them."""
    return _caught(X, states, SAME, "the same organisations as the ground {name} (F1 {worth:.3f})")


def beside_label(X: pd.DataFrame, y: NDArray[np.int64]) -> dict[str, str]:
    """Features of organisations at risk against what happened afterwards."""
    return _caught(
        X, {"": y.astype(bool)}, TELLING, "tells the event by itself (F1 {worth:.3f}): a leak, or a tautology"
    )


def best_cut(values: NDArray[np.float64], states: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The best F1 that one cut of the values reaches against each state, shape (states,); values missing count as their own side.

    >>> best_cut(np.array([0.0, 0.0, 1.0, 2.0]), np.array([[False, False, True, True]]))
    array([1.])
    """
    known = np.where(np.isnan(values), -np.inf, values)
    best = np.zeros(len(states))
    for side in (known, -known):
        order = np.argsort(side, kind="stable")[::-1]
        last = np.append(side[order][1:] != side[order][:-1], False)  # cuts between different values only
        found = np.cumsum(states[:, order], axis=1)[:, last]
        taken = np.flatnonzero(last) + 1
        if len(taken):
            best = np.maximum(best, (2 * found / (taken + states.sum(axis=1)[:, None])).max(axis=1))
    return best


def _caught(X: pd.DataFrame, states: Mapping[str, NDArray[np.bool_]], line: float, why: str) -> dict[str, str]:
    """Features with a cut at or above the line against any state that occurs often enough."""
    step = max(1, len(X) // MOST_ROWS)
    rare = {name: state[::step] for name, state in states.items()}
    rare = {name: state for name, state in rare.items() if min(state.sum(), (~state).sum()) >= LEAST}
    if not rare:
        return {}
    names, stacked = list(rare), np.stack(list(rare.values()))
    found: dict[str, str] = {}
    for column in X.columns:
        if not pd.api.types.is_numeric_dtype(X[column].dtype):
            continue
        worth = best_cut(X[column].to_numpy(dtype=np.float64)[::step], stacked)
        top = int(np.argmax(worth))
        if worth[top] >= line:
            found[str(column)] = why.format(name=names[top], worth=worth[top])
    return found
