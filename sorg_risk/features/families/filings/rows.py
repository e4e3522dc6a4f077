"""What declarations about filings share: rows of examples, and the condition of an annual report."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...declare import Feature, Row, row
from ...ingredients import Condition

feature = partial(Feature, table="filings")
REPORT: dict[str, Condition] = {"kind": "annual_report"}


def report(year: int, ago: int | None = None, **cells: Any) -> Row:
    """An annual report filed so many days ago, or early in the year after."""
    if ago is None:
        cells.setdefault("filed_on", f"{year + 1}-03-15")
    return row(ago, kind="annual_report", fiscal_year=year, **cells)


def due(late: int, ago: int, **cells: Any) -> Row:
    """A filing so many days ago and so many days after its deadline."""
    return row(ago, **{"kind": "audit_report", "due_on": ago + late, **cells})
