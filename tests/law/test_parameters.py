"""Dated parameters: both clocks, and what makes a rulebook impossible to import."""

from __future__ import annotations

import ast
import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sorg_risk.calendar.periods import plus_months
from sorg_risk.errors import LawError
from sorg_risk.law.checks import checked
from sorg_risk.law.facts import none
from sorg_risk.law.instruments import CHARITY_2016, CHARITY_2023, O60, Instrument, numeral
from sorg_risk.law.parameters import Dated, Parameter, constant
from sorg_risk.law.registry import RULES
from sorg_risk.law.rule import ALERT, Clause, Rule
from sorg_risk.law.scope import Scope


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def dated(value: int, first: str, last: str = "9999-12-31", **more: Any) -> Dated[int]:
    return Dated(value, O60.at(11), day(first), day(last), **more)


def made(*values: Dated[int]) -> Parameter[int]:
    return Parameter("fine", "罚款", "fine", "yuan", values)


TWO = made(
    dated(1, "2018-01-24", "2020-12-31"),
    dated(2, "2021-01-01", issued=day("2021-06-30")),
)


@pytest.mark.parametrize(
    ("on", "known_by", "value"),
    [
        ("2018-01-23", "2026-01-01", None),
        ("2018-01-24", "2018-01-24", 1),
        ("2020-12-31", "2026-01-01", 1),
        ("2021-01-01", "2021-06-29", 1),  # what ends it is not promulgated yet
        ("2021-01-01", "2021-06-30", 2),
        ("2030-01-01", "2030-01-01", 2),
    ],
)
def test_in_force_on_the_day_and_promulgated_by_then(on: str, known_by: str, value: int | None) -> None:
    found = TWO.find(day(on), day(known_by))
    assert (found.value if found else None) == value


def test_a_reading_says_which_value_each_row_reads() -> None:
    days = pd.Series(pd.to_datetime(["2017-01-01", "2020-12-31", "2021-01-01", None]))
    read = TWO.read(days, day("2026-01-01"))
    assert read.of().tolist() == [1, 1, 2, 1]
    assert read.amendments().tolist() == ["", "", "fine@2021-01-01", ""]
    assert read.doubts().tolist() == ["", "", "", ""]
    assert TWO.read(days, day("2021-06-29")).of().tolist() == [1, 1, 1, 1]


def test_what_is_read_after_the_end_of_the_last_text_is_doubted() -> None:
    ended = made(dated(1, "2018-01-24", "2020-12-31"))
    days = pd.Series(pd.to_datetime(["2020-12-31", "2021-01-01"]))
    assert ended.read(days, day("2026-01-01")).doubts().tolist() == ["", "lapsed:fine"]


def test_a_running_period_meets_the_law_of_the_day_on_which_it_is_over() -> None:
    months = made(dated(6, "2018-01-24")).then(9, O60.at(11), day("2027-01-01"), issued=day("2026-11-20"))
    start = pd.Series(pd.to_datetime(["2026-06-30", "2026-07-01", "2026-03-31", None])).astype("datetime64[s]")
    over, read = months.over(start, plus_months, day("2027-06-01"))
    assert told(over) == ["2026-12-30", "2027-04-01", "2026-09-30", "-"]
    assert read.of().tolist() == [6, 9, 6, 6]
    shorter = made(dated(6, "2018-01-24")).then(3, O60.at(11), day("2027-01-01"), issued=day("2026-11-20"))
    assert told(shorter.over(start, plus_months, day("2027-06-01"))[0]) == [
        "2026-12-30",
        "2027-01-01",
        "2026-09-30",
        "-",
    ]


def told(days: pd.Series) -> list[str]:
    return [f"{one:%Y-%m-%d}" if pd.notna(one) else "-" for one in days]


def test_near_gives_the_closest_value_where_none_is_in_force() -> None:
    assert (TWO.near(day("1990-01-01")).value, TWO.near(day("2040-01-01")).value) == (1, 2)


def test_no_value_names_the_parameter_and_the_day() -> None:
    with pytest.raises(LawError, match="parameter fine has no value in force on 2017-01-01"):
        TWO.on(day("2017-01-01"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((), "fine has no value"),
        (
            (dated(1, "2018-01-24", "2020-12-31"), dated(2, "2021-01-02")),
            "leave a gap.*end the earlier one on 2021-01-01",
        ),
        ((dated(1, "2018-01-24", "2021-01-01"), dated(2, "2021-01-01")), "overlap.*2020-12-31"),
        ((dated(1, "2018-01-24", "2018-01-23"),), "ends before it begins"),
        ((replace(dated(1, "2018-01-24"), citation=None),), "lacks its citation"),  # type: ignore[arg-type]
        ((dated(1, "2018-01-24", certainty="?"),), "certainty '\\?'"),
    ],
)
def test_a_contradiction_fails_when_it_is_made(values: tuple[Dated[int], ...], said: str) -> None:
    with pytest.raises(LawError, match=f"(?s)fine.*{said}|{said}"):
        made(*values)


def test_a_constant_is_in_force_as_long_as_its_instrument() -> None:
    (only,) = constant("floor", "下限", "floor", "%", 70, CHARITY_2016.at(60)).values
    assert (only.effective_from, only.effective_to) == (CHARITY_2016.effective_from, CHARITY_2016.effective_to)


def rule(name: str, **more: Any) -> Rule:
    plain: dict[str, Any] = {
        "id": name,
        "zh": "规则",
        "en": "rule",
        "citation": O60.at(1),
        "flag": ALERT,
        "facts": lambda known: none(),
        "clauses": (Clause("one", "一", "one"),),
    }
    return Rule(**plain | more)


def test_the_rules_of_the_product_stand() -> None:
    assert checked(RULES) == RULES


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((rule("XX-01"), rule("XX-01", effective_from=day("2020-01-01"))), "XX-01 stands twice from 2020-01-01"),
        (
            (rule("XX-01", effective_to=day("2019-12-30")), rule("XX-01", effective_from=day("2020-01-01"))),
            "XX-01 leaves a gap from 2019-12-30 to 2020-01-01",
        ),
        ((rule("XX-01", beside=("YY-09",)),), "XX-01.*YY-09"),
        ((rule("XX-01", subject="fees"), rule("XX-02", subject="fees")), "XX-01 and XX-02 both govern 'fees'"),
    ],
)
def test_undeclared_conflicts_name_both_rules(rules: tuple[Rule, ...], said: str) -> None:
    with pytest.raises(LawError, match=said):
        checked(rules)


@pytest.mark.parametrize(
    "more",
    [
        {"beside": ("XX-01",)},
        {"scope": Scope(types=("foundation",))},
        {"subject": "other"},
        {"effective_from": day("2030-01-01")},
    ],
    ids=["declared", "another scope", "another subject", "another time"],
)
def test_what_is_no_conflict(more: dict[str, Any]) -> None:
    first = rule("XX-01", subject="fees", scope=Scope(types=("association",)), effective_to=day("2029-12-31"))
    assert len(checked((first, rule("XX-02", **{"subject": "fees"} | more)))) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"citation": None}, "lacks its citation"),
        ({"facts": None}, "not both"),
        ({"works": "person"}, "not both"),
        ({"flag": "blacklist"}, "'blacklist' is not one of"),
        ({"clauses": ()}, "no clause"),
        ({"certainty": "sure"}, "'sure' is not one of"),
        ({"effective_from": day("2020-01-01"), "effective_to": day("2019-01-01")}, "before it begins"),
    ],
)
def test_a_rule_that_lacks_something_says_so(more: dict[str, Any], said: str) -> None:
    with pytest.raises(LawError, match=f"XX-01.*{said}"):
        rule("XX-01", **more)


def test_instruments_and_citations() -> None:
    assert O60.at(15, 1).zh.endswith("第十五条第一项")
    assert O60.at().zh == O60.zh
    assert [numeral(n) for n in (0, 10, 19, 99)] == ["〇", "十", "十九", "九十九"]
    with pytest.raises(LawError, match="lacks its Chinese or English title"):
        Instrument("X", "", "x", day("2020-01-01"))
    with pytest.raises(LawError, match="before it begins"):
        Instrument("X", "某", "x", day("2020-01-01"), day("2019-01-01"))
    assert CHARITY_2023.promulgated < CHARITY_2023.effective_from


def test_the_two_charity_laws_follow_each_other() -> None:
    assert (CHARITY_2023.effective_from - CHARITY_2016.effective_to).days == 1


@pytest.mark.parametrize("one", RULES, ids=lambda rule: rule.key)
def test_every_rule_and_parameter_carries_its_source(one: Rule) -> None:
    assert one.citation.zh
    assert one.citation.en
    assert one.checked_on >= one.promulgated or one.since > one.checked_on
    for parameter in one.parameters:
        assert all(value.citation.zh and value.certainty in "R R2 M U" for value in parameter.values)


LAW = Path(__file__).resolve().parents[2] / "sorg_risk" / "law"
PERIODS = {"plus_months", "plus_years", "plus"}
READINGS = {("deadlines.py", 1), ("elections.py", -12)}
"""Periods that are readings of this product, not figures of a text: the next report where no deadline is known, the last year of a term."""


def literal_periods(file: Path) -> set[tuple[str, int]]:
    """Calls that move a day by a number written in the code."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    numbers = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) == 2:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            count = written(node.args[1], numbers)
            if name in PERIODS and isinstance(count, int):
                found.add((file.name, count))
    return found


def written(node: ast.expr, numbers: dict[str, Any]) -> Any:
    """The number an expression is, where it is one of the file itself."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = written(node.operand, numbers)
        return -value if isinstance(value, int) else None
    return (
        node.value if isinstance(node, ast.Constant) else numbers.get(node.id) if isinstance(node, ast.Name) else None
    )


def test_no_period_of_the_law_is_written_into_the_code() -> None:
    found = {period for file in LAW.rglob("*.py") for period in literal_periods(file)}
    assert found == READINGS


def test_the_search_for_written_periods_can_find_one(tmp_path: Path) -> None:
    file = tmp_path / "rule.py"
    file.write_text("YEARS = 2\nover = plus_years(day, YEARS)\n", encoding="utf-8")
    assert literal_periods(file) == {("rule.py", 2)}


def test_no_value_is_taken_without_a_day() -> None:
    for file in LAW.rglob("*.py"):
        if file.name != "parameters.py":
            assert not re.search(r"\.values\[-?\d\]\.value", file.read_text(encoding="utf-8")), file.name


TOLD_IN_WORDS = {"AL-04a", "AL-04b", "CR-02", "CR-03", "GR-02", "PR-02"}
"""Rules whose titles name a day of the text, a grade, or a term that a person keeps."""


def test_titles_and_sentences_take_their_figures_from_the_parameters() -> None:
    for one in RULES:
        texts = [one.zh, one.en, *(text for clause in one.clauses for text in (clause.zh, clause.en))]
        written = [text for text in texts if re.search(r"\d", re.sub(r"\{\w+\}", "", text))]
        assert not written or one.id in TOLD_IN_WORDS, (one.id, written)
        assert "{" not in one.title("zh") + one.title("en")
