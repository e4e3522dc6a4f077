"""Look-ups of whole text columns, done by Arrow: codes and keys are compared millions of times, and never as Python objects.

>>> keys = pd.Series(["b", "x", None, "a"], dtype="str")
>>> within(keys, pd.Series(["a", "b"])).tolist(), placed(keys, pd.Series(["a", "b"])).tolist()
([True, False, False, True], [1, -1, -1, 0])
>>> looked_up(keys, pd.Series([1.0, 2.0], index=["a", "b"])).tolist()
[2.0, nan, nan, 1.0]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray


def within(cells: pd.Series | pd.Index, values: pd.Series | pd.Index) -> NDArray[np.bool_]:
    """Whether each cell is among the values; a missing cell is not."""
    return np.asarray(pc.is_in(_text(cells), value_set=_text(values), skip_nulls=True), dtype=bool)


def placed(cells: pd.Series, values: pd.Series | pd.Index) -> NDArray[np.int64]:
    """The first place of each cell among the values, -1 where it is not among them."""
    found = pc.index_in(_text(cells), value_set=_text(values), skip_nulls=True)
    return np.asarray(found.fill_null(-1)).astype(np.int64)


def looked_up(keys: pd.Series, found: pd.Series) -> pd.Series:
    """The value of each key in a series indexed by distinct keys, missing where there is none."""
    if not len(found):
        return pd.Series(None, index=keys.index, dtype=found.dtype)
    place = placed(keys, found.index)
    return found.iloc[np.maximum(place, 0)].set_axis(keys.index).where(place >= 0)


def _text(cells: Any) -> Any:
    return pa.array(cells, type=pa.large_string(), from_pandas=True)
