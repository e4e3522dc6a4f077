"""Labels as an event: which of two labels a model foretells.

scikit-learn sorts labels, and the later one is "positive"; of "bad" and "good" that would be the good. So the event is never guessed: 1 of 0
and 1, True of booleans, and otherwise what the caller names.

>>> y, classes, place = as_event(np.array(["bad", "good", "bad"]), "bad")
>>> y.tolist(), classes.tolist(), place
([1.0, 0.0, 1.0], ['bad', 'good'], 0)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from ..errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def as_event(y: Any, event: Any = None) -> tuple[NDArray[np.float64], NDArray[Any], int]:
    """Labels as 1.0 (the event) and 0.0, the two labels sorted, and which of them is the event.

    Parameters
    ----------
    y
        One label a row.
    event
        The label that is the event; a function that picks it from the sorted labels (such as ``max``); None for 0 and 1 or booleans.

    Raises
    ------
    ModelError
        Labels missing, more or fewer than two, or an event that is not among them or not named.
    """
    if y is None:
        raise ModelError("RiskModel requires y to be passed, but the target y is None.")
    values = column_or_1d(y, warn=True)
    missing = int(pd.isna(values).sum())
    if missing:
        raise ModelError(
            f"Input y contains NaN: {missing:,} of {len(values):,} labels are missing; leave out those rows."
        )
    check_classification_targets(values)
    classes, codes = np.unique(values, return_inverse=True)
    if len(classes) > 2:
        raise ModelError(
            f"Only binary classification is supported. The type of the target is {type_of_target(values)}."
        )
    if len(classes) < 2:
        raise ModelError(f"RiskModel needs two classes, y holds 1 class: {classes.tolist()}; take a longer period.")
    place = _place(classes.tolist(), event)
    return (codes == place).astype(np.float64), classes, place


def _place(labels: list[Any], event: Any) -> int:
    """Which label is the event."""
    if event is None:
        if any(isinstance(label, str) for label in labels) or labels != [0, 1]:
            raise ModelError(
                f"y holds the labels {labels[0]!r} and {labels[1]!r}, and nothing says which of them is the event; name it, for example "
                f"RiskModel(event={labels[1]!r}). Only 0 and 1 (1 is the event) and booleans need no name."
            )
        return 1
    wanted = event(labels) if callable(event) else event
    matching = [i for i, label in enumerate(labels) if type(label) is type(wanted) and label == wanted]
    matching = matching or [i for i, label in enumerate(labels) if label == wanted]
    if not matching:
        raise ModelError(
            f"the event {wanted!r} is not among the labels of y, {labels[0]!r} and {labels[1]!r}; name one of them."
        )
    return matching[0]
