"""What the authority knew at the end of one day: the only door through which anything above reads records.

>>> from sorg_risk.records import open
>>> versions = {"org_id": "51440300000000001M", "name": ["old", "new"], "recorded_at": ["2024-01-02", "2025-01-02"]}
>>> view = open({"organizations": pd.DataFrame(versions)}).as_of("2024-12-31")
>>> view, view.table("organizations")["name"].tolist()
(View(2024-12-31, 1 organisations), ['old'])
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .digest import digest
from .lookups import within
from .packed import Packs, packs_of_frames
from .schema import TABLES, table
from .versions import OPEN

if TYPE_CHECKING:
    from .source import Source


class View:
    """Records as known on `day`; nothing recorded later has any part in it.

    Frames are shared with everybody who asks: read them, never write into them.
    """

    def __init__(
        self,
        source: Source,
        day: dt.date,
        org_ids: pd.Index[str] | None = None,
        known_by: dt.date | None = None,
        whole: View | None = None,
    ) -> None:
        self.source = source
        self.day = day
        self.known_by = known_by or day
        self._only = org_ids
        self._whole = whole
        self._tables: dict[str, pd.DataFrame] = {}
        self._gathered: dict[Callable[[View], pd.DataFrame], pd.DataFrame] = {}
        self._withheld: pd.DataFrame | None = None
        self._judged: tuple[pd.DataFrame, pd.DataFrame] | None = None

    def __repr__(self) -> str:
        return f"View({self.day.isoformat()}, {len(self.orgs)} organisations)"

    def table(self, name: str) -> pd.DataFrame:
        """Rows of a table that stand on the day, sorted by organisation and key; unknown names raise `NotFound`.

        Rows that belong to no organisation (`schema.SHARED`) are the same in every restricted view.
        """
        declared = table(name)
        if declared.name not in self._tables:
            rows = self._versions(name)
            stands = (rows["known_from"].to_numpy() <= self._end) & (rows["known_until"].to_numpy() > self._end)
            self._tables[name] = self._own(rows, stands)[declared.names].reset_index(drop=True)
        return self._tables[name]

    def history(self, name: str) -> pd.DataFrame:
        """Every version known by the day with its standing days, ``known_from <= d < known_until``; what ends it later is not known yet.

        Sorted by organisation, key and ``known_from``; a version that stands on the day has ``known_until`` 9999-12-31.
        """
        rows = self._versions(table(name).name)
        rows = self._own(rows, rows["known_from"].to_numpy() <= self._end).reset_index(drop=True)
        return rows.assign(known_until=rows["known_until"].where(rows["known_until"] <= self._end, OPEN))

    @property
    def orgs(self) -> pd.Index[str]:
        """All organisations known on the day, sorted."""
        return _index(self.table("organizations")["org_id"])

    @property
    def active(self) -> pd.Index[str]:
        """Organisations neither deregistered nor revoked, as known on the day."""
        rows = self.table("organizations")
        gone = rows["status"].isin(["deregistered", "revoked"])
        return _index(rows.loc[~gone, "org_id"])

    @cached_property
    def packs(self) -> Packs:
        """The tables of the day packed for sweeping."""
        return packs_of_frames(self.orgs, self.table, self.source.calendar)

    def parts(self) -> Iterator[Packs]:
        """The same packs part by part: here all organisations at once, in a view larger than memory some at a time."""
        yield self.packs

    def first_known(self, name: str) -> pd.Series[Any]:
        """The first day on which each record of a table was known, whatever its versions say, under any organisation: indexed by key."""
        rows = self._everywhere(table(name).name)
        rows = rows.loc[rows["known_from"].to_numpy() <= self._end]
        return rows.groupby(TABLES[name].key)["known_from"].min().astype("datetime64[s]")

    def portions(self) -> Iterator[View]:
        """The same view for some organisations at a time: here for all at once, in a view larger than memory portion by portion."""
        yield self

    def gathered(self, make: Callable[[View], pd.DataFrame]) -> pd.DataFrame:
        """What a function makes of all organisations (also beyond a restricted view), portion by portion; made once, sorted by ``org_id``."""
        whole = self.whole
        if make not in whole._gathered:
            parts = [make(portion) for portion in whole.portions()]
            joined = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
            whole._gathered[make] = joined.sort_values("org_id", kind="stable", ignore_index=True)
        return whole._gathered[make]

    def of_org(self, name: str, org_id: str) -> pd.DataFrame:
        """Rows of a table that stand on the day, of one organisation."""
        rows = self.table(name)
        found: pd.DataFrame = rows[rows["org_id"].eq(org_id)].reset_index(drop=True)
        return found

    def with_keys(self, name: str, keys: pd.Series[str]) -> pd.DataFrame:
        """Rows of a table that stand on the day and have one of some keys."""
        rows = self.table(name)
        found: pd.DataFrame = rows.loc[within(rows[TABLES[name].key], keys)].reset_index(drop=True)
        return found

    @property
    def last_recorded(self) -> dt.date | None:
        """The latest day on which any row that stands became known."""
        days = [rows["recorded_at"].max() for rows in map(self.table, TABLES) if len(rows)]
        return max(days).date() if days else None

    @property
    def quarantine(self) -> pd.DataFrame:
        """Rows not used, as judged on the day (of the whole source, also in a restricted view)."""
        return self._judgement()[0]

    @property
    def withheld(self) -> pd.DataFrame:
        """Rows of the view's organisations that were delivered and are not used, as known on the day; see `withheld`."""
        if self._withheld is None:
            whole = self.whole
            if whole._withheld is None:
                whole._withheld = self.source.withheld(self._end)
            rows = whole._withheld
            self._withheld = self._own(rows, np.ones(len(rows), dtype=bool)).reset_index(drop=True)
        return self._withheld

    @property
    def vanished(self) -> pd.DataFrame:
        """Records of the whole source, known by the day, that earlier deliveries had and this one has not."""
        return self.source.vanished(self._end)

    @property
    def rewritten(self) -> pd.DataFrame:
        """Rows of the whole source, known by the day, that the delivery before had otherwise."""
        return self.source.rewritten(self._end)

    @property
    def loss_notices(self) -> list[str]:
        """What an officer should know of records that vanished or were rewritten."""
        return self.source.loss_notices(self._end)

    @property
    def counts(self) -> pd.DataFrame:
        """Rows read, accepted, quarantined and filtered per table, as judged on the day; rows known only later are accepted."""
        return self._judgement()[1]

    def restricted_to(self, org_ids: Iterable[str]) -> View:
        """The same day for some organisations only."""
        wanted = pd.Index(sorted(set(org_ids)), dtype="str")
        if self._only is not None:
            wanted = wanted.intersection(self._only)
        return type(self)(self.source, self.day, wanted, self.known_by, self.whole)

    def later(self, day: dt.date) -> View:
        """The same knowledge on a later day: time passes and nothing is learnt. For what-ifs, never for a result."""
        whole = type(self)(self.source, day, None, self.known_by)
        return whole if self._only is None else whole.restricted_to(self._only)

    @property
    def whole(self) -> View:
        """The same day and knowledge without restriction (itself where there is none)."""
        return self if self._whole is None else self._whole

    def digests(self) -> dict[str, str]:
        """SHA-256 of the standing rows of every table, of the quarantine and of what vanished: equal content, equal digest."""
        return {**{name: self._digest(name) for name in TABLES}, **self._other_digests()}

    def _other_digests(self) -> dict[str, str]:
        """Digests of what is not used: the quarantine, and what vanished or was rewritten since earlier deliveries."""
        lost = self.vanished[["table", "key", "org_id", "kind", "fiscal_year", "latest", "known_from"]]
        return {
            "quarantine": digest(self.quarantine),
            "vanished": digest(lost),
            "rewritten": digest(self.rewritten),
        }

    @property
    def _end(self) -> np.datetime64:
        """The day by whose end everything must be known."""
        return np.datetime64(self.known_by, "s")

    def _versions(self, name: str) -> pd.DataFrame:
        """All versions of a table, later ones too: only for `table` and `history`, which cut them at the day."""
        return self.source.history(name)

    def _everywhere(self, name: str) -> pd.DataFrame:
        """All versions of the records that organisations of this view ever had, under other organisations too."""
        return self._versions(name)

    def _own(self, rows: pd.DataFrame, wanted: NDArray[np.bool_]) -> pd.DataFrame:
        """Some rows, of the organisations of a restricted view only; what belongs to none is read whole."""
        if self._only is not None and "org_id" in rows:
            wanted = wanted & within(rows["org_id"], self._only)
        return rows if wanted.all() else rows.loc[wanted]

    def _digest(self, name: str) -> str:
        return digest(self.table(name))

    def _judgement(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        if self._judged is None:
            self._judged = self.source.judged(self._end)
        return self._judged


def _index(org_ids: pd.Series[str]) -> pd.Index[str]:
    return pd.Index(org_ids, name="org_id", dtype="str")
