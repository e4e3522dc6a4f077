"""The small language of ``derive`` in a mapping file: a closed grammar, read by hand; no code is ever evaluated.

::

    term   = column | call [("+" | "-") n ("days" | "months")]
    call   = year(term) | min(term) | max(term) | abs(term) | text(term, n) | if(term < n, "word", "word")

A column is written plainly, or between backticks where its name holds blanks or signs. ``min`` and ``max`` need
``distinct``. ``if`` compares by ``<``, ``<=``, ``>`` or ``>=``.

>>> parse("extended_due_date + 7 days")
Shift(term=Column(name='extended_due_date'), number=7, unit='days')
>>> parse('if(amount < 0, "out", "in")').sign
'<'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import MappingError

FUNCTIONS = ("year", "min", "max", "abs", "text", "if")
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>`[^`]+`)|(?P<word>"[^"]*"|'[^']*')|(?P<number>\d+(?:\.\d+)?(?!\w))
    |(?P<sign><=|>=|[<>(),+-])|(?P<name>[^\W\d]\w*|\d\w+))""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Column:
    """A column of the foreign table."""

    name: str


@dataclass(frozen=True)
class Shift:
    """Some days or months later (or earlier)."""

    term: Term
    number: int
    unit: str


@dataclass(frozen=True)
class Call:
    """``year``, ``min``, ``max``, ``abs`` of a term, or ``text`` with a width."""

    function: str
    term: Term
    width: int = 0


@dataclass(frozen=True)
class Choice:
    """One of two words by a comparison with a number."""

    term: Term
    sign: str
    bound: float
    yes: str
    no: str


Term = Column | Shift | Call | Choice


def parse(text: str) -> Term:
    """Term of a ``derive`` entry; raises `MappingError` that shows where the text leaves the grammar."""
    return _Reader(text).whole()


def columns_of(term: Term) -> Iterator[str]:
    """Names of the foreign columns a term reads."""
    if isinstance(term, Column):
        yield term.name
    else:
        yield from columns_of(term.term)


def aggregates(term: Term) -> bool:
    """Whether ``min`` or ``max`` occurs, which only ``distinct`` gives a meaning."""
    if isinstance(term, Column):
        return False
    return (isinstance(term, Call) and term.function in ("min", "max")) or aggregates(term.term)


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        place, end = 0, len(text.rstrip())
        while place < end:
            found = _TOKEN.match(text, place)
            if found is None:
                raise self.wrong(f"{text[place:].strip()[:12]!r} means nothing here")
            self.tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
            place = found.end()

    def whole(self) -> Term:
        term = self.shifted()
        if self.at < len(self.tokens):
            raise self.wrong(f"{self.tokens[self.at][1]!r} is too much")
        return term

    def shifted(self) -> Term:
        term = self.plain()
        while self.sees("+") or self.sees("-"):
            sign = -1 if self.take("sign") == "-" else 1
            number = sign * self.integer()
            unit = self.take("name")
            if unit not in ("day", "days", "month", "months"):
                raise self.wrong(f"{unit!r} is no unit; write days or months")
            term = Shift(term, number, unit.rstrip("s") + "s")
        return term

    def plain(self) -> Term:
        if self.kind() == "quoted":
            return Column(self.take("quoted")[1:-1])
        name = self.take("name")
        if not self.sees("("):
            return Column(name)
        if name not in FUNCTIONS:
            unknown = MappingError.choice(f"function in derive {self.text!r}:", name, FUNCTIONS)
            raise MappingError(f"{unknown} A column whose name holds blanks or signs is written between backticks.")
        self.expect("(")
        term = self.shifted()
        made = self.choice(term) if name == "if" else Call(name, term, self.width() if name == "text" else 0)
        self.expect(")")
        return made

    def choice(self, term: Term) -> Choice:
        sign = self.take("sign")
        if sign not in ("<", "<=", ">", ">="):
            raise self.wrong(f"{sign!r} does not compare")
        minus = self.sees("-") and bool(self.take("sign"))
        bound = float(self.take("number")) * (-1 if minus else 1)
        self.expect(",")
        yes = self.take("word")[1:-1]
        self.expect(",")
        return Choice(term, sign, bound, yes, self.take("word")[1:-1])

    def width(self) -> int:
        self.expect(",")
        return self.integer()

    def integer(self) -> int:
        number = self.take("number")
        if not number.isdigit():
            raise self.wrong(f"{number} is not a whole number")
        return int(number)

    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else "end"

    def sees(self, sign: str) -> bool:
        return self.kind() == "sign" and self.tokens[self.at][1] == sign

    def expect(self, sign: str) -> None:
        if not self.sees(sign):
            raise self.wrong(f"{sign!r} is missing")
        self.at += 1

    def take(self, kind: str) -> str:
        if self.kind() != kind:
            got = repr(self.tokens[self.at][1]) if self.at < len(self.tokens) else "the end"
            raise self.wrong(f"a {kind} is expected, not {got}")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def wrong(self, why: str) -> MappingError:
        return MappingError(
            f"derive {self.text!r} cannot be read: {why}. It knows a column (between backticks where its name holds "
            "blanks or signs), year(x), x + n days|months, min(x)|max(x) under distinct, abs(x), "
            'if(x < 0, "out", "in"), text(x, width).'
        )
