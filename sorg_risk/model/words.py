"""Words of a category column, whatever type or typing they are delivered in: 3, 3.0, "3" and " ３ " are one word.

>>> [fold_word(cell) for cell in (3, 3.0, "3", " ３ ", "3.0", True, "TRUE", "a  b", "", None)]
['3', '3', '3', '3', '3', 'true', 'true', 'a b', None, None]
>>> Vocabulary.of(("02", "10", "no")).positions(pd.Series([2, 10, 11, None])).tolist()
[0, 1, -2, -1]
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from numbers import Number
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pandas as pd

from ..errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

MISSING: Final = -1
UNSEEN: Final = -2
_ZERO_WIDTH: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD))
_WHOLE: Final = re.compile(r"([+-]?\d{1,18})(\.0+)?")
_FLAGS: Final = {"true": "1", "false": "0", "1": "true", "0": "false"}


def fold_word(cell: Any) -> str | None:
    """One cell as a word; None where it is missing or blank. Numbers that are whole lose their decimals; leading zeros stay."""
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, Number):
        return _fold_number(cell)
    text = " ".join(unicodedata.normalize("NFKC", str(cell)).translate(_ZERO_WIDTH).split())
    whole = _WHOLE.fullmatch(text)
    if whole:
        return whole[1]
    return text.lower() if text.lower() in ("true", "false") else text or None


def _fold_number(cell: Any) -> str | None:
    if cell != cell:
        return None
    if isinstance(cell, int | np.integer):
        return str(int(cell))
    value = float(cell)
    return str(int(value)) if value.is_integer() else repr(value)


def fold_column(column: pd.Series, name: str) -> tuple[NDArray[np.int64], list[str]]:
    """A column as positions in its own distinct words (-1: missing).

    Raises
    ------
    ModelError
        A cell holds a list or something else that is no word.
    """
    try:
        codes, distinct = pd.factorize(column)
    except TypeError as error:
        raise ModelError(
            f"column {name!r} holds something that is no word ({error}); give text, numbers or flags."
        ) from None
    words = [fold_word(cell) for cell in distinct.tolist()]
    known = sorted({word for word in words if word is not None})
    place = {word: i for i, word in enumerate(known)} | {None: MISSING}
    table = np.array([*(place[word] for word in words), MISSING], dtype=np.int64)
    return table[codes], known


def distinct_words(column: pd.Series, name: str) -> tuple[str, ...]:
    """The words of a training column in one order, declared categories that do not occur included."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = pd.Series(column.cat.categories)
    return tuple(fold_column(column, name)[1])


@dataclass(frozen=True)
class Vocabulary:
    """The words of one column as they were at fit, by what they fold to, and by the whole number they are (where only one is it)."""

    by_word: dict[str, int]
    by_number: dict[int, int]

    @classmethod
    def of(cls, words: Iterable[Any]) -> Self:
        """Words in their order; of two that fold to the same, the first counts."""
        by_word: dict[str, int] = {}
        numbers: dict[int, list[int]] = {}
        for place, word in enumerate(words):
            folded = fold_word(word)
            if folded is not None and by_word.setdefault(folded, place) == place and _WHOLE.fullmatch(folded):
                numbers.setdefault(int(folded), []).append(place)
        return cls(by_word, {number: places[0] for number, places in numbers.items() if len(places) == 1})

    def position(self, word: str) -> int:
        """Place of a folded word; `UNSEEN` where it was not there at fit."""
        if word in self.by_word:
            return self.by_word[word]
        if word in _FLAGS and _FLAGS[word] in self.by_word:
            return self.by_word[_FLAGS[word]]
        return self.by_number.get(int(word), UNSEEN) if _WHOLE.fullmatch(word) else UNSEEN

    def positions(self, column: pd.Series, name: str = "") -> NDArray[np.int64]:
        """Place of every cell; `MISSING` where it is empty, `UNSEEN` where its word was not there at fit."""
        codes, words = fold_column(column, name)
        return np.array([*map(self.position, words), MISSING], dtype=np.int64)[codes]


@lru_cache(maxsize=512)
def vocabulary(words: tuple[Any, ...]) -> Vocabulary:
    """`Vocabulary.of`, made once for the words of a column."""
    return Vocabulary.of(words)
