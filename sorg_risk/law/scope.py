"""Scope: whom a rule addresses, as a few plain facets that can be applied, compared and printed.

>>> public = Scope(types=("foundation",), fundraising=True)
>>> public.meets(Scope(fundraising=False)), public.meets(Scope(charity=True))
(False, True)
>>> public.words("en")
'foundation; with public-fundraising qualification'
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from ..errors import LawError
from ..records import TABLES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

TYPES: Final = tuple(TABLES["organizations"]["org_type"].codes)
SHENZHEN: Final = "4403"
"""The first four digits of the authority of Shenzhen and its districts."""

NATIONAL: Final = "100000"
"""The authority of a body registered with the ministry."""

Level = Literal["", "national", "local"]


class Body(NamedTuple):
    """What a text is chosen by: the type of an organisation and the level of its registration."""

    org_type: str
    level: Level


_LEVELS: Final[tuple[Level, ...]] = ("national", "local")
BODIES: Final = tuple(Body(kind, level) for kind, level in product(TYPES, _LEVELS))

_FLAGS: Final = {
    "charity": ("is_charity", "慈善组织", "charity"),
    "fundraising": ("has_public_fundraising", "有公开募捐资格", "with public-fundraising qualification"),
    "industry": ("is_industry_association", "行业协会商会", "industry association"),
}


@dataclass(frozen=True)
class Scope:
    """Organisations a rule speaks of; a facet left None does not matter. An unknown quality counts as not had."""

    types: tuple[str, ...] = TYPES
    charity: bool | None = None
    fundraising: bool | None = None
    industry: bool | None = None
    city: str = ""

    def __post_init__(self) -> None:
        for name in self.types:
            if name not in TYPES:
                raise LawError(f"scope: type {name!r} is not one of {', '.join(TYPES)}.")

    @property
    def everyone(self) -> bool:
        """Whether it leaves nobody out."""
        return self == Scope()

    def holds(self, organizations: pd.DataFrame) -> NDArray[np.bool_]:
        """Whether each organisation (one a row, with ``city``) is meant."""
        held = np.ones(len(organizations), dtype=bool)
        if self.types != TYPES:
            held &= organizations["org_type"].isin(self.types).to_numpy(dtype=bool)
        for facet, (column, _, _) in _FLAGS.items():
            wanted = getattr(self, facet)
            if wanted is not None:
                held &= organizations[column].fillna(False).to_numpy(dtype=bool) == wanted
        if self.city:
            held &= (organizations["city"] == self.city).to_numpy(dtype=bool)
        return held

    def meets(self, other: Scope) -> bool:
        """Whether one organisation can be meant by both."""
        opposed = any(
            None not in (mine := (getattr(self, facet), getattr(other, facet))) and mine[0] != mine[1]
            for facet in _FLAGS
        )
        apart = bool(self.city and other.city and self.city != other.city)
        return bool(set(self.types) & set(other.types)) and not opposed and not apart

    def bodies(self) -> tuple[Body, ...]:
        """The types and levels it can mean."""
        return tuple(
            body for body in BODIES if body.org_type in self.types and not (self.city and body.level == "national")
        )

    def words(self, lang: str) -> str:
        """The scope in words."""
        zh = lang == "zh"
        names = {"association": "association", "foundation": "foundation", "service_institution": "service institution"}
        codes = TABLES["organizations"]["org_type"].codes
        parts = (
            []
            if self.types == TYPES
            else [("、" if zh else ", ").join(codes[t] if zh else names[t] for t in self.types)]
        )
        for facet, (_, said_zh, said_en) in _FLAGS.items():
            wanted = getattr(self, facet)
            if wanted is not None:
                parts.append(
                    (said_zh if wanted else f"非{said_zh}") if zh else (said_en if wanted else f"not {said_en}")
                )
        if self.city:
            parts.append("深圳市登记" if zh else "registered in Shenzhen")
        return ("；" if zh else "; ").join(parts) or ("全部社会组织" if zh else "all social organisations")


EVERYONE: Final = Scope()


def bodies_of(organizations: pd.DataFrame) -> list[Body]:
    """Type and level of each organisation (one a row, with ``authority``)."""
    national = (organizations["authority"] == NATIONAL).to_numpy(dtype=bool)
    return [
        Body(kind, "national" if high else "local")
        for kind, high in zip(organizations["org_type"], national, strict=True)
    ]
