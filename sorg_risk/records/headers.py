"""Headers as offices write them: declared names in any case and in Chinese, a header further down, a unit in a name.

>>> from .schema import TABLES
>>> declared_names(TABLES["complaints"], ["主键", "ORG_ID", "收到日期", "text"])
{'主键': 'complaint_id', 'ORG_ID': 'org_id', '收到日期': 'received_on'}
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache

from .amounts import unit_of_header
from .delivery import Delivery, Top
from .schema import TABLES, Column, Table

_ORG = "统一社会信用代码"
_UNIT = re.compile(r"\(.*?\)|\[.*?\]|【.*?】")
MIN_NAMES = 2
"""Known names that make a row a header."""


def declared_names(table: Table, given: Iterable[str]) -> dict[str, str]:
    """Given names that are declared ones in other letters, with the declared ones; an exact name goes before."""
    given = list(given)
    names: dict[str, str] = {}
    for name in given:
        meant = _known_names(table.name).get(_plain(name))
        if meant and meant not in given and meant not in names.values():
            names[name] = meant
    return names


def with_declared_names(table: Table, delivery: Delivery) -> Delivery:
    """The same delivery with its columns under their declared names."""
    names = declared_names(table, map(str, delivery.frame.columns))
    return replace(delivery, frame=delivery.frame.rename(columns=names)) if names else delivery


def header_hint(known: Collection[str], given: Iterable[str], top: Top) -> str:
    """Where the header seems to stand, if not where it was read; ``known``: names that it would have (any case, or as written).

    >>> header_hint({"id", "day"}, ["title"], ((1, ("title",)), (2, ("id", "day"))))
    '; the header row seems to be row 2 表头似在第2行: deliver the file without the rows above it, or write header = 2 in a mapping file'
    """
    plain = {_plain(name) for name in known}
    hits = {number: len(plain & set(map(_plain, cells))) for number, cells in top}
    row = max(hits, key=lambda number: (hits[number], -number), default=0)
    if not row or hits[row] < min(MIN_NAMES, len(plain)) or hits[row] <= len(plain & set(map(_plain, given))):
        return ""
    return (
        f"; the header row seems to be row {row} 表头似在第{row}行: deliver the file without the rows above it, or write "
        f"header = {row} in a mapping file"
    )


def names_of(table: Table) -> set[str]:
    """All names by which the columns of a table are known."""
    return set(_known_names(table.name))


def second_header(table: Table, given: Iterable[str], top: Top) -> str:
    """A notice of a row of names below the header, which is no row of the table."""
    known = names_of(table)
    below = [number for number, cells in top[1:3] if len(known & set(map(_plain, cells))) >= MIN_NAMES]
    if not below or not known & set(map(_plain, given)):
        return ""
    return (
        f"{table.name}: row {below[0]} is a second header row of column names 第{below[0]}行是第二行表头, set aside as a row; "
        f"deliver the file without it, or write header = {below[0]} in a mapping file"
    )


def unread_units(table: Table, unknown: Iterable[str]) -> list[str]:
    """Notices of unknown columns that are amounts of the table in another unit."""
    notices = []
    for header in unknown:
        unit = unit_of_header(header)
        meant = (
            _known_names(table.name).get(_plain(_UNIT.sub("", unicodedata.normalize("NFKC", header)))) if unit else None
        )
        if meant and table[meant].is_number:
            notices.append(
                f"{table.name}: header {header!r} is not read; it names the unit {unit} 表头单位为{unit}. Write columns = "
                f'{{ {meant} = "{header}" }} and units = {{ {meant} = "{unit}" }} in a mapping file.'
            )
    return notices


@lru_cache(maxsize=len(TABLES))
def _known_names(name: str) -> dict[str, str]:
    """Plain declared and Chinese names of a table, with the declared name; a Chinese name of two columns is none."""
    table = TABLES[name]
    chinese = Counter(column.zh for column in table.columns)
    names = {_plain(column.zh): column.name for column in table.columns if _is_name(column, chinese)}
    if "org_id" in table.by_name:
        names[_plain(_ORG)] = "org_id"
    return names | {_plain(column.name): column.name for column in table.columns}


def _is_name(column: Column, chinese: Counter[str]) -> bool:
    return bool(column.zh) and chinese[column.zh] == 1


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", unicodedata.normalize("NFKC", name).replace("\ufeff", "").strip()).casefold()
