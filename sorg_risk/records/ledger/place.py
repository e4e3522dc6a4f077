"""A generation of a ledger by its place, so that other machines that see the same folder can open it.

>>> import tempfile
>>> from sorg_risk.records.ledger import Ledger
>>> ledger = Ledger.open(tempfile.mkdtemp())
>>> _ = ledger.bring("data/sample")
>>> place = Place.of(ledger.at())
>>> len(place.packs(0).orgs) == len(next(ledger.at().buckets()).packs.orgs)
True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from socket import gethostname
from typing import Self

from ...errors import UsageError
from ..packed import Packs
from .bucket import Bucket
from .edition import Edition
from .ledger import Ledger
from .state import CURRENT
from .wide import packs_known_by


@dataclass(frozen=True)
class Place:
    """Plain values only. ``state``: what the ledger's ``CURRENT`` said, which a worker must find there too.

    ``known_by``: day (since 1970-01-01) after which nothing is seen, or None for the whole history.
    """

    folder: str
    generation: int
    buckets: int
    state: str
    known_by: int | None = None

    @classmethod
    def of(cls, edition: Edition, known_by: int | None = None) -> Self:
        """Where an edition lies."""
        folder = edition.folder.resolve()
        state = (folder / CURRENT).read_text(encoding="utf-8").strip()
        return cls(str(folder), edition.number, len(edition), state, known_by)

    def packs(self, bucket: int) -> Packs:
        """Packed tables of one bucket; the same as the edition itself gives.

        Raises `UsageError` where this machine does not see the ledger, or sees another one there.
        """
        packs = Bucket(self._edition(), bucket).packs
        return packs if self.known_by is None else packs_known_by(packs, self.known_by)

    def _edition(self) -> Edition:
        current = Path(self.folder) / CURRENT
        if not current.is_file():
            raise UsageError.unseen("ledger", self.folder)
        if current.read_text(encoding="utf-8").strip() != self.state:
            raise UsageError(
                f"ledger {self.folder} is another one on worker {gethostname()}, or was written to meanwhile. "
                "Mount the same folder there, and run again when nothing else writes to it."
            )
        return _opened(self.folder, self.generation, self.state)


@lru_cache(maxsize=1)
def _opened(folder: str, generation: int, _state: str) -> Edition:
    """Opened once for all buckets that a worker takes of one state."""
    return Ledger.open(folder).at(generation)
