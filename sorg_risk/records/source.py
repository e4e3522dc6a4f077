"""A data source: every delivered row accounted for, and the doors to what was known on a day.

>>> import pandas as pd
>>> frames = {"organizations": pd.DataFrame({"org_id": ["51440300000000001M"], "recorded_at": ["2024-01-02"]})}
>>> source = open(frames)
>>> source.counts.loc[source.counts["read"] > 0].values.tolist()
[['organizations', 1, 1, 0, 0]]
>>> list(source.as_of("2024-01-01").orgs), list(source.as_of("2024-01-02").orgs)
([], ['51440300000000001M'])
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import DataError, UsageError
from . import mapping as mappings
from . import quarantine as refusals
from . import versions, withheld
from .checks import Checked, check
from .delivery import Delivery, File
from .packed import Packs, packs_of_frames
from .reading import Foreign, read_folder, read_frames, tables_in, unread
from .reading_databases import is_address, is_database, read_database
from .schema import SHARED, TABLES, table
from .translation import translate
from .view import View
from .widespread import MOST_ORGANIZATIONS

COUNTS = ["table", "read", "accepted", "quarantined", "filtered"]
_ALWAYS = np.datetime64("9999-12-30", "s")
"""A day by which everything delivered is known."""


def open(source: Any, mapping: str | Path | None = None) -> Source:  # noqa: A001
    """Reads and checks a data source; ``mapping`` is a TOML file for foreign tables.

    A source is a folder with one file (or dated files) a table, the address of a database, a SQLite file, a connection
    or engine of the caller's, or a dict of data frames. Raises `DataError` when the source or its table
    ``organizations`` is missing or unreadable; single rows that cannot be used are set aside in `Source.quarantine`
    instead.
    """
    translation = mappings.TableMapping() if mapping is None else mappings.load(mapping)
    deliveries = _delivered(source, translation.foreign, translation.encoding)
    made, notices = translate(translation, deliveries)
    known = {*translation.sources, *(foreign.label for foreign in translation.foreign)}
    notices = (*notices, *unknown_tables(deliveries, known))
    if is_folder(source):
        notices = (*notices, *passed_over(Path(source), translation.sources))
    where = source if is_folder(source) else "the data source"
    if "organizations" not in made:
        raise DataError.missing("table 'organizations'", where, "Every source needs this table.")
    if not len(made["organizations"].frame):
        raise DataError.missing("any row of 'organizations'", where, "Deliver the register again.")
    return Source(made, translation.code_scheme, translation.calendar, notices)


def is_folder(source: Any) -> bool:
    """Whether a source is the path of a folder."""
    return isinstance(source, str | os.PathLike) and not is_address(source) and Path(source).is_dir()


def unknown_tables(given: Iterable[str], mapped: Iterable[str]) -> tuple[str, ...]:
    """A notice of delivered tables that nobody reads: a misspelt name should not pass in silence."""
    unread = sorted(set(given) - set(TABLES) - set(mapped))
    return (f"unknown tables ignored 忽略未知表: {', '.join(unread)}",) if unread else ()


def passed_over(folder: Path, mapped: list[str]) -> tuple[str, ...]:
    """Notices of what lies in a folder and is not read."""
    left = unread(folder, mapped)
    told = (f"files and folders that are not read 未读取: {', '.join(left)}",) if left else ()
    return (*unknown_tables(tables_in(folder), mapped), *told)


def _delivered(source: Any, wanted: list[Foreign], encoding: str) -> dict[str, Delivery]:
    """What a source of any kind holds of the declared tables and of those a mapping wants."""
    if isinstance(source, Mapping) or is_database(source):
        for foreign in wanted:
            foreign.refuse_options("a data frame" if isinstance(source, Mapping) else "a table of a database")
    if isinstance(source, Mapping):
        return read_frames(source)
    if is_database(source):
        return read_database(source, [foreign.name for foreign in wanted])
    if isinstance(source, str | os.PathLike):
        return read_folder(Path(source), wanted, encoding)
    kinds = "a folder or a dict of data frames, a database address or a connection"
    raise UsageError(f"a source is {kinds}, not {type(source).__name__}.")


class Source:
    """Checked records of all versions. Everything above reads them through `as_of`.

    ``most_organizations``: a person or a group of relatives met in more organisations is nobody; see `widespread`.
    """

    most_organizations: int = MOST_ORGANIZATIONS

    def __init__(
        self,
        deliveries: Mapping[str, Delivery],
        code_scheme: str = "uscc",
        calendar: str = "law",
        notices: tuple[str, ...] = (),
        checked: Mapping[str, Checked] | None = None,
    ) -> None:
        self.code_scheme = code_scheme
        self.calendar = calendar
        self._deliveries = {name: deliveries.get(name) or _nothing() for name in TABLES}
        self.columns = {name: [str(column) for column in one.frame.columns] for name, one in self._deliveries.items()}
        self._checked = {
            name: checked[name] if checked else check(TABLES[name], self._deliveries[name], code_scheme)
            for name in TABLES
        }
        self._conflicts = {name: versions.conflicting(TABLES[name], one.rows) for name, one in self._checked.items()}
        self._history: dict[str, pd.DataFrame] = {}
        self.notices = [*notices, *self._table_notices(deliveries)]

    def __repr__(self) -> str:
        counts = self.counts[["read", "accepted", "quarantined"]].sum()
        return f"Source(read={counts['read']}, accepted={counts['accepted']}, quarantined={counts['quarantined']})"

    @cached_property
    def _spans(self) -> pd.DataFrame:
        """Days on which each organisation is known."""
        return versions.known_spans(self.history("organizations"))

    @cached_property
    def _judged(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return self.judged(_ALWAYS)

    def as_of(self, day: dt.date | str) -> View:
        """What was known at the end of a day (a date, or text such as ``2026-10-31``)."""
        return View(self, as_day(day))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Accepted rows of every table, all versions, typed, with all columns of the declaration."""
        return {name: self._accepted(name) for name in TABLES}

    @property
    def quarantine(self) -> pd.DataFrame:
        """Rows and cells that are not used, judged with everything known, with place, column, rule, reason and value."""
        return self._judged[0]

    @property
    def counts(self) -> pd.DataFrame:
        """Rows read, accepted, quarantined, and filtered by a mapping, per table; the latter three sum to the first."""
        return self._judged[1]

    @property
    def files(self) -> list[File]:
        """Delivered files with rows, hash and encoding, by name."""
        return sorted({file for one in self._deliveries.values() for file in one.files}, key=lambda file: file.name)

    def delivery(self, name: str) -> Delivery:
        """A table as delivered, with the files its rows came from."""
        return self._deliveries[table(name).name]

    def checked(self, name: str) -> Checked:
        """A table after the check: usable rows with their places in the delivery, and the refused ones."""
        return self._checked[table(name).name]

    @property
    def last_recorded(self) -> dt.date | None:
        """Latest day on which any usable row became known."""
        days = [one.rows["recorded_at"].max() for one in self._checked.values() if len(one.rows)]
        return max(days).date() if days else None

    def history(self, name: str) -> pd.DataFrame:
        """Standing days of every row: ``known_from <= d < known_until``, sorted by organisation, key, known_from."""
        declared = table(name)
        if name not in self._history:
            rows = self._checked[name].rows[~self._conflicts[name]]
            if name == "organizations" or not declared.owner:
                self._history[name] = versions.unbounded_history(declared, rows)
            else:
                self._history[name] = versions.history(declared, rows, self._spans)
        return self._history[name]

    @cached_property
    def packs(self) -> Packs:
        """The history of every table packed for sweeping."""
        orgs = pd.Index(sorted(set(self.history("organizations")["org_id"])), dtype="str", name="org_id")
        return packs_of_frames(orgs, self.history, self.calendar)

    def parts(self) -> Iterator[Packs]:
        """The same packs part by part: here all organisations at once, in a source larger than memory some at a time."""
        yield self.packs

    def judged(self, day: np.datetime64) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Quarantine and counts as of the end of a day; unreadable moments count as known from the start."""
        lines = []
        counts = []
        for name, one in self._checked.items():
            refused = one.refused.lines[_by(one.refused.recorded_at, day)]
            found = [refused, *self._set_aside(name, one, day)]
            lines.extend(found)
            delivery = self._deliveries[name]
            rows, read = len(delivery.frame), delivery.read
            out = sum(int(refusals.is_row(part).sum()) for part in found)
            counts.append((name, read, rows - out, out, read - rows))
        return refusals.joined(lines), pd.DataFrame(counts, columns=COUNTS)

    def withheld(self, day: np.datetime64) -> pd.DataFrame:
        """Rows delivered and not used, as known at the end of a day; see `withheld`."""
        found = [self._withheld(name, one, day) for name, one in self._checked.items() if name in withheld.KINDS]
        rows = withheld.joined(found)
        return rows[_by(rows["known_from"].to_numpy(), day)].reset_index(drop=True)

    def vanished(self, day: np.datetime64) -> pd.DataFrame:  # noqa: ARG002
        """Records that an earlier delivery had and this one has not, though nothing withdrew them; of a source by itself none."""
        return withheld.none()

    def rewritten(self, day: np.datetime64) -> pd.DataFrame:  # noqa: ARG002
        """Rows (table, key, org_id, known_from) that an earlier delivery had otherwise; of a source by itself none."""
        return withheld.none()[["table", "key", "org_id", "known_from"]]

    def loss_notices(self, day: np.datetime64) -> list[str]:  # noqa: ARG002
        """What an officer should know of records that vanished or were rewritten; of a source by itself nothing."""
        return []

    def _withheld(self, name: str, one: Checked, day: np.datetime64) -> pd.DataFrame:
        """Refused rows, conflicts and rows with cells set aside of one table, without those that a later row supersedes."""
        declared, rows, clash = TABLES[name], one.rows, self._conflicts[name]
        parts = [self._described(name, one.refused.typed)] if len(one.refused.lines) else []
        if clash.any():
            parts.append(self._described(name, rows[clash], one.position[clash]))
        if len(one.cells):
            at = one.cells["row"].to_numpy(dtype=np.int64)
            kept = ~clash[at]
            cells = one.cells["column"][kept].to_numpy()
            parts.append(self._described(name, rows.iloc[at[kept]], one.position[at[kept]], cells))
        found = withheld.joined(parts)
        others = rows.loc[~clash & rows[declared.key].isin(found["key"]) & _by(rows["recorded_at"].to_numpy(), day)]
        over = withheld.superseded(
            found["key"].to_numpy(dtype=object),
            withheld.day_number(found["known_from"]),
            others[declared.key].to_numpy(dtype=object),
            withheld.day_number(others["recorded_at"]),
        )
        return found[~over]

    def _described(
        self, name: str, rows: pd.DataFrame, position: NDArray[np.int64] | None = None, column: Any = ""
    ) -> pd.DataFrame:
        """Withheld rows by their places in the delivery (None: the refused ones), named as evidence names them."""
        if position is None:
            row = self._checked[name].refused.lines["row"].to_numpy(dtype=np.int64)
        else:
            row = self._deliveries[name].source_and_row(position)[1]
        named = [f"quarantine:{name}:{number}" for number in row]
        return withheld.referred(withheld.described(TABLES[name], rows), named, column)

    def _unknown(self, name: str, day: np.datetime64) -> NDArray[np.bool_]:
        """Usable rows without conflict whose organisation is not known on the day."""
        one = self._checked[name]
        if name == "organizations" or name in SHARED:
            return np.zeros(len(one.rows), dtype=bool)
        return ~self._conflicts[name] & ~versions.known_on(one.rows["org_id"], self._spans, day)

    def _set_aside(self, name: str, one: Checked, day: np.datetime64) -> list[pd.DataFrame]:
        """Lines for usable rows that other rows refuse (conflicts, unknown organisations), and for cells of the others."""
        declared = TABLES[name]
        known = _by(one.rows["recorded_at"].to_numpy(), day)
        verdicts = (
            ("version_conflict", declared.key, self._conflicts[name] & known),
            ("unknown_organization", "".join(declared.owner), self._unknown(name, day) & known),
        )
        used = known & ~verdicts[0][2] & ~verdicts[1][2]
        cells = one.cells[used[one.cells["row"].to_numpy(dtype=np.int64)]]
        lines = [
            refusals.lines(
                name,
                self._deliveries[name],
                one.position[bad],
                one.rows.loc[bad, declared.key],
                column,
                rule,
                refusals.reason(declared[column], rule),
                one.rows.loc[bad, column],
            )
            for rule, column, bad in verdicts
            if bad.any()
        ]
        return [*lines, refusals.cell_lines(declared, self._deliveries[name], one.rows, one.position, cells)]

    def _accepted(self, name: str) -> pd.DataFrame:
        out = self._conflicts[name] | self._unknown(name, _ALWAYS)
        return self._checked[name].rows[~out].reset_index(drop=True)

    def _table_notices(self, deliveries: Mapping[str, Delivery]) -> list[str]:
        return [notice for name, one in self._checked.items() if name in deliveries for notice in one.notices]


def as_day(day: dt.date | str) -> dt.date:
    """A calendar day from a date, a timestamp or ISO text; anything else raises `UsageError`."""
    if isinstance(day, dt.datetime):
        return day.date()
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except (TypeError, ValueError):
        raise UsageError(f"{day!r} is not a day; write it as 2026-10-31.") from None


def _by(moments: NDArray[np.datetime64], day: np.datetime64) -> NDArray[np.bool_]:
    return ~(moments >= day + np.timedelta64(1, "D"))


def _nothing() -> Delivery:
    return Delivery(pd.DataFrame(), ())
