"""From any frame to the one float64 matrix that every member of the model reads.

Numbers pass as they are; booleans become 0 and 1; a category becomes the position of its word in the list seen at fit (unknown words
count as missing, and are counted). Columns are matched by name, never by position: LightGBM itself would score permuted columns without a
word.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import ModelError
from .words import MISSING, UNSEEN, distinct_words, fold_word, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SHOWN = 5
NO_WORDS = ("datetime", "datetime64", "date", "time", "timedelta", "timedelta64", "period", "interval", "complex")
"""What a column of Python objects may hold that is neither a word nor a number."""


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
        """Learn the columns of a training frame.

        Raises
        ------
        ModelError
            Two columns of one name, days, or cells that are neither numbers nor words.
        """
        names = _names(X)
        words = {
            name: distinct_words(X.iloc[:, i], name) for i, name in enumerate(names) if _is_words(X.iloc[:, i], name)
        }
        return cls(tuple(names), words)

    def matrix(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the matrix (rows, columns) in the model's order; columns it does not know are left out.

        Raises
        ------
        ModelError
            Columns missing (they are named), two of one name, infinity, or a word among numbers.
        """
        return self.read(X)[0]

    def read(self, X: pd.DataFrame) -> tuple[NDArray[np.float64], dict[str, float]]:
        """The matrix, and for each category column the share of its known cells whose word the model has never seen."""
        given = _names(X)
        places = {name: i for i, name in enumerate(given)}
        missing = [name for name in self.names if name not in places]
        if missing:
            extra = self.unknown(given)
            raise ModelError(
                f"the features do not fit the model: missing {few(missing)}; not known to it {few(extra)}. "
                "Compute them with the version the model was trained with, or train the model again."
            )
        out = np.empty((len(X), len(self.names)), dtype=np.float64)
        unseen: dict[str, float] = {}
        for i, name in enumerate(self.names):
            column = X.iloc[:, places[name]]
            if name in self.words:
                codes = vocabulary(self.words[name]).positions(column, name)
                unseen[name] = _unseen(codes)
                out[:, i] = np.where(codes < 0, np.nan, codes)
            else:
                out[:, i] = _numbers(column, name)
        return out, unseen

    def unseen(self, X: pd.DataFrame) -> dict[str, float]:
        """For each category column the share of its known cells whose word the model has never seen."""
        return {name: _unseen(vocabulary(words).positions(X[name], name)) for name, words in self.words.items()}

    def select(self, X: pd.DataFrame) -> pd.DataFrame:
        """The model's own columns of a wider frame, in the model's order; `ModelError` names those that are missing."""
        missing = [name for name in self.names if name not in X.columns]
        if missing:
            raise ModelError(
                f"the model reads columns that are not here: {few(missing)}. A model of your own columns is used with your own frame: "
                "model.predict_proba(X)."
            )
        return X.loc[:, list(self.names)]

    def unknown(self, given: Iterable[object]) -> list[str]:
        """Names that are not columns of the model."""
        return [str(name) for name in given if str(name) not in self.names]

    def frame(self, M: NDArray[np.float64]) -> pd.DataFrame:
        """The frame that a matrix came from (numbers as float64, words as categories); `matrix` of it gives the same matrix."""
        columns: dict[str, Any] = {}
        for i, name in enumerate(self.names):
            columns[name] = M[:, i]
            if name in self.words:
                codes = np.where(np.isnan(M[:, i]), -1, M[:, i]).astype(np.int64)
                columns[name] = pd.Categorical.from_codes(codes, categories=pd.Index(list(self.words[name])))
        return pd.DataFrame(columns, index=range(len(M)))


def as_frame(X: Any, names: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Anything tabular as a pandas frame: pandas, polars, Arrow, or an array (then the names are given or x0, x1 ...)."""
    if isinstance(X, pd.DataFrame):
        return X
    if hasattr(X, "to_pandas"):
        return pd.DataFrame(X.to_pandas())
    if hasattr(X, "collect"):
        raise ModelError(f"a {type(X).__name__} has no rows yet; give X.collect().")
    values = np.asarray(X)
    if values.ndim != 2:
        raise ModelError(
            f"Expected 2D array, got {values.ndim}D array instead. Reshape your data either using array.reshape(-1, 1) "
            "if it has a single feature or array.reshape(1, -1) if it contains a single sample."
        )
    return pd.DataFrame(values, columns=list(names or [f"x{i}" for i in range(values.shape[1])]))


def few(names: list[str]) -> str:
    """Some names, and how many more."""
    if not names:
        return "none"
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _unseen(codes: NDArray[np.int64]) -> float:
    """Share of the known cells whose word is not in the vocabulary."""
    known = int((codes != MISSING).sum())
    return float((codes == UNSEEN).sum()) / known if known else 0.0


def _names(X: pd.DataFrame) -> list[str]:
    """Column names as text; two of one name are refused."""
    names = pd.Series([str(name) for name in X.columns], dtype="str")
    twice = names[names.duplicated()].unique().tolist()
    if twice:
        raise ModelError(f"two columns have one name: {few(twice)}. Give each column a name of its own.")
    return names.tolist()


def _is_words(column: pd.Series, name: str) -> bool:
    """Whether a training column holds words; what holds neither words nor numbers is refused."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return True
    if pd.api.types.is_object_dtype(kind):
        found = pd.api.types.infer_dtype(column, skipna=True)
        if found in NO_WORDS:
            raise _no_numbers(name, found)
        return not _only_numbers(column)
    if pd.api.types.is_string_dtype(kind):
        return True
    if pd.api.types.is_complex_dtype(kind) or not (
        pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind)
    ):
        raise _no_numbers(name, str(kind))
    return False


def _only_numbers(column: pd.Series) -> bool:
    """Whether a column of Python objects holds numbers and flags only."""
    return all(isinstance(cell, Number | bool | np.bool_) for cell in column.dropna())


def _numbers(column: pd.Series, name: str) -> NDArray[np.float64]:
    """A column of numbers or flags as float64, from whatever type they are delivered in."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(kind):
        values = _parsed(column, name)
    elif pd.api.types.is_complex_dtype(kind):
        raise _no_numbers(name, str(kind))
    else:
        values = np.asarray(column.astype("float64"), dtype=np.float64)
    if np.isinf(values).any():
        rows = int(np.isinf(values).sum())
        raise ModelError(
            f"column {name!r} holds infinity in {rows:,} rows; make such a cell missing (NaN), or a number. "
            "A division by zero is the usual cause."
        )
    return values


def _parsed(column: pd.Series, name: str) -> NDArray[np.float64]:
    """Numbers and flags written as words."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype) or pd.api.types.is_timedelta64_dtype(column.dtype):
        raise _no_numbers(name, str(column.dtype))
    codes, distinct = pd.factorize(column)
    values = [_parsed_cell(cell, name) for cell in distinct.tolist()]
    return np.array([*values, np.nan], dtype=np.float64)[codes]


def _parsed_cell(cell: Any, name: str) -> float:
    word = fold_word(cell)
    try:
        return {None: np.nan, "true": 1.0, "false": 0.0}[word] if word in (None, "true", "false") else float(word)
    except ValueError:
        raise ModelError(
            f"column {name!r} holds {cell!r}, and held numbers when the model was fitted; give numbers."
        ) from None


def _no_numbers(name: str, kind: str) -> ModelError:
    return ModelError(
        f"column {name!r} holds {kind}; numbers, flags or categories are needed. Give days as a number of days (such as days since "
        "the event), or leave the column out."
    )
