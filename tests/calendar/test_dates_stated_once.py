"""No code states a date of the law twice: days of deadlines stand in the calendar, days of texts with the texts, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "sorg_risk"
DATED = {
    "calendar": "who owes which report by when: the one place of these days",
    "simulate": "days of made-up registries and stories; its deadlines are asked of the calendar",
    "law/instruments.py": "the days from and to which texts are in force",
    "law/worked.py": "rows of worked examples, as an authority would deliver them",
    "features/examples.py": "rows of worked examples, as an authority would deliver them",
}
"""Folders and files that may state days, and why."""
ALLOWED = {
    ("law/accounts.py", "12-31"): "the last day of a fiscal year",
    ("law/activity.py", "01-01"): "the day after a fiscal year",
    ("law/rules/go_01_council.py", "12-31"): "the last day of a fiscal year",
    ("law/rules/gr_grades.py", "12-31"): "the last day of the year in which a grade ends",
    ("records/checks.py", "01-01"): "the first day that any cell may name",
    ("records/checks.py", "12-31"): "the last day that any cell may name",
    ("records/pii_numbers.py", "01-01"): "days of birth that a number may name",
    ("records/mapping.py", "11-27"): "a moment that shows how a format is written",
    ("records/mapping.py", "02-03"): "a moment that shows how a format is written",
}
"""Days elsewhere, and why: none of them is the day of a duty."""
OWN_DATA = {"cases", "examples"}
"""Keywords whose values are worked examples: rows as an authority would deliver them, not the law. What only they use is theirs, too."""
NO_DAYS = {"1970-01-01"}
DAY_OF_YEAR = re.compile(r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
FULL_DAY = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
IN_WORDS = re.compile(
    r"(?<![\d年])(?:1[0-2]|[1-9])月(?:3[01]|[12]\d|[1-9])日|\b(?:31|30) (?:March|May|June|December)\b"
)


def days_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and day of whatever states one: strings, ``date(y, m, d)``, ``replace(month=, day=)``, sentences; docstrings are no code."""
    skipped = _of_examples(tree)
    skipped |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)} - {
        id(node) for node in ast.walk(tree) if isinstance(node, ast.Call)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if DAY_OF_YEAR.fullmatch(text) or (FULL_DAY.fullmatch(text) and text not in NO_DAYS):
                yield node.lineno, text
            for words in IN_WORDS.findall(text):
                yield node.lineno, words
        elif isinstance(node, ast.Call):
            yield from _called(node)


def _of_examples(tree: ast.AST) -> set[int]:
    """The nodes of worked examples, and of the functions and values that nothing else uses."""
    nodes: set[int] = set()
    for node in ast.walk(tree):
        is_case = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Case"
        if is_case or (isinstance(node, ast.keyword) and node.arg in OWN_DATA):
            nodes |= {id(below) for below in ast.walk(node)}
    parts = {_name(part): part for part in getattr(tree, "body", []) if _name(part).startswith("_")}
    used: dict[str, set[int]] = {name: set() for name in parts}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in used:
            used[node.id].add(id(node))
    size = -1
    while size != len(nodes):
        size = len(nodes)
        for name, part in parts.items():
            if used[name] and used[name] <= nodes:
                nodes |= {id(below) for below in ast.walk(part)}
    return nodes


def _name(part: ast.AST) -> str:
    """The name that a statement of a module defines."""
    if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
        return part.targets[0].id
    target = getattr(part, "target", None)
    return target.id if isinstance(target, ast.Name) else getattr(part, "name", "") or ""


def _called(node: ast.Call) -> Iterator[tuple[int, str]]:
    """The day of the year that a call with numbers states."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    named = {word.arg: word.value for word in node.keywords}
    month, day = named.get("month"), named.get("day")
    if name in {"date", "datetime", "Timestamp"} and len(node.args) >= 3:
        month, day = node.args[1:3]
        if isinstance(node.args[0], ast.Constant) and node.args[0].value in (1970, 9999):
            return
    if isinstance(month, ast.Constant) and isinstance(day, ast.Constant):
        yield node.lineno, f"{month.value:02d}-{day.value:02d}"


def stated() -> Iterator[tuple[str, int, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not any(name == where or name.startswith(f"{where}/") for where in DATED):
            for line, day in days_in(ast.parse(path.read_text(encoding="utf-8"))):
                yield name, line, day


def test_no_code_states_a_day_of_a_duty() -> None:
    strange = [f"{name}:{line}: {day}" for name, line, day in stated() if (name, day) not in ALLOWED]
    assert not strange, "state it in calendar/duties.toml, or say here why it is no day of a duty:\n" + "\n".join(
        strange
    )


def test_the_list_of_exceptions_names_nothing_that_is_gone() -> None:
    there = {(name, day) for name, _, day in stated()}
    assert not [one for one in ALLOWED if one not in there]


@pytest.mark.parametrize(
    ("code", "days"),
    [
        ('due = "03-31"', ["03-31"]),
        ('due = pd.Timestamp("2027-05-31")', ["2027-05-31"]),
        ("due = dt.date(year + 1, 6, 30)", ["06-30"]),
        ("due = stamp(day.replace(month=5, day=31))", ["05-31"]),
        ('said = "应于5月31日前报送"', ["5月31日"]),
        ('"""Due on 31 May."""', []),
        ('Rule(cases=(Case("2023-05-31"),))', []),
        ('name = "AL-01"', []),
        ('_D = "2023-05-31"\nR = Rule(cases=(case(_D),))', []),
        ('_D = "2023-05-31"\nR = Rule(cases=(case(_D),), due=_D)', ["2023-05-31"]),
    ],
)
def test_it_sees_days_however_they_are_written(code: str, days: list[str]) -> None:
    assert [day for _, day in days_in(ast.parse(code))] == days
