"""Where personal numbers stand in a text: identity cards, mobile phones and bank cards, however their digits are grouped.

Digits are read as a person reads them: full-width and Chinese numerals count, and blanks, dashes, dots, line breaks and zero-width
signs between them are gaps. A number begins and ends where a group of digits does, so that a part of a longer number is none.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from stdnum import luhn

from . import codes

_NUMERALS: Final = {
    **dict(zip("〇一二三四五六七八九", "0123456789")),
    **dict(zip("零壹贰叁肆伍陆柒捌玖幺", "01234567891")),
}
_DIGIT: Final = rf"[\d{''.join(_NUMERALS)}]"
_UNSEEN: Final = "\u00ad\u200b-\u200f\u2060\ufeff"
_GAP: Final = rf"(?:[{_UNSEEN}]*[\s\-‐‑‒–—―−－﹣_.．·•・‧]{{0,3}}[{_UNSEEN}]*)"
_AREA: Final = re.compile(rf"{_DIGIT}(?:{_GAP}[{_DIGIT[1:-1]}xXｘＸ])*")
_ONE_GROUP: Final = re.compile(rf"[{''.join(_NUMERALS)}]+[xXｘＸ]?|\d+[xXｘＸ]?|[xXｘＸ]")
_MONEY_AFTER: Final = re.compile(r"[.．]\d{1,2}(?!\d)|\s*(?:元|圆|万|亿|千元|yuan|CNY|RMB)")
_FRACTION_BEFORE: Final = re.compile(r"(?:^|\n)\s*[1-9]\d?[.]$|(\d[.])$")
"""A digit and a point: digits behind them are a fraction, unless they number the items of a list."""
_MONEY_BEFORE: Final = re.compile(r"(?:[¥￥$]|RMB|CNY|人民币|金额)\s*[:：]?\s*$")
_TOKEN: Final = re.compile(r"[0-9A-Za-z]+")
_PROVINCES: Final = frozenset(
    f"{number}"
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for number in range(first, last + 1)
)
_PHONE_GROUPS: Final = frozenset(
    {
        (3, 4, 4),
        (3, 8),
        (7, 4),
        (3, 3, 5),
        (4, 4, 3),
        (4, 3, 4),
        (5, 6),
        (6, 5),
        (1, 2, 4, 4),
        (3, 2, 2, 2, 2),
        (3, 4, 2, 2),
    }
)
_CARD_BEGINS: Final = re.compile(r"62|60|6[3-9]|4|5[1-5]|35|9558")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Span(NamedTuple):
    """What is not shown of a number: the text from ``start`` to ``stop`` with its gaps, ``digits`` digits."""

    start: int
    stop: int
    digits: int


@dataclass(frozen=True)
class _Group:
    """Digits that stand together: what they are and where each stands."""

    digits: str
    places: tuple[int, ...]


def find_numbers(text: str) -> list[Span]:
    """The spans to mask, in the order of the text.

    >>> find_numbers("电话138-0013-8000")
    [Span(start=5, stop=11, digits=4)]
    """
    found: list[Span] = []
    for area in _AREA.finditer(text):
        if area.end() - area.start() >= 11:
            found.extend(_spans_of(text, _groups(area)))
    return found


def is_identity_number(number: str, *, strict: bool = False) -> bool:
    """Whether 18 characters are the number of a person (province, day of birth) and no credit code; strict: check digit too.

    >>> is_identity_number("11010519491231002X", strict=True), is_identity_number("110105194912310021", strict=True)
    (True, False)
    """
    if number[:2] not in _PROVINCES or not _is_day_of_birth(number[6:14]) or codes.is_valid(number):
        return False
    return not strict or "10X98765432"[sum(int(d) * w for d, w in zip(number, _WEIGHTS)) % 11] == number[17].upper()


def _groups(area: re.Match[str]) -> list[_Group]:
    """The groups of an area: digits of one kind with nothing between them; an X ends its group."""
    groups = []
    for match in _ONE_GROUP.finditer(area.group()):
        places = range(area.start() + match.start(), area.start() + match.end())
        groups.append(_Group("".join(map(_digit, match.group())), tuple(places)))
    return groups


def _digit(sign: str) -> str:
    """0 to 9 or X."""
    if sign in "xXｘＸ":
        return "X"
    return _NUMERALS.get(sign) or str(unicodedata.decimal(sign))


def _spans_of(text: str, groups: list[_Group]) -> Iterator[Span]:
    first = 0
    while first < len(groups):
        last, spans = _match_from(text, groups, first)
        yield from spans
        first = last


def _match_from(text: str, groups: list[_Group], first: int) -> tuple[int, list[Span]]:
    """The number that begins with a group: the group after its last one, and what to mask of it."""
    digits: str = ""
    places: list[int] = []
    sizes: list[int] = []
    for last in range(first, len(groups)):
        digits += groups[last].digits
        places += groups[last].places
        sizes.append(len(groups[last].digits))
        parts = _hidden(digits, tuple(sizes))
        if parts and not _is_something_else(text, places, digits):
            return last + 1, [Span(places[a - 1] + 1, places[b], b - a) for a, b in parts]
        if len(digits) > 20:
            break
    return first + 1, []


def _hidden(digits: str, sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    """The digits not to be shown of a number in groups of these sizes; none where it is no personal number."""
    alone = all(size == 1 for size in sizes)
    if len(digits) == 18 and is_identity_number(digits):
        return [(6, 14)]
    if len(sizes) == 1 and len(digits) >= 22:
        return _hidden_in_joined(digits)
    if "X" in digits:
        return []
    if len(digits) == 15 and (len(sizes) == 1 or alone or sizes == (6, 6, 3)) and _is_old_identity_number(digits):
        return [(6, 12)]
    if len(digits) == 11 and (len(sizes) == 1 or alone or sizes in _PHONE_GROUPS) and _is_phone(digits):
        return [(3, 7)]
    if len(sizes) == 1 and (prefix := _country_prefix(digits)):
        return [(prefix + 3, prefix + 7)]
    if (len(sizes) == 1 or alone or set(sizes[:-1]) == {4}) and _is_bank_card(digits):
        return [(4, len(digits) - 4)]
    return []


def _hidden_in_joined(digits: str) -> list[tuple[int, int]]:
    """Numbers written without anything between them: identity numbers and phones that make up the whole run of digits."""
    ways: dict[int, list[tuple[int, int]]] = {len(digits): []}
    for at in range(len(digits) - 11, -1, -1):
        if at + 18 in ways and is_identity_number(digits[at : at + 18]):
            ways[at] = [(at + 6, at + 14), *ways[at + 18]]
        elif at + 15 in ways and _is_old_identity_number(digits[at : at + 15]):
            ways[at] = [(at + 6, at + 12), *ways[at + 15]]
        elif at + 11 in ways and _is_phone(digits[at : at + 11]):
            ways[at] = [(at + 3, at + 7), *ways[at + 11]]
    return ways.get(0, [])


def _is_something_else(text: str, places: list[int], digits: str) -> bool:
    """Whether digits that look personal are money, or part of a digest or of a word."""
    start, stop = places[0], places[-1] + 1
    contiguous = stop - start == len(digits)
    if contiguous and (_MONEY_AFTER.match(text, stop) or _MONEY_BEFORE.search(text, max(0, start - 8), start)):
        return True
    fraction = _FRACTION_BEFORE.search(text, max(0, start - 40), start)
    if contiguous and fraction and fraction.group(1):
        return True
    before = _letters_before(text, start)
    if (
        len(digits) == 15
        and contiguous
        and (before or (text[stop : stop + 1].isascii() and text[stop : stop + 1].isalpha()))
    ):
        return True
    after = _TOKEN.match(text, stop)
    token = before + digits + (after.group() if after else "")
    return contiguous and len(token) > len(digits) and re.fullmatch(r"[0-9a-f]+", token) is not None


def _letters_before(text: str, start: int) -> str:
    """The ASCII letters and digits right before a place."""
    begin = start
    while begin and text[begin - 1].isascii() and text[begin - 1].isalnum():
        begin -= 1
    return text[begin:start]


def _is_phone(digits: str) -> bool:
    return len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789"


def _country_prefix(digits: str) -> int:
    """The length of 86 or 0086 before a mobile number, 0 where there is none."""
    return next((n for n in (2, 4) if digits[:n] in ("86", "0086") and _is_phone(digits[n:])), 0)


def _is_old_identity_number(digits: str) -> bool:
    return digits[:2] in _PROVINCES and _is_day_of_birth(f"19{digits[6:12]}")


def _is_bank_card(digits: str) -> bool:
    """16 to 19 digits that begin as cards do and pass Luhn; the digits of a credit code are none."""
    is_code = len(digits) == 18 and digits[:2] in ("51", "52", "53", "59") and digits[2:4] in _PROVINCES
    return 16 <= len(digits) <= 19 and not is_code and bool(_CARD_BEGINS.match(digits)) and luhn.is_valid(digits)


def _is_day_of_birth(digits: str) -> bool:
    """Whether eight digits are a day on which somebody alive, or lately dead, can be born."""
    try:
        return dt.date(1880, 1, 1) <= dt.date.fromisoformat(digits) < dt.date(2100, 1, 1)
    except ValueError:
        return False
