"""The tautology guard: finds and names features that are the ground itself, so that nothing is predicted by itself.

Two ways to be caught. *Declared*: the catalogue says that the feature is a ground. *Found beside the label*: among organisations at risk,
the feature alone tells who will have an event; in this field that is a leak until proven otherwise. Organisations in the state of the event
have no part in it: that a feature tells *them* from the others (how long ago the last event was, say) restates nothing of the future.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

TELLING = 0.90
"""Balanced share (F1) of organisations on which feature and label agree, from which they are the same thing; nothing honest comes near
(published models of this field reach an AUC of .64)."""
LEAST = 20
MOST_ROWS = 60_000


def declared(columns: list[str], grounds: Mapping[str, str]) -> dict[str, str]:
    """Features whose declaration names a ground.

    >>> declared(["late", "missing_now"], {"missing_now": "AL-01"})
    {'missing_now': 'declared as the ground AL-01'}
    """
    return {c: f"declared as the ground {grounds[c]}" for c in columns if grounds.get(c)}


class GuardNotice(UserWarning):
    """Features were left out of a panel, and are named."""


def beside_label(X: pd.DataFrame, y: NDArray[np.int64]) -> dict[str, str]:
    """Features of organisations at risk that tell by one cut what happened afterwards."""
    step = max(1, len(X) // MOST_ROWS)
    label = y.astype(bool)[::step]
    if min(label.sum(), (~label).sum()) < LEAST:
        return {}
    found: dict[str, str] = {}
    for column in X.columns:
        if not pd.api.types.is_numeric_dtype(X[column].dtype):
            continue
        worth = float(best_cut(X[column].to_numpy(dtype=np.float64)[::step], label[None, :])[0])
        if worth >= TELLING:
            found[str(column)] = f"tells the event by itself (F1 {worth:.3f}): a leak, or a tautology"
    return found


def notice(caught: Mapping[str, str]) -> str:
    """What was left out, each feature with its reason."""
    named = "; ".join(f"{name}: {why}" for name, why in sorted(caught.items()))
    return f"features that restate the event are left out of the panel ({named}). guard=False keeps them."


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
