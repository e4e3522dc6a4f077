"""Whether a registry is simulated, and what to do about a model that learnt from one.

A simulated registry says so in the names of its organisations. The shipped model learnt from one: on any other registry it works, its results
are provisional, and whoever uses it is told the command that trains a model of their own.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .view import View

BEGINNING: Final = "模拟"
"""Beginning of the names of a simulated registry."""
YEARS: Final = 6
"""So many years of history are proposed for training."""
TRAIN: Final = "sorg-risk train SOURCE --from DAY --to DAY --out MODEL_DIR"


def is_simulated(view: View) -> bool:
    """Whether more than half the names of a registry say that it is simulated (all of it, also where the view is restricted)."""
    names = view.whole.table("organizations")["name"].dropna()
    return bool(len(names)) and bool(names.str.startswith(BEGINNING).mean() > 0.5)


def training_command(source: str, mapping: object, view: View) -> str:
    """The command that trains a model on a source, with days that its records cover.

    The last six years, or as much of them as there is: the last day of knowledge is the day of the view.
    """
    recorded = view.table("organizations")["recorded_at"]
    first = view.day - dt.timedelta(days=365 * YEARS)
    if len(recorded):
        first = max(first, recorded.min().date())
    mapped = f" --mapping {mapping}" if mapping is not None else ""
    return f"sorg-risk train {source}{mapped} --from {first} --to {view.day} --out MODEL_DIR"
