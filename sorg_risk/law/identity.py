"""The identity of a flag: the same situation has the same id every night."""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd


def flag_id(org_id: str, flag: str, status: str, ground: str | None, since: Any) -> str:
    """Sixteen hexadecimal digits of the SHA-256 over organisation, flag, status, ground and since.

    >>> flag_id("51440300000000001M", "abnormal_list", "listed", "AL-01", "2024-06-01")
    '22342394226da4cc'
    """
    day = "" if since is None or pd.isna(since) else str(pd.Timestamp(since).date())
    told = "|".join([org_id, flag, status, "" if ground is None or pd.isna(ground) else ground, day])
    return hashlib.sha256(told.encode("utf-8")).hexdigest()[:16]
