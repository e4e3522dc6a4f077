"""A TOML file turns foreign tables into the declared ones: renamed columns, constants, translated codes, derived cells.

Verbs of a table: ``from`` (one table or several), ``header`` and ``sheet`` (where the table begins in a file), ``key = "row"``,
``join``, ``where``, ``distinct``, ``columns``, ``constants``, ``derive``, ``formats`` (of days), ``units`` (of amounts),
``values`` (words); they are applied in this order. Of the whole file: ``code_scheme``, ``calendar``, and ``encoding`` where that
of text files is not to be guessed. Foreign columns that already carry a declared name are taken as they are. Anything else is
an error that names the nearest thing that exists.

>>> parse({"fund_flows": {"from": ["bank", "cash"], "where": "amount > 0"}}).sources
['bank', 'cash']
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import DataError, MappingError
from . import derive
from .amounts import UNITS
from .evaluation import check_bounds
from .reading import READABLE, Foreign
from .schema import TABLES, Column, Table, table

CODE_SCHEMES = ("uscc", "any")
CALENDARS = ("law", "due_on")
ENCODINGS = ("utf-8", "gb18030", "utf-16")
OF_FILE = ("code_scheme", "calendar", "encoding")
ENTRIES = ("columns", "constants", "values", "derive", "units", "formats")
"""Verbs that say something of single columns."""
VERBS = ("from", "header", "sheet", "key", "join", "where", "distinct", *ENTRIES)
JOIN_VERBS = ("table", "on", "columns", "header", "sheet")
MAX_SOURCES = 100
MAX_HEADER_ROW = 1_000
_SAMPLE_DAYS = (dt.datetime(2021, 11, 27, 22, 45, 36), dt.datetime(1998, 2, 3, 4, 5, 6))


@dataclass(frozen=True)
class Join:
    """Columns of another table, looked up by a key; ``on`` and ``columns``: name here to name there."""

    foreign: Foreign
    on: Mapping[str, str]
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Section:
    """How one declared table is made of foreign ones."""

    table: Table
    foreign: tuple[Foreign, ...]
    distinct: str = ""
    has_row_key: bool = False
    joins: tuple[Join, ...] = ()
    where: derive.Node | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    derived: Mapping[str, derive.Node] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The foreign tables by name, for messages."""
        return ", ".join(dict.fromkeys(foreign.label for foreign in self.foreign))


@dataclass(frozen=True)
class TableMapping:
    """A whole mapping file."""

    code_scheme: str = "uscc"
    calendar: str = "law"
    encoding: str = ""
    sections: tuple[Section, ...] = ()

    @property
    def foreign(self) -> list[Foreign]:
        """Foreign tables that are read."""
        joined = [join.foreign for section in self.sections for join in section.joins]
        return sorted({*joined, *(one for section in self.sections for one in section.foreign)})

    @property
    def sources(self) -> list[str]:
        """Names of the foreign tables that are read."""
        return sorted({foreign.name for foreign in self.foreign})


def load(path: str | Path) -> TableMapping:
    """Reads and checks a mapping file; raises `MappingError` (content) or `DataError` (no such file)."""
    path = Path(path)
    try:
        if not path.is_file():
            raise DataError.missing("mapping file", path, "Name an existing TOML file.")
        return parse(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as problem:
        raise DataError.unreadable(path, problem.strerror, "Give the right to read it.") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as problem:
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


def _choice(what: str, value: object, allowed: Iterable[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise MappingError.choice(what, value, allowed)
    return value


def _section(declared: Table, body: object) -> Section:
    name = f"[{declared.name}]"
    if not isinstance(body, Mapping):
        raise MappingError(f"{name} must be a table of verbs: {', '.join(VERBS)}.")
    for verb in body:
        if verb not in VERBS:
            raise MappingError.choice(f"verb of {name}", verb, VERBS)
    parts = {verb: _entries(declared, verb, body.get(verb, {})) for verb in ENTRIES}
    has_row_key = "key" in body and bool(_choice(f"key of {name}", body["key"], ("row",)))
    made = [column for verb in ("columns", "constants", "derive") for column in parts[verb]]
    made += [declared.key] if has_row_key else []
    twice = sorted({column for column in made if made.count(column) > 1})
    if twice:
        raise MappingError(f"{name} makes {twice[0]!r} twice. Keep one of columns, constants, derive, key.")
    derived = {column: derive.parse(text) for column, text in parts["derive"].items()}
    distinct = _word(f"distinct of {name}", body["distinct"]) if "distinct" in body else ""
    if not distinct and any(derive.aggregates(term) for term in derived.values()):
        raise MappingError(f"{name} uses min or max without distinct. Name the distinct column.")
    where = derive.parse_condition(_word(f"where of {name}", body["where"])) if "where" in body else None
    for node in [*derived.values(), *([where] if where else [])]:
        check_bounds(node)
    for column, day_format in parts["formats"].items():
        _check_format(name, column, day_format, derived.get(column))
    return Section(
        declared,
        _foreign_tables(name, body, body.get("from", declared.name)),
        distinct,
        has_row_key,
        tuple(_join(name, join) for join in _as_list(body.get("join", []))),
        where,
        parts["columns"],
        parts["constants"],
        parts["values"],
        derived,
        parts["units"],
        parts["formats"],
    )


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _word(what: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise MappingError(f"{what} is {value!r}. Write a text between quotation marks.")
    return value


def _foreign_tables(name: str, body: Mapping[str, Any], given: object) -> tuple[Foreign, ...]:
    names = [_foreign_name(f"'from' of {name}", one) for one in _as_list(given)]
    twice = [one for one in names if names.count(one) > 1]
    if twice or not 0 < len(names) <= MAX_SOURCES:
        why = f"names {twice[0]!r} twice" if twice else f"has {len(names)} tables"
        raise MappingError(f"'from' of {name} {why}. Name 1 to {MAX_SOURCES} different tables.")
    return tuple(Foreign(one, _header(name, body), _sheet(name, body)) for one in names)


def _foreign_name(what: str, given: object) -> str:
    source = _word(what, given)
    source = source.removesuffix(next((end for end in READABLE if source.lower().endswith(end)), ""))
    if set(source) & set("/\\\0") or source.startswith(".") or not source.strip():
        raise MappingError(f"{what} is {source!r}. Write the plain name of a file or table.")
    return source


def _header(name: str, body: Mapping[str, Any]) -> int:
    row = body.get("header", 1)
    if isinstance(row, bool) or not isinstance(row, int) or not 1 <= row <= MAX_HEADER_ROW:
        raise MappingError(f"header of {name} is {row!r}. Write the number of its row, from 1 to {MAX_HEADER_ROW:,}.")
    return row


def _sheet(name: str, body: Mapping[str, Any]) -> str:
    return _word(f"sheet of {name}", body["sheet"]) if "sheet" in body else ""


def _join(name: str, body: object) -> Join:
    what = f"join of {name}"
    if not isinstance(body, Mapping) or not {"table", "on", "columns"} <= set(body):
        raise MappingError(f'{what} must be written as {{ table = "T2", on = "id", columns = {{ ours = "theirs" }} }}.')
    for verb in body:
        if verb not in JOIN_VERBS:
            raise MappingError.choice(f"verb of {what}", verb, JOIN_VERBS)
    foreign = Foreign(_foreign_name(f"table of {what}", body["table"]), _header(what, body), _sheet(what, body))
    on = {body["on"]: body["on"]} if isinstance(body["on"], str) else body["on"]
    pairs = {"on": on, "columns": body["columns"]}
    for verb, names in pairs.items():
        if not isinstance(names, Mapping) or not names:
            raise MappingError(f'{verb} of {what} must be written as {{ here = "there" }}.')
        for one in names.items():
            _word(f"{verb} of {what}", one[0]), _word(f"{verb} of {what}", one[1])
    return Join(foreign, on, body["columns"])


def _entries(declared: Table, verb: str, entries: object) -> Mapping[str, Any]:
    if not isinstance(entries, Mapping):
        raise MappingError(f"{verb} of [{declared.name}] must be written as {{ ours = theirs }}.")
    for name, value in entries.items():
        if name not in declared.by_name:
            raise MappingError.choice(f"column in {verb} of [{declared.name}]", name, declared.names)
        _check_entry(declared, verb, declared[name], value)
    return entries


def _check_entry(declared: Table, verb: str, column: Column, value: object) -> None:
    """What a verb may say of one column."""
    what = f"{verb} of {column.name} in [{declared.name}]"
    if verb in ("derive", "formats"):
        _word(what, value)
    if verb == "formats" and column.kind not in ("day", "timestamp"):
        raise MappingError(f"{what}: it is no day. Formats are of days, such as {{ recorded_at = '%d.%m.%Y' }}.")
    if verb == "columns":
        for header in _as_list(value) or [""]:
            _word(what, header)
    if verb == "constants" and not isinstance(value, str | int | float | dt.date):
        raise MappingError(f"{what} is {value!r}. Write a word, a number, a day, true or false.")
    if verb == "units":
        if not column.is_number:
            raise MappingError(f"{what}: it is no amount. Units are of amounts, such as {{ total_income = '万元' }}.")
        _choice(f"unit of {column.name} in [{declared.name}]", value, list(UNITS))
    if verb == "values":
        if not isinstance(value, Mapping):
            raise MappingError(f'{what} must be written as {{ "their word" = "our word" }}.')
        for theirs, ours in value.items():
            if not isinstance(ours, str | int | float | dt.date):
                raise MappingError(f"{what}: {theirs!r} = {ours!r}. Write a word, a number, true or false.")


def _check_format(name: str, column: str, day_format: str, term: derive.Node | None) -> None:
    """Raises `MappingError` unless the format writes days so that they can be read back."""
    months = ("month_start", "month_end", "year")
    is_of_month = term is not None and any(
        isinstance(part, derive.Call) and part.function in months for part in derive.walk(term)
    )
    cure = f"formats of {column} in {name} is {day_format!r}. Write year, month and day, such as '%d.%m.%Y'."
    for day in _SAMPLE_DAYS:
        try:
            back = dt.datetime.strptime(day.strftime(day_format), day_format)
        except ValueError as problem:
            raise MappingError(f"{cure} ({problem})") from problem
        if back.date() != day.date() and not (is_of_month and (back.year, back.month) == (day.year, day.month)):
            raise MappingError(cure)
