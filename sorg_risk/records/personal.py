"""Personal numbers, masked before any text leaves the records: identity cards of 18 and of 15 digits, mobile phones.

A number counts as an identity card by its province and its day of birth; a wrong check digit is a slip of the pen and no
less personal. A credit code is no personal number. Hexadecimal digests are left alone.

>>> masked("call +86 139-1234-5678"), masked("2024-13-01"), masked("身份证１１０１０５ 19491231 002x，旧110105491231002")
('call +86 139****5678', '2024-13-01', '身份证１１０１０５********002x，旧110105******002')
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import codes
from .columns import as_text

_GAP: Final = r"[ \u00a0\u3000\-·]?"
_LONG: Final = re.compile(
    rf"(?:(?<![\da-f])|(?<=[iI][dD]))(\d{{6}}){_GAP}(\d{{4}}{_GAP}\d{{2}}{_GAP}\d{{2}}){_GAP}(\d{{3}}{_GAP}(?:\d(?![\da-f])|[XxＸｘ]))"
)
_FOURS: Final = re.compile(rf"(?<!\d)(\d{{4}}){_GAP}(\d{{4}}){_GAP}(\d{{4}}){_GAP}(\d{{4}}){_GAP}(\d[\dXxＸｘ])(?!\d)")
_SHORT: Final = re.compile(r"(?<![0-9A-Za-z０-９])(\d{6})(\d{6})(\d{3})(?![0-9A-Za-z０-９])")
_PHONE: Final = re.compile(
    rf"(?:(?<!\d)|(?<=\d[^\d]86)|(?<=^86)|(?<=\D86)|(?<=0086))([1１][3-9３-９]\d){_GAP}\d{{4}}{_GAP}(\d{{4}})(?!\d)"
)
_PROVINCES: Final = frozenset(
    f"{number}"
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for number in range(first, last + 1)
)
_ENOUGH: Final = 11
"""Digits of the shortest personal number: what has fewer is not looked at."""


def masked(text: str) -> str:
    """Text without identity card and phone numbers."""
    if sum(map(str.isdecimal, text)) < _ENOUGH:
        return text
    text = _FOURS.sub(_mask_fours, _LONG.sub(_mask_long, text))
    return _PHONE.sub(r"\1****\2", _SHORT.sub(_mask_short, text))


def masked_key(key: str) -> str:
    """A primary key, or a reference to one, in which only a whole identity number is masked: other digits tell keys apart."""
    return _LONG.sub(_mask_long, key) if len(key) >= _ENOUGH else key


def masked_within(value: Any, mask: Callable[[str], str] = masked) -> Any:
    """Plain data (dicts, lists, words) with every text masked, however deep it lies.

    >>> masked_within({"why": ["call 13912345678"], "rows": 3})
    {'why': ['call 139****5678'], 'rows': 3}
    """
    match value:
        case str():
            return mask(value)
        case dict():
            return {key: masked_within(part, mask) for key, part in value.items()}
        case list() | tuple():
            return [masked_within(part, mask) for part in value]
    return value


def masked_column(cells: Any) -> NDArray[np.object_]:
    """`masked` for a whole column, once per distinct text; what is missing becomes empty."""
    places, distinct = pd.factorize(as_text(pd.Series(cells)).fillna(""))
    return np.array([masked(str(word)) for word in distinct], dtype=object)[places]


def _mask_long(found: re.Match[str]) -> str:
    return f"{found.group(1)}********{found.group(3)}" if _is_person(found.group()) else found.group()


def _mask_fours(found: re.Match[str]) -> str:
    return f"{found.group(1)}**********{found.group(4)}{found.group(5)}" if _is_person(found.group()) else found.group()


def _mask_short(found: re.Match[str]) -> str:
    number = unicodedata.normalize("NFKC", found.group())
    personal = number[:2] in _PROVINCES and _is_day(f"19{number[6:12]}")
    return f"{found.group(1)}******{found.group(3)}" if personal else found.group()


def _is_person(written: str) -> bool:
    """Whether 18 characters, however grouped, are the number of a person and no credit code."""
    number = "".join(sign for sign in unicodedata.normalize("NFKC", written).upper() if sign.isalnum())
    return number[:2] in _PROVINCES and _is_day(number[6:14]) and not codes.is_valid(number)


def _is_day(digits: str) -> bool:
    """Whether eight digits are a day on which somebody alive, or lately dead, can be born."""
    try:
        return dt.date(1880, 1, 1) <= dt.date.fromisoformat(digits) < dt.date(2100, 1, 1)
    except ValueError:
        return False
