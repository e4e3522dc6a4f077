"""A rule: one article or duty, as data around one small pure function.

``facts`` looks at what is known and returns every occurrence of the situation that ever arose: when it arose, when it ended (if it did),
and the records that show it. What follows from a fact (recommend, list, restart, remove) is the same for all rules and is written once, in
`lists`. Each rule carries its worked cases, just inside and just outside; the tests collect them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..errors import LawError
from .parameters import CERTAINTIES, OPEN, Citation

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from .known import Known

ABNORMAL: Final = "abnormal_list"
SERIOUS: Final = "serious_dishonesty_list"
FLAGS: Final = (ABNORMAL, SERIOUS, "alert", "exit_candidate")


@dataclass(frozen=True)
class Clause:
    """One fact a rule asks for, with its sentence; ``{name}`` is filled from the fact's values."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Case:
    """A worked case: rows by table, the day, and the days on which the rule's facts arose (none: the rule does not apply)."""

    story: str
    day: str
    rows: dict[str, list[dict[str, Any]]]
    since: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One ground, alert, exit or incentive rule of the law.

    ``needs_notice``: listing on it needs a notice first (grounds resting on a penalty do not). ``clears_after_months``: where there is nothing
    to rectify, the stay on the abnormal list is over after so many months. ``person_decides``: in the rulebook, never an automatic flag.
    ``needs_code``: rests on the code, type or authority, so it is off for foreign data.
    """

    id: str
    flag: str
    zh: str
    en: str
    citation: Citation
    effective_from: dt.date
    effective_to: dt.date = OPEN
    issued: dt.date | None = None
    certainty: str = "R2"
    clauses: tuple[Clause, ...] = ()
    facts: Callable[[Known], pd.DataFrame] | None = None
    needs_notice: bool = True
    clears_after_months: int | None = None
    person_decides: bool = False
    needs_code: bool = False
    cases: tuple[Case, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if self.flag not in FLAGS:
            raise LawError(f"rule {self.id}: flag {self.flag!r} is not one of {', '.join(FLAGS)}.")
        if self.certainty not in CERTAINTIES:
            raise LawError(f"rule {self.id}: certainty {self.certainty!r} is not one of {', '.join(CERTAINTIES)}.")
        if self.person_decides == (self.facts is not None):
            raise LawError(
                f"rule {self.id}: either a person decides or a function finds its facts, not both and not neither."
            )
        if self.facts is not None and not self.clauses:
            raise LawError(f"rule {self.id} finds facts but has no clause to explain them; add at least one.")
        if self.effective_to < self.effective_from:
            raise LawError(f"rule {self.id} ends on {self.effective_to}, before it begins on {self.effective_from}.")

    def known_on(self, day: dt.date) -> bool:
        """Whether the text had been promulgated by the day."""
        return (self.issued or self.effective_from) <= day

    def in_force(self, day: dt.date) -> bool:
        """Whether the rule is in force on a day."""
        return self.effective_from <= day <= self.effective_to


O60_FROM: Final = dt.date(2018, 1, 24)


def o60(article: str, item: str = "") -> Citation:
    """A citation of the Measures on credit information of social organisations (MCA Order 60, in force 2018-01-24)."""
    numbered = f"第{article}条" + (f"第{item}项" if item else "")
    return Citation(
        "O60",
        f"{article}({item})" if item else article,
        f"《社会组织信用信息管理办法》（民政部令第60号）{numbered}",
        f"Measures on the Management of Credit Information of Social Organisations (MCA Order 60) art. {article}"
        + (f"({item})" if item else ""),
    )
