"""Every night: read, decide, score, check, publish whole or not at all.

Read in this order: `job` (the steps), `decision` (what a result depends on), `tables` and `manifest` (what is published), `publish` and
`lock` (how it becomes visible), `gates` (what may stop it), `ledger` (what is kept).
"""

from .gates import Gates
from .job import Published, nightly

__all__ = ["Gates", "Published", "nightly"]
