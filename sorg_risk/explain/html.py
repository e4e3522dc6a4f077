"""Pages for people: one way to fill a template, so that no name or text from outside can act in it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..records.personal import masked


@lru_cache
def environment(package: str) -> Environment:
    """Templates of a package: everything escaped, an unknown name is an error."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )


def _printable(value: Any) -> Any:
    """Text without personal numbers, control signs and signs that turn its direction round."""
    if type(value) is not str:
        return value
    value = masked(value)
    if value.isprintable():
        return value
    return "".join(
        sign if unicodedata.category(sign) not in ("Cc", "Cf", "Cs") or sign == "\n" else "\ufffd" for sign in value
    )
