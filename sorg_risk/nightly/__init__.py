"""Every night: read, decide, score, check, publish whole or not at all.

Read in this order: `job` (one day or many), `night` (the steps), `engines` (who works), `decision` (what a result depends on), `staged`,
`tables` and `manifest` (what is published), `store`, `disk` and `lock` (how it becomes visible), `gates` (what may stop it), `ledger`,
`audit` and `replay` (what is kept, and how it is proven), `settings`, `logs`, `metrics` and `retention` (how it is operated).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .job import nightly
    from .published import Published
    from .settings import Gates, Settings

_HOMES = {"Published": "published", "nightly": "job", "Gates": "settings", "Settings": "settings"}

__all__ = ["Gates", "Published", "Settings", "nightly"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
