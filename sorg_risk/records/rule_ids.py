"""The ids of all rules, declared as data: a ``ground`` must be one of them (the rulebook is built above the records).

>>> as_rule_id("al01"), as_rule_id("AL—04A"), as_rule_id("AL-99")
('AL-01', 'AL-04a', None)
>>> nearest("AL-99"), nearest("未按规定报送年报")
('AL-07', '')
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

_NUMBERS: Final = (
    ("AL", "01 02 02w 03 04 04a 04b 05 05a 05b 06 07 R1 R2 R3 R4"),
    ("AN", "01 02 03 04 05 06 07 08"),
    ("CR", "01 02 03"),
    ("EX", "01 02"),
    ("FE", "01 02 03 04 05"),
    ("GO", "01 02 03 04 04s 05 05s 06 07 08 09 10 11"),
    ("GR", "01 02 03 04"),
    ("MO", "01 02 03 04 05 06 07 08 09 10 11 12 13 14"),
    ("PR", "01 02"),
    ("SL", "01 02 03 04 05 06 07 08 R1 R2 R3"),
    ("SZ", "01 02 03"),
    ("ZO", "01 02 03 04"),
)

RULE_IDS: Final = tuple(f"{family}-{number}" for family, numbers in _NUMBERS for number in numbers.split())
"""Ids with and without the suffix of a case (``AL-05`` is either of ``AL-05a``, ``AL-05b``)."""


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


_NUMBERED: Final = re.compile(r"([A-Z]{2})\W*(\d{1,9})")
_BY_PLAIN: Final = {_plain(name): name for name in RULE_IDS}


def as_rule_id(text: str) -> str | None:
    """The rule that a text names whatever its case and dash, None where it names none."""
    return _BY_PLAIN.get(_plain(text))


def nearest(text: str) -> str:
    """The rule id most like a text: of the same family the nearest number, else the nearest in writing; empty where none is."""
    met = _NUMBERED.match(text.upper())
    family = [name for name in RULE_IDS if met and name.startswith(f"{met[1]}-") and name[3:].isdigit()]
    if met and family:
        return min(family, key=lambda name: abs(int(name[3:]) - int(met[2])))
    near = get_close_matches(text.upper(), RULE_IDS, n=1, cutoff=0.5)
    return near[0] if near else ""
