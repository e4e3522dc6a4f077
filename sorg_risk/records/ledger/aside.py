"""Cells that were set aside, beside their rows: written as one text a row, so that they are kept as long as the row is.

>>> cells = pd.DataFrame({"row": [1, 1], "column": ["staff", "members"], "rule": "cell_unreadable", "value": ["many", "~30"]})
>>> packed_cells(cells, 3)
array([None,
       '[["staff", "cell_unreadable", "many"], ["members", "cell_unreadable", "~30"]]',
       None], dtype=object)
>>> unpacked_cells(pd.Series(packed_cells(cells, 3))).equals(cells)
True
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..quarantine import CELL_COLUMNS, no_cells


def packed_cells(cells: pd.DataFrame, rows: int) -> NDArray[np.object_]:
    """The cells of each of some rows as JSON; None for a row of which every cell is used."""
    packed = np.full(rows, None, dtype=object)
    listed: dict[int, list[list[str]]] = {}
    for row, *cell in cells[list(CELL_COLUMNS)].itertuples(index=False):
        listed.setdefault(row, []).append(cell)
    for row, own in listed.items():
        packed[row] = json.dumps(own, ensure_ascii=False)
    return packed


def unpacked_cells(packed: pd.Series[Any]) -> pd.DataFrame:
    """The cells of a column that `packed_cells` made, counted by its rows."""
    given = np.flatnonzero(packed.notna().to_numpy())
    cells = [(row, *cell) for row in given.tolist() for cell in json.loads(packed.iloc[row])]
    if not cells:
        return no_cells()
    frame = pd.DataFrame(cells, columns=list(CELL_COLUMNS))
    return frame.astype({"row": "int64", "column": "str", "rule": "str", "value": "str"})
