"""The decision: the digest of everything a run's result depends on, and of nothing else.

Rows visible as of the day, the model, the rulebook, the code, the settings that shape results, and the run before. Same
decision, same bytes; what merely came with the delivery (file names, later rows) has no part in it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..records.code import PACKAGE, tree_digest

if TYPE_CHECKING:
    from ..records import View

RUN_ID_LENGTH = 12


@dataclass(frozen=True)
class Decision:
    """The digests, by what they are of; ``settings`` also in plain words, for a replay."""

    parts: dict[str, Any]
    settings: dict[str, Any]

    @property
    def digest(self) -> str:
        """One SHA-256 over all parts."""
        return hashlib.sha256(json.dumps(self.parts, sort_keys=True, ensure_ascii=False).encode("utf-8")).hexdigest()

    @property
    def run_id(self) -> str:
        """The first twelve hexadecimal digits of the digest."""
        return self.digest[:RUN_ID_LENGTH]


def decided(view: View, model: str, settings: dict[str, Any], previous: str | None) -> Decision:
    """The decision of a view under a model (its digest), the settings, and the previous run (its digest)."""
    return Decision(
        {
            "as_of": view.day.isoformat(),
            "tables": view.digests(),
            "model": model,
            "rulebook": rulebook_digest(),
            "code": code_digest(),
            "settings": settings_digest(settings),
            "previous": previous,
        },
        settings,
    )


def settings_digest(settings: object) -> str:
    """The digest of the settings that shape a result."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode("utf-8")).hexdigest()


@lru_cache(maxsize=1)
def rulebook_digest() -> str:
    """The digest of the law as it is written in this version, with the calendar it speaks of."""
    return hashlib.sha256((tree_digest(PACKAGE / "law") + tree_digest(PACKAGE / "calendar")).encode()).hexdigest()


@lru_cache(maxsize=1)
def code_digest() -> str:
    """The digest of everything else in the package."""
    return tree_digest(PACKAGE, without=("law", "calendar"))
