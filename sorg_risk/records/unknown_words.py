"""Distinct words that a source writes and nobody knows, with their counts: what a mapping file has to translate.

>>> import pandas as pd
>>> from .source import open as open_source
>>> row = {"org_id": "51440300000000001M", "recorded_at": "2024-01-02", "org_type": "民非", "is_charity": "maybe"}
>>> words = unknown_words(open_source({"organizations": pd.DataFrame([row, {**row, "recorded_at": "2024-01-03"}])}))
>>> words[["column", "word", "cells", "nearest"]].values.tolist()
[['org_type', '民非', 2, ''], ['is_charity', 'maybe', 2, '']]
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import pandas as pd

from .columns import as_text, typed
from .pii import mask_column
from .schema import TABLES, Column
from .source import Source

COLUMNS = ["table", "column", "kind", "cells", "word", "nearest"]


def unknown_words(source: Source) -> pd.DataFrame:
    """Words of every column that are none of its codes, or no day, number or flag: most frequent first, column by column.

    ``nearest``: the code most like the word, by its English or Chinese name. Personal numbers are masked.
    """
    parts = [part for name in TABLES for part in _of_table(source, name)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def mapping_lines(words: pd.DataFrame, most: int = 12) -> list[str]:
    """The ``values`` lines of a mapping file that would translate the words of code columns, for the officer to complete."""
    lines = []
    coded = words[words["kind"].isin(["code", "flag"])]
    for (table, column), own in coded.groupby(["table", "column"], sort=False):
        pairs = ", ".join(
            f'"{word}" = "{near or "…"}"' for word, near in own[["word", "nearest"]].head(most).to_numpy()
        )
        lines.append(f"[{table}]  values = {{ {column} = {{ {pairs} }} }}")
    return lines


def _of_table(source: Source, name: str) -> Iterator[pd.DataFrame]:
    frame = source.delivery(name).frame
    for column in TABLES[name].columns:
        if column.name in frame.columns:
            words = _unknown(frame[column.name], column)
            if len(words):
                counts = words.value_counts()
                yield pd.DataFrame(
                    {
                        "table": name,
                        "column": column.name,
                        "kind": column.kind,
                        "cells": counts.to_numpy(),
                        "word": mask_column(pd.Series(counts.index.astype("str"))),
                        "nearest": [_nearest(str(word), column) for word in counts.index],
                    }
                )


def _unknown(cells: pd.Series[Any], column: Column) -> pd.Series[str]:
    """Cells as text that say something the column does not know."""
    values, bad = typed(cells, column)
    if column.kind == "code":
        bad = values.notna().to_numpy() & ~values.isin(list(column.codes)).to_numpy()
    text = as_text(cells)
    return text[bad].dropna()


def _nearest(word: str, column: Column) -> str:
    if not column.codes:
        return ""
    names = {zh: code for code, zh in column.codes.items()} | {code: code for code in column.codes}
    near = get_close_matches(word.strip().lower(), names, n=1, cutoff=0.6)
    return names[near[0]] if near else ""
