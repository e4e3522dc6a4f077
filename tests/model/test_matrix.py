"""The matrix every member reads: by name, words as positions, and back again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sorg_risk.errors import ModelError
from sorg_risk.model.matrix import Columns, as_frame

FRAME = pd.DataFrame(
    {
        "number": [1.5, np.nan, 3.0],
        "flag": [True, False, True],
        "word": pd.Categorical(["b", None, "a"], categories=["b", "a", "c"]),
        "text": pd.Series(["x", "y", None], dtype="str"),
        "whole": pd.array([1, None, 3], dtype="Int64"),
    }
)


def test_numbers_flags_and_words() -> None:
    columns = Columns.of(FRAME)
    assert columns.words == {"word": ("a", "b", "c"), "text": ("x", "y")}
    assert columns.categorical == [2, 3]
    expected = [[1.5, 1, 1, 0, 1], [np.nan, 0, np.nan, 1, np.nan], [3, 1, 0, np.nan, 3]]
    assert np.array_equal(columns.matrix(FRAME), np.array(expected), equal_nan=True)


def test_words_are_matched_by_word_not_by_code() -> None:
    columns = Columns.of(FRAME)
    other = FRAME.assign(word=pd.Categorical(["b", None, "a"], categories=["c", "a", "b"]))
    assert np.array_equal(columns.matrix(FRAME), columns.matrix(other), equal_nan=True)


def test_frame_and_matrix_are_inverse() -> None:
    columns = Columns.of(FRAME)
    M = columns.matrix(FRAME)
    assert np.array_equal(columns.matrix(columns.frame(M)), M, equal_nan=True)


def test_missing_and_strange_columns_are_named() -> None:
    columns = Columns.of(FRAME)
    with pytest.raises(ModelError, match=r"missing number; not known to it new"):
        columns.matrix(FRAME.rename(columns={"number": "new"}))
    many = FRAME.assign(**{f"extra_{i}": 0 for i in range(9)})
    with pytest.raises(ModelError, match="and 4 more"):
        columns.matrix(many.drop(columns="number"))
    assert np.array_equal(columns.matrix(many), columns.matrix(FRAME), equal_nan=True)


def test_arrays() -> None:
    assert list(as_frame(np.zeros((2, 2)))) == ["x0", "x1"]
    with pytest.raises(ModelError, match="Expected 2D array"):
        as_frame(np.zeros(3))
