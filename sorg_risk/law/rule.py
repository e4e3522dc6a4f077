"""A rule: one article or duty, as data around one small pure function.

``facts`` looks at what is known and returns every occurrence of the situation that ever arose: when it arose, when it ended (if it did),
and the records that show it. What follows from a fact (recommend, list, restart, remove) is the same for all rules and is written once, in
`lists`. A rule without ``facts`` is one that a person decides, or one that works inside the machinery (a deadline, a removal, a step).
Each rule carries its worked cases, just inside and just outside; the tests run them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..errors import LawError
from .instruments import CHECKED_ON, OPEN, Certainty, Citation, certain
from .scope import EVERYONE, Body, Scope

if TYPE_CHECKING:
    import pandas as pd

    from .facts import Facts
    from .known import Known
    from .parameters import Parameter

ABNORMAL: Final = "abnormal_list"
SERIOUS: Final = "serious_dishonesty_list"
ALERT: Final = "alert"
EXIT: Final = "exit_candidate"
FLAGS: Final = (ABNORMAL, SERIOUS, ALERT, EXIT)
LISTS: Final = {ABNORMAL: "abnormal", SERIOUS: "serious_dishonesty"}
"""Flag of a list → its name in the tables ``listings`` and ``procedures``."""
FAMILY_LENGTH: Final = 5
"""Characters of a rule id without its suffix (AL-05a → AL-05)."""


def family(ground: str) -> str:
    """The rule id of a ground without its suffix.

    >>> family("AL-05a")
    'AL-05'
    """
    return ground[:FAMILY_LENGTH]


@dataclass(frozen=True)
class Clause:
    """One fact a rule asks for, with its sentence; ``{name}`` is filled from the fact's values.

    ``form``: told only for facts of this form, where a rule can be met in several ways.
    """

    code: str
    zh: str
    en: str
    form: str = ""


@dataclass(frozen=True)
class Remedy:
    """A lawful act of the organisation that ends a situation."""

    code: str
    zh: str
    en: str


Years = Callable[["pd.DataFrame"], tuple["pd.Series", "pd.Series"]]
"""Of the values of facts, the first and the last fiscal year of the rows that each of them misses."""
Days = Callable[["pd.DataFrame"], "pd.Series"]
"""Of the values of facts, the day from which on the rows can be that each of them misses."""


@dataclass(frozen=True)
class Missing:
    """Rows on whose absence a fact rests: one of them that is not used makes the fact provisional; see `absence`.

    Attributes
    ----------
    table, kinds
        Of which table, and of which kinds (by `withheld.KINDS`; none: of all).
    years
        Of which fiscal years; None: of any.
    after
        A row whose event lies before that day is not missed; None: whenever.
    columns
        Columns of a used row whose value is missed too, where it was set aside.
    forms
        Only facts of these forms rest on it; none: all.
    """

    table: str
    kinds: tuple[str, ...] = ()
    years: Years | None = None
    after: Days | None = None
    columns: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A worked case: rows by table, the day, and what the rule publishes on it.

    ``gives``: ``"flag status ground since"`` of every published row whose ground begins with the rule's id (or with ``shows``).
    """

    story: str
    day: str
    rows: dict[str, list[dict[str, Any]]]
    gives: tuple[str, ...] = ()
    lists: str = "decided"
    shows: str = ""


@dataclass(frozen=True)
class Rule:
    """One ground, alert, exit, bar or procedural rule of the law.

    Attributes
    ----------
    flag
        What a fact of it raises, None for rules without facts of their own.
    facts
        Finds the facts; None where ``works`` says who or what applies the rule instead.
    works
        ``"person"`` (only a person can decide it, never a flag of its own), or where in the machinery it acts.
    reads
        Tables without whose rows it finds nothing.
    scope
        Whom it addresses; for foreign records only rules that address everyone remain.
    continuing
        A duty that lasts: the rule must still be in force on the day of judging, not only on the event day.
    needs_notice
        Listing on it needs a notice and a statement first (grounds that rest on a penalty do not).
    stay
        Where there is nothing to rectify: the months after which the stay on the list is over.
    holds
        While its fact stands, nothing ends the stay on the serious list it led to.
    reads_lists
        Its facts follow from who is on which list.
    same_as
        Rules that describe the same situation: a listing on one answers the other.
    beside
        Rules of the same ``subject`` and overlapping scope with which it knowingly coexists.
    instead_of
        Rules it displaces for the organisations in its own scope.
    others
        The texts for the organisations that the instrument of ``citation`` does not address, by type and level.
    repealed
        Its text ended for good. Otherwise a rule that finds facts and whose text ended without a successor is read on, provisionally.
    remedies
        Lawful acts that end the situation.
    missing
        On the absence of which rows its facts rest.
    next_step
        The next step of an alert or exit row.
    """

    id: str
    zh: str
    en: str
    citation: Citation
    others: tuple[Citation, ...] = ()
    flag: str | None = None
    facts: Callable[[Known], Facts] | None = field(default=None, repr=False)
    works: str = ""
    works_zh: str = ""
    reads: tuple[str, ...] = ()
    scope: Scope = EVERYONE
    effective_from: dt.date | None = None
    effective_to: dt.date | None = None
    issued: dt.date | None = None
    certainty: Certainty = "R2"
    checked_on: dt.date = CHECKED_ON
    repealed: bool = False
    clauses: tuple[Clause, ...] = ()
    parameters: tuple[Parameter[Any], ...] = field(default=(), repr=False)
    subject: str = ""
    continuing: bool = False
    needs_notice: bool = True
    stay: Parameter[int] | None = field(default=None, repr=False)
    holds: bool = False
    reads_lists: bool = False
    same_as: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    missing: tuple[Missing, ...] = ()
    next_step: str = "inspect"
    cases: tuple[Case, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.citation, Citation):
            raise LawError(f"rule {self.id} lacks its citation; name the instrument and the article.")
        certain(self.certainty, f"rule {self.id}")
        if (self.facts is None) == (not self.works):
            raise LawError(
                f"rule {self.id}: either a function finds its facts, or `works` says who applies it; not both."
            )
        if self.facts is not None and self.flag not in FLAGS:
            raise LawError(f"rule {self.id}: flag {self.flag!r} is not one of {', '.join(FLAGS)}.")
        if self.facts is not None and not self.clauses:
            raise LawError(f"rule {self.id} finds facts but has no clause to explain them; add at least one.")
        if self.until < self.since:
            raise LawError(f"rule {self.id} ends on {self.until}, before it begins on {self.since}.")
        for body in self.scope.bodies():
            if self.text_for(body) is None:
                raise LawError(
                    f"rule {self.id} cites no text for {body.level} {body.org_type}; add one to `others`, or narrow the scope."
                )

    @property
    def since(self) -> dt.date:
        """First day in force."""
        return self.effective_from or self.citation.instrument.effective_from

    @property
    def until(self) -> dt.date:
        """Last day in force."""
        return self.effective_to or self.citation.instrument.effective_to

    @property
    def promulgated(self) -> dt.date:
        """The day from which anyone could know it."""
        return self.issued or self.citation.instrument.promulgated

    @property
    def figures(self) -> tuple[Parameter[Any], ...]:
        """Every parameter it reads, the stay among them."""
        return (*self.parameters, *((self.stay,) if self.stay else ()))

    @property
    def texts(self) -> tuple[Citation, ...]:
        """Every text it cites."""
        return (self.citation, *self.others)

    def text_for(self, body: Body, day: dt.date | None = None) -> Citation | None:
        """The text for an organisation of a type and level: of those that address it the one in force on the day, else the first."""
        meant = [text for text in self.texts if text.instrument.addresses(body)]
        begun = [
            text for text in meant if day and text.instrument.effective_from <= day <= text.instrument.effective_to
        ]
        return next(iter(begun or meant), None)

    def certainty_on(self, day: dt.date) -> str:
        """Its mark of certainty, with ``/U`` behind it where a text it cites may have been amended by the day, unseen."""
        doubtful = self.certainty != "U" and any(text.instrument.questioned(day) for text in self.texts)
        return f"{self.certainty}/U" if doubtful else self.certainty

    @property
    def person_decides(self) -> bool:
        """Whether only a person can apply it."""
        return self.works == "person"

    @property
    def key(self) -> str:
        """Id and first day in force: tells versions of one rule apart."""
        return f"{self.id}@{self.since}"

    @property
    def family(self) -> str:
        """The id without its suffix."""
        return family(self.id)

    def known_on(self, day: dt.date) -> bool:
        """Whether the text had been promulgated by the day."""
        return self.promulgated <= day

    def in_force(self, day: dt.date) -> bool:
        """Whether the rule is in force on a day."""
        return self.since <= day <= self.until

    def title(self, lang: str, day: dt.date | None = None) -> str:
        """Its title with the figures of a day, as known then (None: the newest)."""
        from .words import figure

        when = day or OPEN
        named = {figure_.name: figure(figure_, figure_.near(when, when), lang) for figure_ in self.figures}
        return (self.zh if lang == "zh" else self.en).format_map(named)
