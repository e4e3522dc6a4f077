"""Anything tabular as the float64 matrix that the trees read, some rows at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from ..errors import ModelError
from ..model.matrix import Columns, as_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    import lightgbm
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Reading:
    """How rows are read: the feature names in the model's order and, for categories, the words behind the numbers.

    ``columns`` are those of a `RiskModel`; without them the rows are read as LightGBM itself reads them (``words``: the categories of the
    training frame, in the order of its category columns).
    """

    names: tuple[str, ...]
    columns: Columns | None = None
    words: tuple[tuple[Any, ...], ...] = field(default=())

    @classmethod
    def of_booster(cls, booster: lightgbm.Booster) -> Self:
        """As the booster was trained."""
        return cls(
            tuple(booster.feature_name()), None, tuple(tuple(words) for words in booster.pandas_categorical or ())
        )

    def matrix(self, X: Any) -> NDArray[np.float64]:
        """All rows as one matrix (rows, features)."""
        parts = [block for _at, block in self.blocks(X, max(len(self._rows(X)), 1))]
        return parts[0] if parts else np.empty((0, len(self.names)))

    def blocks(self, X: Any, size: int) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """The rows in blocks, each with the position of its first row; only one block is held at a time."""
        rows = self._rows(X)
        for begin in range(0, len(rows), size):
            part = rows.iloc[begin : begin + size] if isinstance(rows, pd.DataFrame) else rows[begin : begin + size]
            yield begin, np.ascontiguousarray(self._numbers(part), dtype=np.float64)

    def count(self, X: Any) -> int:
        """How many rows."""
        return len(self._rows(X))

    def _rows(self, X: Any) -> pd.DataFrame | NDArray[Any]:
        """A frame, or an array of two dimensions with the right number of columns."""
        if isinstance(X, pd.DataFrame):
            return X
        if hasattr(X, "to_pandas"):
            return as_frame(X)
        array = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
        if array.ndim != 2 or array.shape[1] != len(self.names):
            raise ModelError(
                f"rows of shape {array.shape} do not fit a model of {len(self.names)} features; "
                "give a frame or an array of shape (rows, features)."
            )
        return array

    def _numbers(self, part: pd.DataFrame | NDArray[Any]) -> NDArray[np.float64]:
        if self.columns is not None:
            return self.columns.matrix(as_frame(part, self.columns.names))
        if not isinstance(part, pd.DataFrame):
            return np.asarray(part, dtype=np.float64)
        return self._as_trained(part)

    def _as_trained(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Columns by name, categories as their number among the words of training."""
        frame = self._in_order(frame)
        of_words = [i for i, kind in enumerate(frame.dtypes) if isinstance(kind, pd.CategoricalDtype)]
        if len(of_words) != len(self.words):
            raise ModelError(
                f"the model was trained with {len(self.words)} category columns, the rows have {len(of_words)}; "
                "give them the dtypes of the training frame."
            )
        out = np.empty(frame.shape, dtype=np.float64)
        for i, name in enumerate(frame.columns):
            column = frame.iloc[:, i]
            if i in of_words:
                out[:, i] = _codes(column, self.words[of_words.index(i)])
            elif pd.api.types.is_numeric_dtype(column.dtype):
                out[:, i] = column.to_numpy(dtype=np.float64, na_value=np.nan)
            else:
                raise ModelError(f"column {name!r} holds {column.dtype}; numbers, booleans or categories are needed.")
        return out

    def _in_order(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The columns as trained; a model trained without names takes them in the order given."""
        given = [str(c).replace(" ", "_") for c in frame.columns]
        if set(given) == set(self.names):
            return frame.iloc[:, [given.index(name) for name in self.names]]
        if self.names == tuple(f"Column_{i}" for i in range(len(given))):
            return frame
        missing = [name for name in self.names if name not in set(given)]
        extra = [name for name in given if name not in set(self.names)]
        raise ModelError(
            f"the columns do not fit the model: missing {missing[:5] or 'none'}, not known to it {extra[:5] or 'none'}."
        )


def _codes(column: pd.Series, words: tuple[Any, ...]) -> NDArray[np.float64]:
    """The number of each word among those of training; others are missing."""
    codes = pd.Index(words).get_indexer(pd.Index(column.astype(column.cat.categories.dtype)))
    return np.where(codes < 0, np.nan, codes)
