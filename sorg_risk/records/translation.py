"""Declared tables made of foreign ones, as the sections of a mapping file say.

Rows after each other, joined columns, the rows of ``where``, one row a group under ``distinct``, then column by column. A piece
of a table is made as the table itself would be, so that tables larger than memory come piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import DataError, MappingError
from . import derive
from .amounts import scaled, unit_of_header
from .columns import as_text, typed
from .delivery import MALFORMED, Delivery
from .evaluation import UNREADABLE, Evaluation, formatted, words_of
from .headers import header_hint, with_declared_names
from .identifiers import folded
from .mapping import Join, Section, TableMapping
from .reading import appended
from .schema import TABLES, Column

ROW: Final = "(row)"
"""Column with table and place of each row, where a section asks for it."""
_SEPARATOR = "\x1f"

Ints = NDArray[np.int64]


def translate(mapping: TableMapping, deliveries: Mapping[str, Delivery]) -> tuple[dict[str, Delivery], tuple[str, ...]]:
    """Declared tables made of foreign ones, and what was done; tables without a section pass as they are.

    ``deliveries`` by the labels of their `Foreign`.
    """
    made = {name: with_declared_names(TABLES[name], deliveries[name]) for name in TABLES if name in deliveries}
    notices: list[str] = []
    for section in mapping.sections:
        labels = [foreign.label for foreign in section.foreign]
        for label in [*labels, *(join.foreign.label for join in section.joins)]:
            if label not in deliveries:
                raise missing_table(label, deliveries)
        parts = [deliveries[label] for label in labels]
        joined = {join.foreign.label: deliveries[join.foreign.label] for join in section.joins}
        maker = SectionMaker(section, joined)
        made[section.table.name], said = maker.make(stacked(section, parts))
        notices += said
    return made, tuple(notices)


def missing_table(label: str, given: Iterable[str]) -> DataError:
    """The error about a table that a mapping names and nobody delivered."""
    where = ", ".join(sorted(given)) or "an empty source"
    return DataError.missing(f"table {label!r}", where, "Correct 'from' or 'join' in the mapping.")


def stacked(section: Section, parts: Sequence[Delivery]) -> Delivery:
    """The foreign tables of a section after each other, columns by name."""
    frames = [
        with_row_key(part.frame, foreign.name, 0) if section.has_row_key else part.frame
        for foreign, part in zip(section.foreign, parts, strict=True)
    ]
    if len(parts) == 1:
        return replace(parts[0], frame=frames[0])
    files = tuple(file for part in parts for file in part.files)
    return Delivery(appended([frame.copy(deep=False) for frame in frames]), files, top=parts[0].top)


def with_row_key(frame: pd.DataFrame, name: str, first: int) -> pd.DataFrame:
    """Rows of a table with their place in it, from ``first`` on: ``bank:1`` is the first row of table ``bank``."""
    places = np.arange(first + 1, first + len(frame) + 1)
    return frame.assign(**{ROW: pd.Series([f"{name}:{place}" for place in places], dtype="str", index=frame.index)})


class SectionMaker:
    """Makes rows of a declared table of foreign rows; ``joined``: deliveries of the tables its section joins, by label."""

    def __init__(self, section: Section, joined: Mapping[str, Delivery]) -> None:
        self.section = section
        self.lookups = [_Lookup.of(join, joined[join.foreign.label].frame) for join in section.joins]

    def make(self, delivery: Delivery) -> tuple[Delivery, tuple[str, ...]]:
        """The declared rows, and what was done."""
        frame = delivery.frame
        for lookup in self.lookups:
            frame = lookup.joined(frame)
        section, frame = _without_synonyms(self.section, frame)
        for name in _read_columns(section):
            if name not in frame.columns:
                known = [str(column) for column in frame.columns]
                unknown = MappingError.choice(f"column of {section.source}", name, known)
                hint = header_hint(set(map(str, _read_columns(section))), known, delivery.top)
                raise MappingError(f"{unknown}{hint.replace('; the', ' The', 1)}")
        kept = _rows_where(section, frame)
        if len(kept) < len(frame):
            frame = frame.iloc[kept].reset_index(drop=True)
        rows = _Rows(section, frame)
        made = delivery.picked(rows.declared(), kept[rows.chosen], _without(len(delivery.frame), kept))
        return made, (_summary(section, made), *_unit_notices(section, frame))


@dataclass(frozen=True)
class _Lookup:
    """A joined table: position of each key, and the columns it gives."""

    join: Join
    keys: pd.Index[str]
    columns: pd.DataFrame

    @classmethod
    def of(cls, join: Join, frame: pd.DataFrame) -> _Lookup:
        """Raises `MappingError` for columns there are not, `DataError` for a key that stands twice."""
        given = [str(name) for name in frame.columns]
        columns = {
            # written the other way round, it says the same where only one way has a meaning
            **{here: there for here, there in join.columns.items() if there in given or here not in given},
            **{there: here for here, there in join.columns.items() if there not in given and here in given},
        }
        for name in (*join.on.values(), *columns.values()):
            if name not in given:
                raise MappingError.choice(f"column of joined table {join.foreign.label}", name, given)
        keys = _keys(frame, list(join.on.values()))
        present = keys.notna().to_numpy()
        twice = keys[present & keys.duplicated().to_numpy()]
        if len(twice):
            first = str(twice.iloc[0]).replace(_SEPARATOR, ", ")
            rows = (np.flatnonzero(keys.eq(twice.iloc[0]).to_numpy()) + 1).tolist()[:3]
            where = f"joined table {join.foreign.label!r}"
            why = f"key {', '.join(join.on.values())} = {first!r} stands twice there (rows {rows}), {len(twice):,} such rows"
            raise DataError.unreadable(where, why, "Deliver one row a key, or join on more columns.")
        picked = {here: frame[there].reset_index(drop=True)[present] for here, there in columns.items()}
        return cls(join, pd.Index(keys[present]), pd.DataFrame(picked).reset_index(drop=True))

    def joined(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The same rows with the columns of the joined table; missing where it has no such key."""
        given = [str(name) for name in frame.columns]
        for name in self.join.on:
            if name not in given:
                raise MappingError.choice(f"column that {self.join.foreign.label} is joined on", name, given)
        for name in map(str, self.columns):
            if name in given:
                raise MappingError(
                    f"join of {self.join.foreign.label}: {name!r} is a column already. Give it another name."
                )
        places = self.keys.get_indexer(pd.Index(_keys(frame, list(self.join.on))))
        found = self.columns.reindex(places).set_axis(frame.index, axis=0)
        return pd.concat([frame, found], axis=1)


def _keys(frame: pd.DataFrame, names: list[str]) -> pd.Series[str]:
    """Keys of rows as text; a key with a missing part is missing."""
    parts = [folded(as_text(frame[name])) for name in names]
    keys = parts[0]
    for part in parts[1:]:
        keys = keys + _SEPARATOR + part
    return keys


def _without(rows: int, kept: Ints) -> Ints:
    return np.delete(np.arange(rows, dtype=np.int64), kept)


def _rows_where(section: Section, frame: pd.DataFrame) -> Ints:
    """Rows that ``where`` keeps; those of which it cannot be said stay, for the checks to judge."""
    if section.where is None:
        return np.arange(len(frame), dtype=np.int64)
    return np.flatnonzero(Evaluation(frame).condition(section.where) >= UNREADABLE).astype(np.int64)


def _without_synonyms(section: Section, frame: pd.DataFrame) -> tuple[Section, pd.DataFrame]:
    """A column with several headers (``name = ["名称", "单位名称"]``) under the first one present, gaps filled by the others."""
    columns = dict(section.columns)
    for ours, headers in section.columns.items():
        if isinstance(headers, list):
            there = [header for header in headers if header in frame.columns] or headers
            columns[ours] = there[0]
            for other in there[1:] if there[0] in frame.columns else ():
                cells = as_text(frame[there[0]])
                frame = frame.assign(**{there[0]: cells.where(cells.notna(), as_text(frame[other])).to_numpy()})
    if section.has_row_key:
        columns[section.table.key] = ROW
    return replace(section, columns=columns), frame


def _read_columns(section: Section) -> list[str]:
    nodes = [*section.derived.values(), *([section.where] if section.where else [])]
    derived = [name for node in nodes for name in derive.columns_of(node)]
    return [*([section.distinct] if section.distinct else []), *section.columns.values(), *derived]


class _Rows:
    """Declared rows of the foreign rows of one section; ``chosen``: the rows that become one."""

    def __init__(self, section: Section, frame: pd.DataFrame) -> None:
        self.section = section
        self.frame = frame
        self.groups = self._groups() if section.distinct else np.arange(len(frame))
        self.chosen: Ints = self._first_known() if section.distinct else np.arange(len(frame))

    def declared(self) -> pd.DataFrame:
        cells: dict[str, Any] = {}
        for column in self.section.table.columns:
            value = self._cells(column)
            if value is not None:
                if column.name in self.section.units:
                    value = scaled(value, self.section.units[column.name])
                cells[column.name] = _translated(value, self.section.values.get(column.name))
        if MALFORMED in self.frame.columns:
            cells[MALFORMED] = self.frame[MALFORMED].iloc[self.chosen].reset_index(drop=True)
        return pd.DataFrame(cells, index=range(len(self.chosen)))

    def _cells(self, column: Column) -> pd.Series[Any] | None:
        section, day_format = self.section, self.section.formats.get(column.name, "")
        if column.name in section.constants:
            return pd.Series([section.constants[column.name]] * len(self.chosen))
        if column.name in section.derived:
            evaluation = Evaluation(self.frame, self.groups, self._known_by_then(), day_format)
            term = section.derived[column.name]
            value = evaluation.value(term, column)
            if day_format and isinstance(term, derive.Column):
                value = formatted(value, day_format)
            return value.iloc[self.chosen].reset_index(drop=True)
        name = section.columns.get(column.name, column.name)
        if name not in self.frame.columns:
            return None
        cells = self.frame[name].iloc[self.chosen].reset_index(drop=True)
        return formatted(cells, day_format) if day_format else cells

    def _groups(self) -> Ints:
        places, distinct = pd.factorize(folded(as_text(self.frame[self.section.distinct])))
        return np.where(places < 0, len(distinct), places).astype(np.int64)

    def _clock(self) -> pd.Series[Any] | None:
        """When each foreign row became known, if the mapping says so."""
        section, kind = self.section, self.section.table["recorded_at"]
        day_format = section.formats.get("recorded_at", "")
        term = section.derived.get("recorded_at")
        if term is not None:
            cells = Evaluation(self.frame, day_format=day_format).value(derive.row_level(term), kind)
        elif (name := section.columns.get("recorded_at", "recorded_at")) in self.frame.columns:
            cells = self.frame[name]
        else:
            return None
        return typed(formatted(cells, day_format) if day_format else cells, kind)[0]

    def _first_known(self) -> Ints:
        """Position of the first known row of each group; ties by content, so that the order of delivery says nothing."""
        order = pd.DataFrame({"group": self.groups})
        clock = self._clock()
        if clock is not None:
            order["clock"] = clock
        for number, name in enumerate(dict.fromkeys(_read_columns(self.section))):
            order[f"cell {number}"] = as_text(self.frame[name])
        first = order.sort_values(list(order.columns), kind="stable").drop_duplicates("group")
        return np.sort(first.index.to_numpy(dtype=np.int64))

    def _known_by_then(self) -> NDArray[np.bool_]:
        """Rows that ``min`` and ``max`` may use: those known when the chosen row of their group was.

        A later row must not change what stood on an earlier day, and one row an organisation has one day of knowledge.
        """
        clock = self._clock() if self.section.distinct else None
        if clock is None:
            return np.ones(len(self.frame), dtype=bool)
        first = pd.Series(clock.iloc[self.chosen].to_numpy(), index=self.groups[self.chosen])
        limit = first.reindex(self.groups).to_numpy()
        return np.asarray(~(clock.to_numpy() > limit), dtype=bool)


def _translated(cells: pd.Series[Any], words: Mapping[str, Any] | None) -> pd.Series[Any]:
    """Their words as ours: those named, ``""`` for blanks, ``"*"`` for all others; else a word stays, for the checks to judge."""
    if not words:
        return cells
    theirs, text = words_of(cells), as_text(cells)
    ours = {word.strip(): str(value) for word, value in words.items() if word.strip() not in ("", "*")}
    named = theirs.isin(list(ours)).to_numpy()
    if "*" in words:
        text = text.where(text.isna() | named, str(words["*"]))
    blank = next((str(value) for word, value in words.items() if not word.strip()), None)
    if blank is not None:
        text = text.fillna(blank)
    return text.mask(named, theirs.map(ours))


def _summary(section: Section, delivery: Delivery) -> str:
    """What a section did."""
    joins = [f"joined {join.foreign.label} on {', '.join(join.on)}" for join in section.joins]
    where = ["only rows of where"] if section.where else []
    group = [f"one row a {section.distinct}"] if section.distinct else []
    renamed = [f"{ours} ← {theirs}" for ours, theirs in section.columns.items()]
    fixed = [f"{name} = {value!r}" for name, value in section.constants.items()]
    derived = [f"{name} derived" for name in section.derived]
    formats = [f"{name} as {day_format}" for name, day_format in section.formats.items()]
    units = [f"{name} in {unit}" for name, unit in section.units.items()]
    words = [f"{name} translated" for name in section.values]
    taken = [name for name in section.table.names if name in delivery.frame.columns and name not in section.columns]
    same = [f"{name} as it is" for name in taken if name not in section.constants and name not in section.derived]
    done = "; ".join([*joins, *where, *group, *renamed, *fixed, *derived, *formats, *units, *words, *same])
    return f"{section.table.name}: mapped from 映射自 {section.source}: {done}"


def _unit_notices(section: Section, frame: pd.DataFrame) -> list[str]:
    """Headers that name another unit than yuan, where the mapping neither declares nor multiplies."""
    notices = []
    for column in section.table.columns:
        if column.kind != "money" or column.name in section.units or column.name in section.constants:
            continue
        term = section.derived.get(column.name)
        if term is not None and any(isinstance(part, derive.Product) for part in derive.walk(term)):
            continue
        headers = list(derive.columns_of(term)) if term else [str(section.columns.get(column.name, column.name))]
        notices += [
            unit_notice(section.table.name, column, header, unit)
            for header in headers
            if header in frame.columns and (unit := unit_of_header(header))
        ]
    return notices


def unit_notice(table: str, column: Column, header: str, unit: str) -> str:
    """A header names a unit, and amounts are read as yuan all the same."""
    return (
        f"{table}: header {header!r} names the unit {unit} and no unit is declared, so {column.name} is read in yuan "
        f'表头单位为{unit}，现按元读取. Declare units = {{ {column.name} = "{unit}" }} in a mapping file.'
    )
