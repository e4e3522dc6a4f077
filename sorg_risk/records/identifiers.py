"""Identifiers as they are compared: folded once at the door, so that one number typed in two ways is one number.

Unicode NFKC; blanks, control and zero-width signs are taken off; the brackets of a document number are alike. A word that
stands for nothing (无, 不详, N/A …) names nobody and is missing. A number that a spreadsheet rounded cannot name anything.

>>> fold("\\t深民罚［２０２３］ 1号\\u200b"), fold("P\\u00a01")
('深民罚〔2023〕1号', 'P1')
>>> is_nothing("无"), is_nothing("Ｎ/Ａ"), is_nothing("——"), is_nothing("0"), is_nothing("0", zero=True)
(True, True, True, False, True)
>>> is_rounded("2.02305E+17"), is_rounded("2E05"), is_rounded("20230501000000000")
(True, False, False)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .rule_ids import as_rule_id
from .schema import TABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .schema import Column

NOTHING: Final = frozenset(
    ["无", "不详", "未知", "暂无", "空缺", "暂缺", "待定", "n/a", "#n/a", "null", "none", "nan", "nat", "<na>"]
)
"""Words for nothing, folded and in small letters; what has neither letter nor digit (``-``, ``——``, ``/``) is nothing too."""
ZERO: Final = frozenset(["0", "0.0", "否"])
"""Words for nothing where a person, a group of relatives, a counterparty or a decision is to be named."""
EXACT: Final = 2**53
"""The largest number up to which a float holds every whole number."""

_OPENING, _CLOSING = r"[(\[{〔【〖『「《〈⟨]", r"[)\]}〕】〗』」》〉⟩]"
_YEAR: Final = re.compile(rf"{_OPENING}(\d{{4}})年?{_CLOSING}")
_ROUND: Final = str.maketrans({**dict.fromkeys("[{〔【〖『「《〈⟨", "("), **dict.fromkeys("]}〕】〗』」》〉⟩", ")")})
_ROUNDED: Final = re.compile(r"\d(?:\.\d+)?[eE]\+\d+|(\d{16,})\.0+")
_IGNORABLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SIGNS: Final = ("Sm", "Sk")
_UNUSUAL: Final = (
    r"[^!-~]|[(\[{]|^[^0-9A-Za-z]*$|^(?i:#?n/a|null|none|nan|nat|<na>)$|^0(?:\.0)?$"
    r"|^[0-9](?:\.[0-9]+)?[eE]\+[0-9]+$|^[0-9]{16,}\.0+$"
)
"""Texts that must be looked at one by one; all others are as they should be."""

Counted = tuple[int, int, int]
Counts = Mapping[str, Counted]
"""Column → cells whose writing was folded, cells whose word stood for nothing, references written as ``table:key``."""


@dataclass(frozen=True)
class Identified:
    """A column of identifiers: the cells as they are compared, and what was met on the way.

    ``rounded``: cells that hold a rounded number (missing in ``cells``); ``counts``: see `Counts`.
    """

    cells: pd.Series[Any]
    rounded: NDArray[np.bool_]
    counts: Counted = (0, 0, 0)


def fold(text: str) -> str:
    """NFKC without blanks, control, format and other signs that do not show; the year of a document number stands in 〔〕."""
    before = None
    while text != before:
        before, text = text, unicodedata.normalize("NFKC", "".join(filter(_shows, text)))
    return _YEAR.sub(r"〔\1〕", text)


def fold_document(text: str) -> str:
    """A folded document number in which all other brackets are alike, too.

    >>> fold_document(fold("民罚【2023】1号（更正）")) == fold_document(fold("民罚[2023]1号〔更正〕"))
    True
    """
    parts = re.split(r"(〔\d{4}〕)", text)
    return "".join(part if place % 2 else part.translate(_ROUND) for place, part in enumerate(parts))


def is_nothing(text: str, *, zero: bool = False) -> bool:
    """Whether a text stands for nothing; ``zero``: in a column where ``0`` and 否 say so too."""
    word = fold(text).casefold()
    return word in NOTHING or (zero and word in ZERO) or all(map(_is_mark, word))


def is_rounded(text: str) -> bool:
    """Whether a folded text is a number in scientific notation, or one with more digits than a float holds (``….0``)."""
    met = _ROUNDED.fullmatch(text)
    return met is not None and (met.group(1) is None or int(met.group(1)) > EXACT)


def identified(words: pd.Series[Any], column: Column) -> Identified:
    """A column of text as identifiers, each distinct unusual text looked at once."""
    unusual = _unusual(words)
    if column.identifier in ("rule", "reference"):
        unusual = words.notna().to_numpy(dtype=bool)
    nobody = np.zeros(len(words), dtype=bool)
    if not unusual.any():
        return Identified(words, nobody)
    places, distinct = pd.factorize(words[unusual])
    looked = [_look(str(text), column.identifier) for text in distinct]
    cells, rounded = words.astype(object), nobody
    cells[unusual] = np.array([text for text, _ in looked], dtype=object)[places]
    rounded[unusual] = np.array([bad for _, bad in looked], dtype=bool)[places]
    same = np.array([text == raw for (text, _), raw in zip(looked, distinct)], dtype=bool)[places]
    empty = cells[unusual].isna().to_numpy(dtype=bool)
    nothing = int((empty & ~rounded[unusual]).sum())
    by_table = np.array([column.identifier == "reference" and names_table(text) for text, _ in looked], dtype=bool)
    counts = (int((~same & ~empty).sum()), nothing, int(by_table[places].sum()))
    return Identified(cells.astype("str"), rounded, counts)


def folded(words: pd.Series[Any]) -> pd.Series[Any]:
    """A column of text, each cell folded as an identifier is: what is the same once it is through the door is so before it.

    >>> folded(pd.Series(["A1", "Ａ１ ", None], dtype="str")).tolist()
    ['A1', 'A1', nan]
    """
    unusual = _unusual(words)
    if not unusual.any():
        return words
    places, distinct = pd.factorize(words[unusual])
    cells = words.astype(object)
    cells[unusual] = np.array([fold(str(text)) for text in distinct], dtype=object)[places]
    return cells.astype("str")


def told(table: str, counts: Counts) -> tuple[str, ...]:
    """Notices of what was folded, one a column, by name."""
    lines = []
    for name, (folded, nothing, by_table) in sorted(counts.items()):
        parts = [f"{folded:,} identifiers folded 统一写法"] if folded else []
        parts += [f"{nothing:,} words for nothing taken as missing 无、不详等视为空缺"] if nothing else []
        parts += [f"{by_table:,} read as a record of the table they name 按“表名:主键”理解"] if by_table else []
        lines += [f"{table}: {name}: {'; '.join(parts)}"] if parts else []
    return tuple(lines)


def together(parts: Iterable[Counts]) -> dict[str, Counted]:
    """The counts of several pieces of one table."""
    total: dict[str, Counted] = {}
    for part in parts:
        for name, counts in part.items():
            one, two, three = total.get(name, (0, 0, 0))
            total[name] = (one + counts[0], two + counts[1], three + counts[2])
    return total


def names_table(text: str | None) -> bool:
    """Whether a reference is written as ``table:key``, as evidence is."""
    head, sign, rest = (text or "").partition(":")
    return bool(sign and rest) and head.casefold() in TABLES


@lru_cache(maxsize=2**16)
def _look(text: str, kind: str) -> tuple[str | None, bool]:
    """A text as an identifier of a kind (None: nothing, or unusable), and whether it is a rounded number."""
    word = fold(text)
    if is_nothing(word, zero=kind in ("open", "document")):
        return None, False
    if is_rounded(word):
        return None, True
    if kind == "document":
        return fold_document(word), False
    return (as_rule_id(word) or word) if kind == "rule" else word, False


def _unusual(words: pd.Series[Any]) -> NDArray[np.bool_]:
    found = pc.match_substring_regex(pa.array(words, pa.large_string(), from_pandas=True), _UNUSUAL)
    chosen = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return np.asarray(chosen.fill_null(False), dtype=bool)


@lru_cache(maxsize=2**12)
def _shows(sign: str) -> bool:
    """Whether a sign is neither a blank nor one that does not show."""
    hidden = unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Zl", "Zp") or sign in _IGNORABLE
    return not hidden and not "\ufe00" <= sign <= "\ufe0f" and not "\U000e0100" <= sign <= "\U000e01ef"


@lru_cache(maxsize=2**12)
def _is_mark(sign: str) -> bool:
    """Whether a sign alone names nothing: punctuation, a dash, a slash."""
    kind = unicodedata.category(sign)
    return kind.startswith("P") or kind in _SIGNS
