"""Unified social credit codes (统一社会信用代码, GB 32100-2015) with right check characters.

Simulated codes carry the body prefix ``MJM`` (and its neighbours in large registers), so that they are easy to tell from real ones.
"""

from __future__ import annotations

import numpy as np

from .clock import Ints, Texts

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SERIES = "MNPQRTUWXY"
NUMBERS = 100_000 * len(_SERIES)
"""How many simulated codes there are."""


def body_check(body: str) -> str:
    """The check character of an eight-character body code (GB 11714).

    >>> body_check("D2143569")
    'X'
    """
    total = sum(int(c, 36) * w for c, w in zip(body, _BODY_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def code_check(code: str) -> str:
    """The last character of a credit code from its first seventeen.

    >>> code_check("91350100M000100Y4")
    '3'
    """
    total = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return _ALPHABET[-total % 31]


def credit_codes(categories: Ints, districts: Texts, numbers: Ints) -> Texts:
    """One code an organisation: 5, category (1 association, 2 service, 3 foundation), division, body, check."""
    codes = []
    for category, district, number in zip(categories.tolist(), districts.tolist(), numbers.tolist(), strict=True):
        body = f"MJ{_SERIES[number // 100_000]}{number % 100_000:05d}"
        stem = f"5{category}{district}{body}{body_check(body)}"
        codes.append(stem + code_check(stem))
    return np.array(codes, dtype=object)
