"""Pages for people: one way to fill a template, so that no name or text from outside can act in it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ..records.pii import mask_key, mask_shown


@lru_cache
def environment(package: str) -> Environment:
    """Templates of a package: everything escaped, an unknown name is an error."""
    templates = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    templates.filters["key"] = _key
    return templates


def _printable(value: Any) -> Any:
    """Text without personal numbers, control signs and signs that turn its direction round."""
    return _visible(mask_shown(value)) if type(value) is str else value


def _key(value: str) -> Markup:
    """A primary key: only a whole identity number is masked, for other digits tell keys apart."""
    return escape(_visible(mask_key(value)))


def _visible(value: str) -> str:
    if value.isprintable():
        return value
    return "".join(
        sign if unicodedata.category(sign) not in ("Cc", "Cf", "Cs") or sign == "\n" else "\ufffd" for sign in value
    )
