"""Personal numbers, masked before any text leaves the records.

Masked in running text, however they are written (full width, grouped by blanks, dashes, dots, line breaks or zero-width signs,
joined to one another, in Chinese numerals): identity cards of 18 and 15 digits (GB 11643), mobile phones, bank cards (Luhn,
ISO/IEC 7812), e-mail addresses, passports and travel permits. A wrong check digit of an identity card is a slip of the pen and
no less personal. Credit codes, amounts of money and hexadecimal digests are no personal numbers.

Keys and references to them are never masked by likeness, since one in ten numbers of 17 digits passes Luhn's test: there only
a whole identity number with its right check digit is.

>>> mask_pii("call +86 139-1234-5678"), mask_pii("2024-13-01"), mask_pii("身份证１１０１０５ 19491231 002x，旧110105491231002")
('call +86 139****5678', '2024-13-01', '身份证１１０１０５********002x，旧110105******002')
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .columns import as_text
from .pii_numbers import find_numbers, is_identity_number
from .schema import TABLES

_FEWEST_DIGITS: Final = 7
"""Digits of the shortest personal number (a passport of two letters)."""
_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._%+\-])([A-Za-z0-9])[A-Za-z0-9._%+\-]{0,63}([@＠](?:[A-Za-z0-9\-]{1,63}[.．]){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9])"
)
_FILES: Final = ("csv", "tsv", "txt", "xls", "xlsx", "parquet", "json", "html", "zip", "toml")
"""Endings of file names, which an address never has."""
_NAMED_DOCUMENT: Final = re.compile(
    r"((?:护照|通行证|回乡证|台胞证|居留证|证件|(?i:passport|permit))[^\n。；;]{0,12}?)(?<![A-Za-z0-9])([A-Za-zＡ-Ｚ]{0,3}\d{7,12})(?![A-Za-z0-9])"
)
_BARE_PASSPORT: Final = re.compile(r"(?<![A-Za-z0-9:])()([EGＥＧ]\d{8}|[EＥ][A-HJ-NP-Z]\d{7})(?![A-Za-z0-9])")
_REFERENCE: Final = re.compile(rf"(\b(?:{'|'.join(TABLES)}):[^\s，。；、,;]{{1,200}})")
"""A reference to a record, as evidence writes it."""
_EIGHTEEN: Final = re.compile(r"(?<![0-9A-Za-z])\d{17}(?:[Xx]|\d(?![0-9A-Za-z]))")

SUSPECT: Final = r"(?:[\p{Nd}〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖][^\p{Nd}]{0,4}){7}|[@＠]"
"""What a text with a personal number looks like from afar (RE2), for a quick look at a whole column."""


def mask_pii(text: str) -> str:
    """Text without personal numbers; as it was where there are none."""
    if "@" in text or "＠" in text:
        text = _EMAIL.sub(_mask_address, text)
    spans = find_numbers(text)
    for span in reversed(spans):
        text = f"{text[: span.start]}{'*' * span.digits}{text[span.stop :]}"
    if sum(map(str.isdecimal, text)) < _FEWEST_DIGITS:
        return text
    return _BARE_PASSPORT.sub(_mask_document, _NAMED_DOCUMENT.sub(_mask_document, text))


def mask_key(key: str) -> str:
    """A primary key, or a reference to one, in which only a whole identity number is masked: other digits tell keys apart.

    A key that holds one is a text about a person, and masked as such.
    """
    masked = _EIGHTEEN.sub(_mask_identity, key) if len(key) >= 18 else key
    return masked if masked == key else mask_pii(masked)


def mask_shown(text: str) -> str:
    """What a page or a line shows: references to records are masked as keys, all other text as text."""
    if ":" not in text:
        return mask_pii(text)
    parts = _REFERENCE.split(text)
    return "".join((mask_key if place % 2 else mask_pii)(part) for place, part in enumerate(parts))


def mask_within(value: Any, mask: Callable[[str], str] = mask_shown) -> Any:
    """Plain data (dicts, lists, words) with every text masked, however deep it lies.

    >>> mask_within({"why": ["call 13912345678"], "rows": 3})
    {'why': ['call 139****5678'], 'rows': 3}
    """
    match value:
        case str():
            return mask(value)
        case dict():
            return {key: mask_within(part, mask) for key, part in value.items()}
        case list() | tuple():
            return [mask_within(part, mask) for part in value]
    return value


def mask_column(cells: Any, mask: Callable[[str], str] = mask_pii) -> NDArray[np.object_]:
    """Masks a whole column, once per distinct text; what is missing becomes empty."""
    places, distinct = pd.factorize(as_text(pd.Series(cells)).fillna(""))
    return np.array([mask(str(word)) for word in distinct], dtype=object)[places]


def _mask_address(match: re.Match[str]) -> str:
    ending = match.group().rsplit(".", 1)[-1].lower()
    return match.group() if ending in _FILES else f"{match.group(1)}***{match.group(2)}"


def _mask_document(match: re.Match[str]) -> str:
    """A passport or permit keeps its letters and its first and last two digits; a counted key such as E00000012 is none."""
    before, number = match.groups()
    if not before and number.lstrip("ABCDEFGHJKLMNPQRSTUVWXYZＥＧ").startswith("00"):
        return match.group()
    return f"{before}{number[:-6]}****{number[-2:]}"


def _mask_identity(match: re.Match[str]) -> str:
    number = match.group()
    return f"{number[:6]}********{number[14:]}" if is_identity_number(number, strict=True) else number
