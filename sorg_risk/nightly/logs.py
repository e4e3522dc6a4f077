"""Structured logs: one JSON object a line, the run on every line, no line break or control sign from any text.

>>> line_of("read", "a1b2", {"name": "前海\\n{forged}\\u2028"})
'{"event":"read","name":"\\\\u524d\\\\u6d77\\\\n{forged}\\\\u2028","run":"a1b2"}'
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path
from typing import Any

from ..records import disk
from ..records.pii import mask_shown, mask_within
from ..records.reading_databases import without_secrets

logger = logging.getLogger("sorg_risk.nightly")
logger.addHandler(logging.NullHandler())


class Log:
    """Lines for operators, appended to a file (None: only to Python's logging, for those who listen there)."""

    def __init__(self, path: Path | None, run: str = "") -> None:
        self.path = path
        self.run = run

    def say(self, event: str, **detail: Any) -> None:
        """One line; the time is the machine's."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = line_of(event, self.run, {"at": now, **detail})
        logger.info(line)
        if self.path is not None:
            disk.append(self.path, f"{line}\n".encode("ascii"))


def line_of(event: str, run: str, detail: dict[str, Any]) -> str:
    """One line of JSON in plain ASCII, keys sorted, passwords of addresses and personal numbers masked."""
    plain = mask_within(detail, lambda text: mask_shown(without_secrets(text)))
    return json.dumps(
        {"event": event, "run": run, **plain}, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str
    )
