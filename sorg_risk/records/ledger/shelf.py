"""Some organisations of an edition, and what was read of them: of few it is kept, of many it is read whenever it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from ..lookups import within
from ..schema import TABLES
from .bucket import Bucket, nothing
from .edition import Edition
from .spill import bucket_of

FEW: Final = 30_000
"""Of so many organisations all tables but the widest are held in memory (some 800 MB where each has a hundred rows)."""
_NO_DAYS = {name: pd.Series(dtype="datetime64[s]") for name in ("known_from", "known_until")}


class Shelf:
    """All versions of the rows of some organisations (None: of all); ``wider``: a shelf that has them too, perhaps read already."""

    def __init__(self, edition: Edition, orgs: pd.Index[str] | None = None, wider: Shelf | None = None) -> None:
        self.edition = edition
        self._orgs = orgs
        self._wider = wider
        self._kept: dict[str, pd.DataFrame] = {}

    @cached_property
    def buckets(self) -> list[Bucket]:
        """The buckets that hold the organisations."""
        number = range(len(self.edition)) if self._orgs is None else np.unique(self.numbers(self._orgs)).tolist()
        return [Bucket(self.edition, one) for one in number]

    def numbers(self, orgs: pd.Index[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """The number of the bucket of each organisation."""
        return bucket_of(pa.array(orgs, pa.string()), len(self.edition))

    def history(self, name: str) -> pd.DataFrame:
        """Standing days of every row, as `Source.history` has them; of a wider shelf perhaps those of more organisations."""
        if self._wider is not None and name in self._wider._kept:
            return self._wider._kept[name]
        if name in self._kept:
            return self._kept[name]
        rows = self._read(name)
        if name == "organizations" or self._is_small:
            self._kept[name] = rows
        return rows

    @cached_property
    def _is_small(self) -> bool:
        return self.history("organizations")["org_id"].nunique() <= FEW

    def _read(self, name: str) -> pd.DataFrame:
        found = [self._own(bucket.history(name)) for bucket in self.buckets] or [nothing(name).assign(**_NO_DAYS)]
        order = list(dict.fromkeys(["org_id", TABLES[name].key, "known_from"]))
        return pd.concat(found, ignore_index=True).sort_values(order, ignore_index=True)

    def _own(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows if self._orgs is None else rows.loc[within(rows["org_id"], self._orgs)]
