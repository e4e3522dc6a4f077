"""A TOML file turns foreign tables into the declared ones: renamed columns, constants, translated codes, derived cells.

Verbs of a table: ``from``, ``distinct``, ``columns``, ``constants``, ``values``, ``derive``; of the whole file:
``code_scheme``, ``calendar``, and ``encoding`` where that of text files is not to be guessed. Foreign columns that already
carry a declared name are taken as they are. Anything else is an error that names the nearest thing that exists. What was
done is told in notices.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import DataError, MappingError
from . import derive
from .columns import as_text, typed
from .delivery import MALFORMED, Delivery
from .reading import READABLE
from .schema import TABLES, Column, Table, table

CODE_SCHEMES = ("uscc", "any")
CALENDARS = ("law", "due_on")
ENCODINGS = ("utf-8", "gb18030", "utf-16")
OF_FILE = ("code_scheme", "calendar", "encoding")
VERBS = ("from", "distinct", "columns", "constants", "values", "derive")


@dataclass(frozen=True)
class Section:
    """How one declared table is made of a foreign one."""

    table: Table
    source: str
    distinct: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    derived: Mapping[str, derive.Term] = field(default_factory=dict)


@dataclass(frozen=True)
class TableMapping:
    """A whole mapping file."""

    code_scheme: str = "uscc"
    calendar: str = "law"
    encoding: str = ""
    sections: tuple[Section, ...] = ()

    @property
    def sources(self) -> list[str]:
        """Foreign tables that are read."""
        return sorted({section.source for section in self.sections})


def load(path: str | Path) -> TableMapping:
    """Reads and checks a mapping file; raises `MappingError` (content) or `DataError` (no such file)."""
    path = Path(path)
    try:
        if not path.is_file():
            raise DataError.missing("mapping file", path, "Name an existing TOML file.")
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as problem:
        raise DataError.unreadable(path, problem.strerror, "Give the right to read it.") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise MappingError(f"mapping {path.name} is not TOML: {problem}. Correct that place.") from problem
    except MappingError as problem:
        raise MappingError(f"mapping {path.name}: {problem}") from problem


def parse(content: Mapping[str, Any]) -> TableMapping:
    """Checked mapping of an already read TOML document."""
    code_scheme = _choice("code_scheme", content.get("code_scheme", "uscc"), CODE_SCHEMES)
    calendar = _choice("calendar", content.get("calendar", "law"), CALENDARS)
    encoding = _choice("encoding", content["encoding"], ENCODINGS) if "encoding" in content else ""
    sections = []
    for name, body in content.items():
        if name in OF_FILE:
            continue
        if name not in TABLES:
            raise MappingError.choice("table", name, [*TABLES, *OF_FILE])
        sections.append(_section(table(name), body))
    return TableMapping(code_scheme, calendar, encoding, tuple(sections))


def _choice(what: str, value: object, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise MappingError.choice(what, value, allowed)
    return str(value)


def _section(declared: Table, body: object) -> Section:
    if not isinstance(body, Mapping):
        raise MappingError(f"[{declared.name}] must be a table of verbs: {', '.join(VERBS)}.")
    for verb in body:
        if verb not in VERBS:
            raise MappingError.choice(f"verb of [{declared.name}]", verb, VERBS)
    parts = {verb: _entries(declared, verb, body.get(verb, {})) for verb in VERBS[2:]}
    made = [name for verb in ("columns", "constants", "derive") for name in parts[verb]]
    twice = sorted({name for name in made if made.count(name) > 1})
    if twice:
        raise MappingError(f"[{declared.name}] makes {twice[0]!r} twice. Keep one of columns, constants, derive.")
    derived = {name: derive.parse(str(text)) for name, text in parts["derive"].items()}
    distinct = str(body.get("distinct", ""))
    if not distinct and any(derive.aggregates(term) for term in derived.values()):
        raise MappingError(f"[{declared.name}] uses min or max without distinct. Name the distinct column.")
    source = str(body.get("from", declared.name))
    source = source.removesuffix(next((end for end in READABLE if source.endswith(end)), ""))
    if set(source) & set("/\\\0") or source.startswith(".") or not source.strip():
        raise MappingError(f"'from' of [{declared.name}] is {source!r}. Write the plain name of a file or table.")
    return Section(declared, source, distinct, parts["columns"], parts["constants"], parts["values"], derived)


def _entries(declared: Table, verb: str, entries: object) -> Mapping[str, Any]:
    if not isinstance(entries, Mapping):
        raise MappingError(f"{verb} of [{declared.name}] must be written as {{ ours = theirs }}.")
    for name in entries:
        if name not in declared.by_name:
            raise MappingError.choice(f"column in {verb} of [{declared.name}]", name, declared.names)
    return entries


def translate(mapping: TableMapping, deliveries: Mapping[str, Delivery]) -> tuple[dict[str, Delivery], tuple[str, ...]]:
    """Declared tables made of foreign ones, and what was done; tables without a section pass as they are."""
    made = {name: deliveries[name] for name in TABLES if name in deliveries}
    notices = []
    for section in mapping.sections:
        if section.source not in deliveries:
            raise DataError.missing(f"table {section.source!r}", _listing(deliveries), "Correct 'from' in the mapping.")
        plain, delivery = _without_synonyms(section, deliveries[section.source])
        made[section.table.name] = _made(plain, delivery)
        notices.append(_told(plain, delivery))
    return made, tuple(notices)


def _without_synonyms(section: Section, delivery: Delivery) -> tuple[Section, Delivery]:
    """A column with several headers (``name = ["名称", "单位名称"]``) under the first one present, gaps filled by the others."""
    frame, columns = delivery.frame, dict(section.columns)
    for ours, headers in section.columns.items():
        if isinstance(headers, list):
            there = [str(header) for header in headers if header in frame.columns] or [
                str(header) for header in headers
            ]
            columns[ours] = there[0]
            for other in there[1:] if there[0] in frame.columns else ():
                cells = as_text(frame[there[0]])
                frame = frame.assign(**{there[0]: cells.where(cells.notna(), as_text(frame[other]))})
    return replace(section, columns=columns), replace(delivery, frame=frame)


def _listing(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "an empty source"


def _made(section: Section, delivery: Delivery) -> Delivery:
    frame = delivery.frame
    for name in _read_columns(section):
        if name not in frame.columns:
            raise MappingError.choice(f"column of {section.source}", name, [str(column) for column in frame.columns])
    groups = _groups(section, frame) if section.distinct else np.arange(len(frame))
    chosen = _first_known(section, frame, groups) if section.distinct else np.arange(len(frame))
    cells: dict[str, Any] = {}
    for column in section.table.columns:
        value = _cells(section, column, frame, groups, chosen)
        if value is not None:
            cells[column.name] = _translated(value, section.values.get(column.name))
    if MALFORMED in frame.columns:
        cells[MALFORMED] = frame[MALFORMED].iloc[chosen].reset_index(drop=True)
    return delivery.picked(pd.DataFrame(cells, index=range(len(chosen))), chosen)


def _read_columns(section: Section) -> list[str]:
    derived = [name for term in section.derived.values() for name in derive.columns_of(term)]
    return [*([section.distinct] if section.distinct else []), *section.columns.values(), *derived]


def _cells(
    section: Section, column: Column, frame: pd.DataFrame, groups: NDArray[np.int64], chosen: NDArray[np.int64]
) -> pd.Series[Any] | None:
    if column.name in section.constants:
        return pd.Series([section.constants[column.name]] * len(chosen))
    if column.name in section.derived:
        known = _known_by_then(section, frame, groups, chosen)
        value = _Evaluation(frame, groups, known).of(section.derived[column.name], column)
        return value.iloc[chosen].reset_index(drop=True)
    name = section.columns.get(column.name, column.name)
    return frame[name].iloc[chosen].reset_index(drop=True) if name in frame.columns else None


def _translated(cells: pd.Series[Any], words: Mapping[str, Any] | None) -> pd.Series[Any]:
    """Their codes as ours; what is not named stays, for the checks to judge."""
    if not words:
        return cells
    text = as_text(cells)
    return text.mask(text.isin(list(words)), text.map({theirs: str(ours) for theirs, ours in words.items()}))


def _groups(section: Section, frame: pd.DataFrame) -> NDArray[np.int64]:
    places, distinct = pd.factorize(as_text(frame[section.distinct]))
    return np.where(places < 0, len(distinct), places).astype(np.int64)


def _clock(section: Section, frame: pd.DataFrame) -> pd.Series[Any] | None:
    """When each foreign row became known, if the mapping says so."""
    term = section.derived.get("recorded_at")
    name = next(derive.columns_of(term)) if term else section.columns.get("recorded_at", "recorded_at")
    return typed(frame[name], section.table["recorded_at"])[0] if name in frame.columns else None


def _first_known(section: Section, frame: pd.DataFrame, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of the first known row of each group; ties by content, so that the order of delivery says nothing."""
    order = pd.DataFrame({"group": groups})
    clock = _clock(section, frame)
    if clock is not None:
        order["clock"] = clock
    for number, name in enumerate(dict.fromkeys(_read_columns(section))):
        order[f"cell {number}"] = as_text(frame[name])
    first = order.sort_values(list(order.columns), kind="stable").drop_duplicates("group")
    return np.sort(first.index.to_numpy(dtype=np.int64))


def _known_by_then(
    section: Section, frame: pd.DataFrame, groups: NDArray[np.int64], chosen: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Rows that ``min`` and ``max`` may look at: those known when the chosen row of their group was.

    A later row must not change what stood on an earlier day, and one row an organisation has one day of knowledge.
    """
    clock = _clock(section, frame) if section.distinct else None
    if clock is None:
        return np.ones(len(frame), dtype=bool)
    first = pd.Series(clock.iloc[chosen].to_numpy(), index=groups[chosen])
    limit = first.reindex(groups).to_numpy()
    return np.asarray(~(clock.to_numpy() > limit), dtype=bool)


class _Evaluation:
    """Value of a term for every row of a foreign table; what cannot be read stays as delivered, for the quarantine."""

    def __init__(self, frame: pd.DataFrame, groups: NDArray[np.int64], known: NDArray[np.bool_]) -> None:
        self.frame = frame
        self.groups = groups
        self.known = known

    def of(self, term: derive.Term, kind: Column) -> pd.Series[Any]:
        """Cells of a term; ``kind`` says what ``min`` and ``max`` compare."""
        if isinstance(term, derive.Column):
            return self.frame[term.name].reset_index(drop=True)
        if isinstance(term, derive.Shift):
            return self._shifted(term)
        if isinstance(term, derive.Choice):
            return self._chosen(term)
        if term.function == "year":
            raw = self.of(term.term, _DAY)
            days, bad = typed(raw, _DAY)
            return _kept(days.dt.year, raw, bad)
        if term.function == "abs":
            raw = self.of(term.term, _NUMBER)
            numbers, bad = typed(raw, _NUMBER)
            return _kept(numbers.abs(), raw, bad)
        if term.function == "text":
            return as_text(self.of(term.term, kind)).str.zfill(term.width)
        cells, _ = typed(self.of(term.term, kind), kind)
        grouped = cells.where(self.known).groupby(self.groups)
        return grouped.transform("min") if term.function == "min" else grouped.transform("max")

    def _shifted(self, term: derive.Shift) -> pd.Series[Any]:
        raw = self.of(term.term, _DAY)
        days, bad = typed(raw, _DAY)
        return _kept(days + _OFFSETS[term.unit](term.number), raw, bad)

    def _chosen(self, term: derive.Choice) -> pd.Series[Any]:
        raw = self.of(term.term, _NUMBER)
        numbers, bad = typed(raw, _NUMBER)
        holds = {
            "<": numbers < term.bound,
            "<=": numbers <= term.bound,
            ">": numbers > term.bound,
            ">=": numbers >= term.bound,
        }[term.sign]
        words = pd.Series(np.where(holds, term.yes, term.no), dtype="str").mask(numbers.isna())
        return _kept(words, raw, bad)


_OFFSETS: Mapping[str, Callable[[int], pd.DateOffset]] = {
    "days": lambda number: pd.DateOffset(days=number),
    "months": lambda number: pd.DateOffset(months=number),
}
_DAY, _NUMBER = Column("day", "day"), Column("number", "number")


def _kept(cells: pd.Series[Any], raw: pd.Series[Any], bad: NDArray[np.bool_]) -> pd.Series[Any]:
    if not bad.any():
        return cells
    return as_text(cells).mask(bad, as_text(raw))


def _told(section: Section, delivery: Delivery) -> str:
    renamed = [f"{ours} ← {theirs}" for ours, theirs in section.columns.items()]
    fixed = [f"{name} = {value!r}" for name, value in section.constants.items()]
    derived = [f"{name} derived" for name in section.derived]
    words = [f"{name} translated" for name in section.values]
    one = [f"one row a {section.distinct}"] if section.distinct else []
    taken = [name for name in section.table.names if name in delivery.frame.columns and name not in section.columns]
    same = [f"{name} as it is" for name in taken if name not in section.constants and name not in section.derived]
    done = "; ".join([*one, *renamed, *fixed, *derived, *words, *same])
    return f"{section.table.name}: mapped from 映射自 {section.source}: {done}"
