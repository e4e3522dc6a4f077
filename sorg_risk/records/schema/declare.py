"""What a table and a column are, and the short words in which tables are declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from ...errors import NotFound

Kind = Literal["text", "code", "day", "timestamp", "money", "number", "integer", "flag"]
Identifier = Literal["", "key", "open", "document", "rule", "reference"]
"""How an identifier is folded: a key; ``open``: ``0`` and 否 name nobody; a document number; a rule id; what names a record."""

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""No date of a register lies outside; what does is a slip of the pen."""


@dataclass(frozen=True)
class Column:
    """One column: how it is written, and what may stand in it.

    ``event``: a day that lies in the past when it is recorded. ``lowest``/``highest``: allowed numbers, both inclusive;
    ``above``: the number must be larger than this. ``codes``: allowed words with their Chinese meaning. ``decisive``: a
    value that cannot be used refuses its row, although a row without one stands; see `is_essential`. ``identifier``: what
    the column names things by is folded at the door, see `records.identifiers`. ``digits``: the text is a
    number of so many digits.
    """

    name: str
    kind: Kind
    zh: str = ""
    required: bool = False
    event: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    lowest: float | None = None
    highest: float | None = None
    above: float | None = None
    decisive: bool = False
    identifier: Identifier = ""
    digits: tuple[int, ...] = ()

    @property
    def is_essential(self) -> bool:
        """Whether a value that cannot be used refuses the row; in any other column the cell alone is set aside.

        A row must not count as if an event had not happened, or as of another status, because a word cannot be read.
        """
        return self.required or self.event or self.decisive

    @property
    def is_number(self) -> bool:
        """Held as float64."""
        return self.kind in ("money", "number", "integer")


@dataclass(frozen=True)
class Table:
    """One table: its primary key and its columns in the order of the declaration."""

    name: str
    key: str
    columns: tuple[Column, ...]
    zh: str

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by their names."""
        return MappingProxyType({column.name: column for column in self.columns})

    @cached_property
    def of_rules(self) -> tuple[Column, ...]:
        """Columns that name a rule."""
        return tuple(column for column in self.columns if column.identifier == "rule")

    @property
    def names(self) -> list[str]:
        """Names of all columns, key first."""
        return [column.name for column in self.columns]

    @property
    def identity(self) -> list[str]:
        """What even a row that retracts a record must carry."""
        return list(dict.fromkeys([self.key, *self.owner, "recorded_at"]))

    @property
    def owner(self) -> list[str]:
        """``org_id``, or nothing where the rows belong to no organisation: such a table is read whole by whoever reads a part of the others."""
        return ["org_id"] if "org_id" in self.by_name else []

    @property
    def order(self) -> list[str]:
        """By what rows are sorted, and then by the day from which they stand."""
        return list(dict.fromkeys([*self.owner, self.key]))

    def __getitem__(self, name: str) -> Column:
        if name not in self.by_name:
            raise NotFound.name(f"column of {self.name}", name, self.names)
        return self.by_name[name]


def text(name: str, zh: str, required: bool = False) -> Column:
    """A word or a sentence, as it was written."""
    return Column(name, "text", zh, required)


def identifier(name: str, zh: str, kind: Identifier = "key", required: bool = False, decisive: bool = False) -> Column:
    """What a person, a decision, a rule or another record is named by."""
    return Column(name, "text", zh, required, decisive=decisive, identifier=kind)


def code(name: str, zh: str, codes: Mapping[str, str], required: bool = False, decisive: bool = False) -> Column:
    """One of some words; their Chinese meaning beside them."""
    return Column(name, "code", zh, required, codes=MappingProxyType(dict(codes)), decisive=decisive)


def division(name: str, zh: str, digits: tuple[int, ...] = (2, 3, 4, 5, 6), decisive: bool = False) -> Column:
    """An administrative division or the authority of one, by GB/T 2260."""
    return Column(name, "text", zh, identifier="key", digits=digits, decisive=decisive)


def event(name: str, zh: str, required: bool = False) -> Column:
    """A day that lies in the past when it is recorded."""
    return Column(name, "day", zh, required, event=True)


def day(name: str, zh: str, decisive: bool = False) -> Column:
    """A day that may lie ahead: a deadline, the end of a term."""
    return Column(name, "day", zh, decisive=decisive)


def money(name: str, zh: str, signed: bool = False) -> Column:
    """An amount in yuan; below zero only where ``signed``."""
    return Column(name, "money", zh, lowest=None if signed else 0.0)


def count(name: str, zh: str) -> Column:
    """A number of things: whole, not below zero."""
    return Column(name, "integer", zh, lowest=0.0)


def year(name: str, zh: str, decisive: bool = False) -> Column:
    """A year."""
    return Column(name, "integer", zh, lowest=FIRST_YEAR, highest=LAST_YEAR, decisive=decisive)


def flag(name: str, zh: str, decisive: bool = False) -> Column:
    """Yes, no or unknown."""
    return Column(name, "flag", zh, decisive=decisive)


def declared(name: str, zh: str, key: str, *columns: Column, of_nobody: bool = False) -> Table:
    """A table: its key and its organisation (unless ``of_nobody``) first, the knowledge clock and the retraction last."""
    head = [identifier(key, "主键", required=True)]
    if key != "org_id" and not of_nobody:
        head.append(identifier("org_id", "统一社会信用代码", required=True))
    tail = [Column("recorded_at", "timestamp", "登记入库时间", required=True), flag("voided", "已撤回", decisive=True)]
    return Table(name, key, (*head, *columns, *tail), zh)
