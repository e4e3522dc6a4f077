"""The unified social credit code (统一社会信用代码, GB 32100-2015): the only identity of an organisation.

Eighteen characters: registering department, kind of organisation, six digits of the registering district (GB/T 2260),
nine of the body, one check character. python-stdnum knows the arithmetic; three things are ours: codes typed with
full-width characters are folded, letters in the first two places (as the standard has them for farm co-operatives or
army units, met as counterparties) are accepted, and whole columns are judged once per distinct code.

>>> is_valid("91110000600037341L"), is_valid("91110000600037341K")
(True, False)
>>> fold("９１１１００００600037341l")
'91110000600037341L'
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from stdnum.cn import uscc

_SHAPE = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")

SOCIAL = {"51": "association", "52": "service_institution", "53": "foundation"}
"""First two characters of a code → type of social organisation."""


def fold(code: str) -> str:
    """Full-width characters to half-width, small letters to capitals, no blanks around: the code, not its typing."""
    return unicodedata.normalize("NFKC", code).strip().upper()


@lru_cache(maxsize=2**20)
def is_valid(code: str) -> bool:
    """Whether a (folded) code has the right shape and check character."""
    return bool(_SHAPE.fullmatch(code)) and uscc.calc_check_digit(code[:17]) == code[17]


@lru_cache(maxsize=2**20)
def _folded_if_valid(code: str) -> str:
    return fold(code) if is_valid(fold(code)) else code


def folded(column: pd.Series[str]) -> pd.Series[str]:
    """`fold` for a whole column, once per distinct code; what is no code even then stays as it was delivered."""
    places, distinct = pd.factorize(column)
    names = np.array([_folded_if_valid(str(code)) for code in distinct] + [None], dtype=object)
    return pd.Series(names[places], index=column.index, dtype="str", name=column.name)


def valid(column: pd.Series[str]) -> NDArray[np.bool_]:
    """`is_valid` for a whole column, once per distinct code; missing counts as valid (another rule speaks of it)."""
    places, distinct = pd.factorize(column)
    verdicts = np.array([is_valid(str(code)) for code in distinct] + [True], dtype=bool)
    return verdicts[places]
