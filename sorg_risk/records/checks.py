"""Which rows of a delivered table can be used: the declarations become pandera schemas, their failures the quarantine.

Typing finds what cannot be read; pandera finds what may not stand there (missing, unknown word, negative money, a
day that lies after the row was recorded). A fault in an essential column refuses its row; in any other column the cell
alone is set aside: it becomes missing, and its row stays. A row that only retracts a record needs no more
than its key, organisation and moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import codes, identifiers, quarantine
from .columns import DAY_NUMBER, as_text, day_number_hints, empty, typed, written
from .delivery import MALFORMED, Delivery, Top
from .headers import header_hint, names_of, second_header, unread_units
from .pandera_alone import SchemaErrors, pa
from .quarantine import Refused
from .rule_ids import RULE_IDS, nearest
from .schema import FIRST_YEAR, LAST_YEAR, TABLES, Column, Table
from .withheld import columns_read

LONGEST_NOTHING = 8
"""Letters of the longest cell of text that may say that nothing is known."""
ERROR_VALUES = ("#REF!", "#DIV/0!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#N/A!")
"""Error values of workbooks, as they are read and as text files repeat them; #N/A typed by hand is a word for nothing."""
NOT_CALCULATED = " (not calculated)"
"""How the reader of workbooks marks a formula without a value."""
_LEAD = " after recorded_at"
"""Ends the name of a helper column: days by which an event lies after the day its row was recorded."""

_DAYS = (pd.Timestamp(FIRST_YEAR, 1, 1), pd.Timestamp(LAST_YEAR, 12, 31, 23, 59, 59))


@dataclass(frozen=True)
class Checked:
    """One table after the check: usable rows (``position``: their place in the delivery), refused rows, notices.

    ``cells``: cells of usable rows that were set aside; see `quarantine.no_cells` for its columns. ``folded``: how many
    identifiers were folded.
    """

    rows: pd.DataFrame
    position: NDArray[np.int64]
    refused: Refused
    notices: tuple[str, ...]
    cells: pd.DataFrame = field(default_factory=quarantine.no_cells)
    folded: identifiers.Counts = field(default_factory=dict)


def check(table: Table, delivery: Delivery, code_scheme: str) -> Checked:
    """Types and checks one delivered table; ``code_scheme`` says whether Chinese credit codes are asked for."""
    if delivery.frame.empty and not delivery.frame.columns.size:
        return _of_nothing(table.name, delivered=bool(delivery.files))
    is_workbook = any(file.name.lower().endswith(".xlsx") for file in delivery.files)
    rows, faults, folded = _typed_frame(table, delivery.frame, is_workbook)
    if code_scheme == "uscc":
        for name in ("org_id", "counterparty_id"):
            if name in rows:
                rows[name] = codes.folded(rows[name])
        if table.owner:
            faults.append(_faults(table, "org_id", "invalid_code", ~codes.valid(rows["org_id"])))
    void = rows["voided"].fillna(False).to_numpy(dtype=bool)
    faults += [_unknown_rules(table, column, rows[column.name]) for column in table.of_rules]
    for part, whole in ((~void, True), (void, False)):
        if part.any():
            faults.append(_failures(table, rows[part], whole))
    found = pd.concat(faults, ignore_index=True).drop_duplicates(["position", "order"])
    found["hint"] = found["hint"].fillna("")
    refuses = _is_refusing(table, found, void)
    out = np.unique(found["position"][refuses])
    good = np.delete(np.arange(len(rows)), out)
    lost = np.isin(found["position"], out)
    usable = rows.iloc[good].reset_index(drop=True)
    cells = _set_aside(table, delivery.frame, found[~lost], good, usable)
    told = (
        *notices(table, list(delivery.frame.columns), len(delivery.frame), delivery.top),
        *_day_numbers(table, found),
        *identifiers.told(table.name, folded),
    )
    refused = _refused(table, delivery, rows, found[lost], refuses[lost])
    return Checked(_retractions_blank(table, usable), good, refused, told, cells, folded)


def _is_refusing(table: Table, faults: pd.DataFrame, void: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which faults refuse their row: those of essential columns; of a retraction those of its identity alone."""
    identity = [name in (*table.identity, "voided") for name in table.names]
    essential = np.array([column.is_essential for column in table.columns])
    order = faults["order"].to_numpy(dtype=np.int64)
    wanted = np.where(void[faults["position"].to_numpy(dtype=np.int64)], np.array(identity)[order], essential[order])
    return np.asarray(wanted | (faults["rule"] == "malformed_row").to_numpy(), dtype=bool)


def _set_aside(
    table: Table, raw: pd.DataFrame, faults: pd.DataFrame, good: NDArray[np.int64], usable: pd.DataFrame
) -> pd.DataFrame:
    """Makes the faulty cells of usable rows missing; returns them with their rules and values."""
    if faults.empty:
        return quarantine.no_cells()
    faults = faults.sort_values(["position", "order"], ignore_index=True)
    row = np.searchsorted(good, faults["position"].to_numpy(dtype=np.int64))
    order = faults["order"].to_numpy(dtype=np.int64)
    for one in np.unique(order):
        mask = np.zeros(len(usable), dtype=bool)
        mask[row[order == one]] = True
        usable[table.names[one]] = usable[table.names[one]].mask(mask)
    cells = {
        "row": row,
        "column": np.array(table.names, dtype=object)[order],
        "rule": quarantine.CELL + faults["rule"].astype("str"),
        "value": _values(table, raw, faults),
    }
    return pd.DataFrame(cells).astype({"column": "str", "rule": "str", "value": "str"})


@lru_cache(maxsize=2 * len(TABLES))
def _of_nothing(name: str, *, delivered: bool) -> Checked:
    """A table that was not delivered, or delivered as an empty file: the same nothing every time."""
    table = TABLES[name]
    rows = pd.DataFrame({column.name: empty(column, 0) for column in table.columns})
    refused = Refused(quarantine.no_lines(), np.empty(0, dtype="datetime64[us]"))
    notices = (_delivered_empty(table),) if delivered else ()
    return Checked(rows.astype({"voided": "boolean"}), np.empty(0, dtype=np.int64), refused, notices)


def typed_again(table: Table, raw: pd.DataFrame, code_scheme: str) -> pd.DataFrame:
    """Rows as typed cells once more, from cells as they were delivered; what cannot be read is missing."""
    rows, _, _ = _typed_frame(table, raw, is_workbook=False)
    return rows.assign(org_id=codes.folded(rows["org_id"])) if code_scheme == "uscc" else rows


def _typed_frame(
    table: Table, raw: pd.DataFrame, is_workbook: bool
) -> tuple[pd.DataFrame, list[pd.DataFrame], dict[str, identifiers.Counted]]:
    """The rows as declared, what cannot be read, and how many identifiers of each column were folded."""
    cells: dict[str, pd.Series[Any]] = {}
    folded: dict[str, identifiers.Counted] = {}
    faults = [_faults(table, table.key, "unreadable", np.zeros(len(raw), dtype=bool))]
    for column in table.columns:
        if column.name not in raw.columns:
            cells[column.name] = empty(column, len(raw))
            continue
        cells[column.name], bad = typed(raw[column.name], column)
        if not column.required and not column.identifier:
            cells[column.name], bad = _without_nothing(raw[column.name], cells[column.name], bad, column)
        faults += _formula_faults(table, column, raw[column.name], bad, is_workbook)
        unreadable = _faults(table, column.name, "unreadable", bad)
        if column.kind in ("day", "timestamp") and bad.any():
            unreadable["hint"] = day_number_hints(raw[column.name].iloc[np.flatnonzero(bad)])
        faults.append(unreadable)
        if column.kind in ("text", "code"):
            faults.append(_faults(table, column.name, "nul_character", _has_nul(cells[column.name])))
        if column.identifier:
            one = identifiers.identified(cells[column.name], column)
            cells[column.name] = one.cells
            faults.append(_faults(table, column.name, "rounded_number", one.rounded))
            if any(one.counts):
                folded[column.name] = one.counts
    if MALFORMED in raw.columns:
        marks = raw[MALFORMED].reset_index(drop=True)
        malformed = _faults(table, table.key, "malformed_row", marks.notna().to_numpy(dtype=bool))
        faults.append(malformed.assign(hint=marks[malformed["position"]].astype("str").to_numpy(dtype=object)))
    return pd.DataFrame(cells), faults, folded


def _has_nul(cells: pd.Series[Any]) -> NDArray[np.bool_]:
    """Texts with the character NUL, which ends a text for databases and C libraries."""
    return cells.str.contains("\0", regex=False).fillna(False).to_numpy(dtype=bool)


def _without_nothing(
    raw: pd.Series[Any], cells: pd.Series[Any], bad: NDArray[np.bool_], column: Column
) -> tuple[pd.Series[Any], NDArray[np.bool_]]:
    """Words for nothing (无, N/A, —) in an optional column are missing: neither its text nor a cell that cannot be read."""
    if column.kind == "text":
        at = np.flatnonzero(cells.str.len().le(LONGEST_NOTHING).fillna(False).to_numpy(dtype=bool))
    elif column.kind == "code":
        at = np.flatnonzero(cells.notna().to_numpy() & ~cells.isin(list(column.codes)).to_numpy())
    else:
        at = np.flatnonzero(bad)
    if not len(at):
        return cells, bad
    places, words = pd.factorize(as_text(raw.iloc[at]))
    nothing = at[np.array([*map(identifiers.is_nothing, words), False], dtype=bool)[places]]
    if column.kind in ("text", "code") and len(nothing):
        mask = np.zeros(len(cells), dtype=bool)
        mask[nothing] = True
        return cells.mask(mask), bad
    readable = bad.copy()
    readable[nothing] = False
    return cells, readable


def _formula_faults(
    table: Table, column: Column, raw: pd.Series[Any], bad: NDArray[np.bool_], is_workbook: bool
) -> list[pd.DataFrame]:
    """Cells of text, and cells that cannot be read, which hold an error value or a formula that has no value."""
    if not pd.api.types.is_string_dtype(raw.dtype):
        return []
    at = np.flatnonzero(bad) if column.kind not in ("text", "code") else np.arange(len(raw))
    cells = raw.iloc[at]
    masks = {"error_value": cells.isin(ERROR_VALUES)}
    if is_workbook:
        masks["not_calculated"] = cells.str.endswith(NOT_CALCULATED)
    places = {rule: at[np.asarray(mask.fillna(False), dtype=bool)] for rule, mask in masks.items()}
    order = table.names.index(column.name)
    return [
        pd.DataFrame({"position": rows, "order": order, "rule": rule, "hint": ""})
        for rule, rows in places.items()
        if len(rows)
    ]


def _faults(table: Table, column: str, rule: str, bad: NDArray[np.bool_]) -> pd.DataFrame:
    return pd.DataFrame({"position": np.flatnonzero(bad), "order": table.names.index(column), "rule": rule, "hint": ""})


def _unknown_rules(table: Table, column: Column, words: pd.Series[Any]) -> pd.DataFrame:
    """Words that are no rule id, each with the nearest one."""
    bad = words.notna() & ~words.isin(RULE_IDS)
    faults = _faults(table, column.name, "unknown_code", bad.to_numpy(dtype=bool))
    return faults.assign(hint=words[bad].map(nearest).to_numpy(dtype=object))


def _failures(table: Table, rows: pd.DataFrame, whole: bool) -> pd.DataFrame:
    """What pandera finds, one line a cell: position, order of the column, rule."""
    frame = _with_leads(table, rows) if whole else rows[table.identity]
    try:
        _schema(table.name, whole).validate(frame, lazy=True)
    except SchemaErrors as problems:
        cases = problems.failure_cases
        columns = cases["column"].str.removesuffix(_LEAD)
        return pd.DataFrame(
            {
                "position": cases["index"].to_numpy(dtype=np.int64),
                "order": columns.map({name: order for order, name in enumerate(table.names)}).to_numpy(),
                "rule": cases["check"].replace("not_nullable", "missing_required").to_numpy(),
            }
        )
    return _faults(table, table.key, "unreadable", np.zeros(0, dtype=bool))


def _with_leads(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    recorded = rows["recorded_at"].dt.floor("D")
    leads = {
        column.name + _LEAD: (rows[column.name] - recorded).dt.total_seconds()
        for column in table.columns
        if column.event
    }
    return rows.assign(**leads)


@lru_cache(maxsize=64)
def _schema(name: str, whole: bool) -> pa.DataFrameSchema:
    table = TABLES[name]
    columns = {}
    for column in table.columns if whole else [table[name] for name in table.identity]:
        checks = _checks_of(column)
        if checks or column.required:
            columns[column.name] = pa.Column(None, checks, nullable=not column.required)
        if column.event and whole:
            columns[column.name + _LEAD] = pa.Column(
                None, [pa.Check.le(0, error="event_after_recorded")], nullable=True
            )
    return pa.DataFrameSchema(columns)


def _checks_of(column: Column) -> list[pa.Check]:
    if column.kind in ("day", "timestamp"):
        return [pa.Check.in_range(*_DAYS, error="out_of_range")]
    if column.codes:
        return [pa.Check.isin(list(column.codes), error="unknown_code")]
    if column.digits:
        pattern = "|".join(f"[0-9]{{{count}}}" for count in column.digits)
        return [pa.Check.str_matches(rf"(?:{pattern})\Z", error="not_a_division")]
    if column.above is not None:
        return [pa.Check.gt(column.above, error="not_positive")]
    if column.highest is not None:
        return [pa.Check.in_range(column.lowest, column.highest, error="out_of_range")]
    if column.lowest is not None:
        return [pa.Check.ge(column.lowest, error="negative")]
    return []


def _retractions_blank(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """A retraction carries nothing but its identity, whatever its other cells repeat."""
    void = rows["voided"].fillna(False).astype("bool")
    rows["voided"] = void.astype("boolean")
    if void.any():
        for name in table.names:
            if name not in (*table.identity, "voided"):
                rows[name] = rows[name].mask(void)
    return rows


def _refused(
    table: Table, delivery: Delivery, rows: pd.DataFrame, found: pd.DataFrame, refuses: NDArray[np.bool_]
) -> Refused:
    """Rows that cannot be used: each by its first fault that refuses it, the reasons of all beside."""
    found = found.assign(beside=~refuses).sort_values(["position", "beside", "order"], ignore_index=True)
    first = found.drop_duplicates("position")
    positions = first["position"].to_numpy(dtype=np.int64)
    lines = quarantine.lines(
        table.name,
        delivery,
        positions,
        rows[table.key].iloc[positions],
        np.array(table.names, dtype=object)[first["order"].to_numpy(dtype=np.int64)],
        first["rule"].to_numpy(),
        _reasons(table, found),
        _values(table, delivery.frame, first),
    )
    readable = rows[columns_read(table)].iloc[positions]
    return Refused(lines, rows["recorded_at"].to_numpy()[positions], lambda: readable)


def _reasons(table: Table, found: pd.DataFrame) -> NDArray[np.object_]:
    """What is wrong with each refused row, fault by fault; rows with the same faults share one text."""
    if not len(found):
        return np.empty(0, dtype=object)
    fault, faults = pd.factorize(pd.MultiIndex.from_frame(found[["order", "rule", "hint"]]))
    row, rank = pd.factorize(found["position"])[0], found.groupby("position").cumcount().to_numpy()
    sets = np.full((row[-1] + 1, rank.max() + 1), -1)
    sets[row, rank] = fault
    distinct, which = np.unique(sets, axis=0, return_inverse=True)
    words = [quarantine.reason(table.columns[order], rule, hint) for order, rule, hint in faults]
    said = ["; ".join(words[one] for one in some if one >= 0) for some in distinct]
    return np.array(said, dtype=object)[which]


def _values(table: Table, raw: pd.DataFrame, first: pd.DataFrame) -> NDArray[np.object_]:
    values = np.full(len(first), "", dtype=object)
    for order in np.unique(first["order"].to_numpy(dtype=np.int64)):
        name = table.names[order]
        if name in raw.columns:
            here = first["order"].to_numpy() == order
            cells = raw[name].iloc[first["position"].to_numpy(dtype=np.int64)[here]]
            values[here] = written(cells).fillna("").to_numpy(dtype=object)
    return values


def notices(table: Table, given: list[str], rows: int, top: Top = ()) -> tuple[str, ...]:
    """What an officer should know of the columns of a delivered table, and of its emptiness; ``top``: its first rows."""
    unknown = [name for name in given if name not in table.by_name and name != MALFORMED]
    absent = [column.name for column in table.columns if column.required and column.name not in given]
    told = []
    if unknown:
        told.append(f"{table.name}: unknown columns ignored 忽略未知列: {', '.join(unknown)}")
        told += unread_units(table, unknown)
    if not rows:
        told.append(_delivered_empty(table))
    elif absent:
        hint = header_hint(names_of(table), given, top)
        told.append(f"{table.name}: required columns missing 缺少必填列: {', '.join(absent)}{hint}")
    if not absent and (second := second_header(table, given, top)):
        told.append(second)
    return tuple(told)


def _day_numbers(table: Table, faults: pd.DataFrame) -> list[str]:
    """A notice a column whose days are numbers of a workbook."""
    hints = faults[faults["hint"].str.startswith(DAY_NUMBER)]
    return [
        f"{table.name}: {len(cells):,} cells of {table.names[int(cells['order'].iloc[0])]} are {cells['hint'].iloc[0]}"
        for _, cells in hints.groupby("order")
    ]


def _delivered_empty(table: Table) -> str:
    return f"{table.name}: delivered empty 空表"
