"""Terms of due process: how long each side has (O60 art. 10, 14)."""

from __future__ import annotations

from typing import Final

from .instruments import O60
from .parameters import constant

STATEMENT_DAYS: Final = constant(
    "statement_days", "陈述申辩期限", "time for a written statement", "working days", 10, O60.at(10), "M"
)
VERIFY_DAYS: Final = constant(
    "verify_days", "核实期限", "time to verify a statement", "working days", 10, O60.at(10), "M"
)
REMOVE_DAYS: Final = constant(
    "remove_days", "核实后移出期限", "time to remove after verification", "working days", 5, O60.at(14)
)
