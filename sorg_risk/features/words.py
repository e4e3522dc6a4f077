"""What an officer is told about a value, in Chinese and in English.

>>> sentence("complaints_90d", 3.0, "zh")
'近90天收到投诉举报3件'
>>> sentence("complaints_90d", 1234.0, "en")
'complaints received within 90 days: 1,234'
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..errors import UsageError
from .declare import Feature
from .registry import feature

_UNKNOWN = {"zh": "（无资料）", "en": "(not on file)"}
_FLAGS = {"zh": ("否", "是"), "en": ("no", "yes")}


def sentence(name: str, value: Any, lang: str) -> str:
    """The feature's sentence with the value in its unit; an empty value is said to be not on file."""
    if lang not in _UNKNOWN:
        raise UsageError.choice("lang", lang, _UNKNOWN)
    one = feature(name)
    text = one.zh if lang == "zh" else one.en
    return text.format(value=_shown(one, value, lang))


def _shown(one: Feature, value: Any, lang: str) -> str:
    if pd.isna(value):
        return _UNKNOWN[lang]
    if one.unit == "category":
        return one.columns[one.value].codes.get(value, str(value)) if lang == "zh" else str(value).replace("_", " ")
    if one.unit == "flag":
        return _FLAGS[lang][int(value != 0)]
    if one.unit == "share":
        return f"{value:.1%}"
    if one.unit == "yuan":
        return f"{value:,.2f}".removesuffix(".00")
    if one.unit in ("count", "days"):
        return f"{value:,.1f}".removesuffix(".0")
    return f"{value:,.3f}".rstrip("0").rstrip(".")
