"""From any frame to the one float64 matrix that every member of the model reads.

Numbers pass as they are; booleans become 0 and 1; a category becomes the position of its word in the list seen at fit (unknown words
count as missing). Columns are matched by name, never by position: LightGBM itself would score permuted columns without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Columns:
    """The columns of a model: names in order, and the words of those that are categories."""

    names: tuple[str, ...]
    words: dict[str, tuple[str, ...]]

    @property
    def categorical(self) -> list[int]:
        """Positions of the category columns."""
        return [i for i, name in enumerate(self.names) if name in self.words]

    @classmethod
    def of(cls, X: pd.DataFrame) -> Columns:
        """Learn the columns of a training frame."""
        words = {str(c): _words(X[c]) for c in X.columns if _is_words(X[c])}
        return cls(tuple(str(c) for c in X.columns), words)

    def matrix(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the matrix (rows, columns) in the model's order.

        Raises
        ------
        ModelError
            Columns missing or unknown; both are named.
        """
        given = [str(c) for c in X.columns]
        missing = [n for n in self.names if n not in set(given)]
        extra = [n for n in given if n not in set(self.names)]
        if missing or extra:
            raise ModelError(
                f"the features do not fit the model: missing {_few(missing)}; not known to it {_few(extra)}. "
                "Compute them with the version the model was trained with, or train the model again."
            )
        out = np.empty((len(X), len(self.names)), dtype=np.float64)
        for i, name in enumerate(self.names):
            out[:, i] = self._column(X.iloc[:, given.index(name)], name)
        return out

    def frame(self, M: NDArray[np.float64]) -> pd.DataFrame:
        """The frame that a matrix came from (numbers as float64, words as categories); `matrix` of it gives the same matrix."""
        columns: dict[str, Any] = {}
        for i, name in enumerate(self.names):
            columns[name] = M[:, i]
            if name in self.words:
                codes = np.where(np.isnan(M[:, i]), -1, M[:, i]).astype(np.int64)
                columns[name] = pd.Categorical.from_codes(codes, categories=pd.Index(list(self.words[name])))
        return pd.DataFrame(columns, index=range(len(M)))

    def _column(self, column: pd.Series, name: str) -> NDArray[np.float64]:
        if name in self.words:
            codes = pd.Index(list(self.words[name]), dtype=object).get_indexer(pd.Index(column, dtype=object))
            return np.where(codes < 0, np.nan, codes.astype(np.float64))
        return np.asarray(column.astype("float64"), dtype=np.float64)


def as_frame(X: Any, names: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Anything tabular as a pandas frame: pandas, polars, Arrow, or an array (then the names are given or x0, x1 ...)."""
    if isinstance(X, pd.DataFrame):
        return X
    if hasattr(X, "to_pandas"):
        return pd.DataFrame(X.to_pandas())
    values = np.asarray(X)
    if values.ndim != 2:
        raise ModelError(
            f"Expected 2D array, got {values.ndim}D array instead. Reshape your data either using array.reshape(-1, 1) "
            "if it has a single feature or array.reshape(1, -1) if it contains a single sample."
        )
    return pd.DataFrame(values, columns=list(names or [f"x{i}" for i in range(values.shape[1])]))


def _is_words(column: pd.Series) -> bool:
    return not (pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype))


def _words(column: pd.Series) -> tuple[str, ...]:
    """The words of a column in one order, whatever order a frame happens to keep them in."""
    found = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column.dropna().unique()
    return tuple(sorted(found.tolist(), key=lambda word: (str(type(word)), word)))


def _few(names: list[str]) -> str:
    if not names:
        return "none"
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
