"""All policies, found by walking this folder: a module with a ``POLICY`` is one.

>>> sorted(POLICIES)
['association', 'foundation', 'service_institution']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

import pandas as pd

from ..errors import LawError, NotFound, UsageError
from .policy import DEFAULT_BODY, GRADES, Measure, Policy

_FOLDER = Path(__file__).parent


def _found(folder: Path = _FOLDER) -> Mapping[str, Policy]:
    modules = (import_module(f"{__package__}.{info.name}") for info in iter_modules([str(folder)]))
    return collected(module.POLICY for module in modules if hasattr(module, "POLICY"))


def collected(policies: Iterable[Policy]) -> Mapping[str, Policy]:
    """Policies by type; raises `LawError` where two speak of one type."""
    found: dict[str, Policy] = {}
    for one in policies:
        if one.org_type in found:
            raise LawError(f"two policies speak of type {one.org_type}; keep one.")
        found[one.org_type] = one
    return MappingProxyType(found)


POLICIES: Mapping[str, Policy] = _found()


def policy(org_type: str) -> Policy:
    """The policy of a type; an unknown type raises `NotFound` with the nearest."""
    if org_type not in POLICIES:
        raise NotFound.name("type of organisation", org_type, POLICIES)
    return POLICIES[org_type]


def measures(org_type: str, grade: str) -> tuple[Measure, ...]:
    """Measures of supervision for a type and grade 分级分类监管措施.

    >>> measures("foundation", "D")[0].en
    'a key object of supervision'
    """
    if grade not in GRADES:
        raise UsageError.choice("grade", grade, GRADES)
    return policy(org_type).measures[grade]


def routed(flags: pd.DataFrame, organizations: pd.DataFrame) -> pd.Series[str]:
    """The body that takes the next step of each flag (a code of `BODIES`), in the order of the flags."""
    types = flags["org_id"].map(organizations.set_index("org_id")["org_type"]).fillna("")
    pairs = list(zip(types, flags["ground"].fillna(""), strict=True))
    bodies = {pair: POLICIES[pair[0]].route(pair[1]) if pair[0] in POLICIES else DEFAULT_BODY for pair in set(pairs)}
    return pd.Series([bodies[pair] for pair in pairs], index=flags.index, dtype="str", name="handler")
