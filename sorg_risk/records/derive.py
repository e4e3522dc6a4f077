"""The small language of a mapping file: a closed grammar, parsed by hand; no code is ever evaluated.

::

    term       = plain { ("+" | "-") n ("days" | "months") | "*" number }
    plain      = column | year(term) | min(term) | max(term) | abs(term) | month_start(term) | month_end(term)
               | text(term, n) | concat(value, value, ...) | if(condition, value, value)
    value      = term | "word" | number
    condition  = comparison | condition and condition | condition or condition | not condition | (condition)
    comparison = term ("=" | "!=" | "<" | "<=" | ">" | ">=") ("word" | number | true | false) | term is [not] missing

A column is written plainly, or between backticks where its name holds blanks or signs. ``derive`` takes a term, ``where`` a
condition. ``min`` and ``max`` need ``distinct``. Length and depth of a text are bounded, so is the work it asks for.

>>> parse("extended_due_date + 7 days")
Shift(term=Column(name='extended_due_date'), number=7, unit='days')
>>> parse_condition("x = 'word' and y > 0").operator
'and'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from ..errors import MappingError

FUNCTIONS = ("year", "min", "max", "abs", "text", "if", "concat", "month_start", "month_end")
SIGNS = ("=", "!=", "<", "<=", ">", ">=")
MAX_TEXT = 4_000
"""Letters of one expression."""
MAX_DEPTH = 20
"""Expressions within one another."""
MAX_WIDTH = 100
"""Letters to which ``text`` fills up."""
MAX_SHIFT = {"days": 80_000, "months": 2_400}
"""Days or months that are added: some two hundred years."""
MAX_DIGITS = 18
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>`[^`]+`)|(?P<word>"[^"]*"|'[^']*')|(?P<number>\d+(?:\.\d+)?(?!\w))
    |(?P<sign><=|>=|!=|[<>=(),*+-])|(?P<name>[^\W\d]\w*|\d\w+))""",
    re.VERBOSE,
)


class Node:
    """A part of an expression."""


@dataclass(frozen=True)
class Column(Node):
    """A column of the foreign table."""

    name: str


@dataclass(frozen=True)
class Literal(Node):
    """A word, a number, or yes and no."""

    value: str | Decimal | bool


@dataclass(frozen=True)
class Shift(Node):
    """Some days or months later (or earlier)."""

    term: Node
    number: int
    unit: str


@dataclass(frozen=True)
class Product(Node):
    """A number times a constant."""

    term: Node
    factor: Decimal


@dataclass(frozen=True)
class Call(Node):
    """A function of one term; ``text`` has a width."""

    function: str
    term: Node
    width: int = 0


@dataclass(frozen=True)
class Concat(Node):
    """Texts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice(Node):
    """One of two values by a condition."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True)
class Compare(Node):
    """A term compared with a literal."""

    term: Node
    sign: str
    value: Literal


@dataclass(frozen=True)
class Missing(Node):
    """Whether nothing stands there."""

    term: Node


@dataclass(frozen=True)
class Not(Node):
    """The opposite of a condition."""

    condition: Node


@dataclass(frozen=True)
class Logic(Node):
    """Conditions joined by ``and`` or by ``or``."""

    operator: str
    parts: tuple[Node, ...]


def parse(text: str) -> Node:
    """Term of a ``derive`` entry; raises `MappingError` that shows where the text leaves the grammar."""
    parser = _Parser("derive", text)
    return parser.to_end(parser.term)


def parse_condition(text: str) -> Node:
    """Condition of a ``where`` entry; raises `MappingError` as `parse` does."""
    parser = _Parser("where", text)
    condition = parser.to_end(parser.condition)
    if aggregates(condition):
        raise parser.error("min and max have no meaning before distinct")
    return condition


def walk(node: Node) -> Iterator[Node]:
    """A node and all nodes below it."""
    yield node
    for field in fields(node):  # type: ignore[arg-type]  # every node is a dataclass
        value = getattr(node, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, Node):
                yield from walk(child)


def columns_of(node: Node) -> Iterator[str]:
    """Names of the foreign columns an expression reads."""
    return (part.name for part in walk(node) if isinstance(part, Column))


def aggregates(node: Node) -> bool:
    """Whether ``min`` or ``max`` occurs, which only ``distinct`` gives a meaning."""
    return any(isinstance(part, Call) and part.function in ("min", "max") for part in walk(node))


def row_level(node: Node) -> Node:
    """The same term for a single row: without ``min`` and ``max``."""
    if isinstance(node, Call) and node.function in ("min", "max"):
        return row_level(node.term)
    inner = {
        field.name: tuple(map(row_level, value)) if isinstance(value, tuple) else row_level(value)
        for field in fields(node)  # type: ignore[arg-type]
        if isinstance(value := getattr(node, field.name), tuple | Node)
    }
    return replace(node, **inner)  # type: ignore[type-var]


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, verb: str, text: str) -> None:
        self.verb = verb
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        self.next = 0
        self.depth = 0
        if len(text) > MAX_TEXT:
            self.text = f"{text[:40]}…"
            raise self.error(f"it has {len(text):,} letters, more than {MAX_TEXT:,}")
        start, end = 0, len(text.rstrip())
        while start < end:
            match = _TOKEN.match(text, start)
            if match is None:
                raise self.error(f"{text[start:].strip()[:12]!r} means nothing here")
            self.tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            start = match.end()

    def to_end(self, rule: Callable[[], Node]) -> Node:
        node = rule()
        if self.next < len(self.tokens):
            raise self.error(f"{self.tokens[self.next][1]!r} is too much")
        return node

    def condition(self) -> Node:
        return self.joined("or", lambda: self.joined("and", self.negation))

    def joined(self, operator: str, rule: Callable[[], Node]) -> Node:
        parts = [rule()]
        while self.sees_word(operator):
            self.next += 1
            parts.append(rule())
        return parts[0] if len(parts) == 1 else Logic(operator, tuple(parts))

    def negation(self) -> Node:
        self.enter()
        if self.sees_word("not"):
            self.next += 1
            node: Node = Not(self.negation())
        elif self.sees("("):
            self.next += 1
            node = self.condition()
            self.expect(")")
        else:
            node = self.comparison()
        self.depth -= 1
        return node

    def comparison(self) -> Node:
        term = self.term()
        if self.sees_word("is"):
            self.next += 1
            negated = self.sees_word("not")
            self.next += negated
            if not self.sees_word("missing"):
                raise self.error("'is' goes with missing or not missing")
            self.next += 1
            return Not(Missing(term)) if negated else Missing(term)
        sign = self.take("sign")
        if sign not in SIGNS:
            raise self.error(f"{sign!r} does not compare")
        return Compare(term, sign, self.literal())

    def literal(self) -> Literal:
        if self.kind() == "word":
            return Literal(self.take("word")[1:-1])
        if self.sees_word("true") or self.sees_word("false"):
            return Literal(self.take("name").lower() == "true")
        if self.kind() == "name":
            word = self.tokens[self.next][1]
            raise self.error(f"{word} is compared with; write a word in quotation marks, '{word}'")
        return Literal(self.number())

    def number(self) -> Decimal:
        minus = self.sees("-")
        self.next += minus
        digits = self.take("number")
        if len(digits) > MAX_DIGITS:
            raise self.error(f"{digits[:MAX_DIGITS]}… has more than {MAX_DIGITS} digits")
        return Decimal(digits) * (-1 if minus else 1)

    def term(self) -> Node:
        node = self.plain()
        steps = 0
        while self.sees("+") or self.sees("-") or self.sees("*"):
            node = Product(node, self.factor()) if self.sees("*") else self.shift(node)
            steps += 1
            if steps > MAX_DEPTH:
                raise self.error(f"more than {MAX_DEPTH} steps")
        return node

    def factor(self) -> Decimal:
        self.expect("*")
        return self.number()

    def shift(self, node: Node) -> Node:
        sign = -1 if self.take("sign") == "-" else 1
        number = self.integer()
        unit = self.take("name")
        if unit not in ("day", "days", "month", "months"):
            raise self.error(f"{unit!r} is no unit; write days or months")
        unit = unit.rstrip("s") + "s"
        if number > MAX_SHIFT[unit]:
            raise self.error(f"{number} {unit} are more than {MAX_SHIFT[unit]:,}")
        return Shift(node, sign * number, unit)

    def plain(self) -> Node:
        if self.kind() == "quoted":
            return Column(self.take("quoted")[1:-1])
        name = self.take("name")
        if not self.sees("("):
            return Column(name)
        if name not in FUNCTIONS:
            unknown = MappingError.choice(f"function in {self.verb} {self.text!r}:", name, FUNCTIONS)
            raise MappingError(f"{unknown} A column whose name holds blanks or signs is written between backticks.")
        self.enter()
        self.expect("(")
        node = self.call(name)
        self.expect(")")
        self.depth -= 1
        return node

    def call(self, name: str) -> Node:
        if name == "concat":
            parts = [self.value()]
            while self.sees(","):
                self.next += 1
                parts.append(self.value())
            return Concat(tuple(parts))
        if name == "if":
            condition = self.condition()
            self.expect(",")
            yes = self.value()
            self.expect(",")
            return Choice(condition, yes, self.value())
        term = self.term()
        return Call(name, term, self.width() if name == "text" else 0)

    def value(self) -> Node:
        return self.literal() if self.kind() in ("word", "number") or self.sees("-") else self.term()

    def width(self) -> int:
        self.expect(",")
        width = self.integer()
        if width > MAX_WIDTH:
            raise self.error(f"a width of {width} is more than {MAX_WIDTH}")
        return width

    def integer(self) -> int:
        number = self.take("number")
        if not number.isdigit():
            raise self.error(f"{number} is not a whole number")
        if len(number) > MAX_DIGITS:
            raise self.error(f"{number[:MAX_DIGITS]}… has more than {MAX_DIGITS} digits")
        return int(number)

    def enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} brackets or negations within one another")

    def kind(self) -> str:
        return self.tokens[self.next][0] if self.next < len(self.tokens) else "end"

    def sees(self, sign: str) -> bool:
        return self.kind() == "sign" and self.tokens[self.next][1] == sign

    def sees_word(self, word: str) -> bool:
        return self.kind() == "name" and self.tokens[self.next][1].lower() == word

    def expect(self, sign: str) -> None:
        if not self.sees(sign):
            raise self.error(f"{sign!r} is missing")
        self.next += 1

    def take(self, kind: str) -> str:
        if self.kind() != kind:
            got = repr(self.tokens[self.next][1]) if self.next < len(self.tokens) else "the end"
            raise self.error(f"a {kind} is expected, not {got}")
        self.next += 1
        return self.tokens[self.next - 1][1]

    def error(self, why: str) -> MappingError:
        return MappingError(f"{self.verb} {self.text!r} cannot be read: {why}. {_KNOWN[self.verb]}")


_KNOWN = {
    "derive": (
        "It knows a column (between backticks where its name holds blanks or signs), year(x), x + n days|months, x * number, "
        'min(x)|max(x) under distinct, abs(x), if(x < 0, "out", "in"), if(x = \'word\', a, b), text(x, width), '
        'concat(a, "-", b), month_start(x), month_end(x).'
    ),
    "where": (
        "It knows columns (between backticks where a name holds blanks or signs), words in quotation marks, numbers, "
        "= != < <= > >=, is missing, and, or, not, and brackets: x = 'word' and y > 0."
    ),
}
