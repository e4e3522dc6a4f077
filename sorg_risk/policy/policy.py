"""What a policy is: declared words and tables for one type of organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ..errors import LawError, NotFound

GRADES: Final = ("A", "B", "C", "D")

BODIES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "registration_authority": ("登记管理机关", "registration authority"),
        "supervising_unit": ("业务主管单位", "supervising unit"),
        "industry_department": ("行业管理部门", "industry department"),
        "party_body": ("党建工作机构", "party-building body"),
        "market_regulator": ("市场监管部门", "market regulator"),
        "finance_and_audit": ("财政、审计部门", "finance and audit departments"),
    }
)
"""Bodies with a duty of supervision 综合监管职责, each with its Chinese and English name."""

DEFAULT_BODY: Final = "registration_authority"


@dataclass(frozen=True)
class Measure:
    """One measure of supervision and the text it rests on."""

    zh: str
    en: str
    citation: str


@dataclass(frozen=True)
class Policy:
    """The policy of one type.

    ``families``: rule families (first two letters of a rule id) that speak of the type. ``routes``: beginning of a rule id -> the body
    that takes the next step; the longest fitting beginning wins, and what none fits goes to the registration authority.
    ``measures``: grade -> measures, mildest grade first.
    """

    org_type: str
    zh: str
    en: str
    families: tuple[str, ...]
    routes: Mapping[str, str]
    measures: Mapping[str, tuple[Measure, ...]]

    def __post_init__(self) -> None:
        for body in self.routes.values():
            if body not in BODIES:
                raise LawError(f"policy {self.org_type}: {NotFound.name('body', body, BODIES)}")
        missing = [grade for grade in GRADES if not self.measures.get(grade)]
        if missing:
            raise LawError(f"policy {self.org_type} names no measure for grade {', '.join(missing)}; add one.")

    def route(self, ground: str) -> str:
        """The body that takes the next step on a rule id; an early warning has none (empty).

        >>> from sorg_risk.policy import policy
        >>> policy("association").route("AL-02"), policy("association").route("AL-01")
        ('party_body', 'registration_authority')
        """
        fitting = [start for start in self.routes if ground.startswith(start)]
        return self.routes[max(fitting, key=len)] if fitting else DEFAULT_BODY
