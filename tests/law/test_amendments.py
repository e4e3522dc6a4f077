"""An amendment of the law: every parameter with a second value, promulgated on one day and in force from another.

The worked cases beside the rules are moved by whole years. Wholly after the day the amended law must judge as one that had always been so;
wholly before it, as the law of today; and the two must differ, or nobody reads the parameter.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sorg_risk.law.parameters import Parameter
from sorg_risk.law.registry import RULES, parameters
from sorg_risk.law.repair import publication
from sorg_risk.law.rule import Case
from sorg_risk.law.rulebook import rulebook
from sorg_risk.law.statute import statutory
from sorg_risk.law.worked import (
    Record,
    clean,
    filing,
    given,
    inspection,
    listing,
    org,
    penalty,
    post,
    report,
    reports,
    step,
)
from sorg_risk.records import open as open_source

from .amending import BEGINS, ISSUED, TEXT, amended, law_with, other, throughout
from .crowd import renamed

PARAMETERS = sorted(parameters().values(), key=lambda parameter: parameter.name)
NOT_JUDGED_BY = {"change_days": "the day stands in the record", "publication_months": "a clock of its own"}
ON_LISTS = {
    "large_fine",
    "repeated_years",
    "stay_small_fine",
    "stay_warning",
    "statement_days",
    "years_on_abnormal_list",
    "years_on_serious_list",
}
"""What assumed lists are judged by too."""
LATER = 8
"""Years by which a case is moved to lie wholly after the amendment (a leap year stays one)."""
COLUMNS = ["flag", "status", "ground", "since", "next_step", "next_step_due", "provisional", "clears_on"]
_TERM: dict[str, Any] = {"started": "2015-04-01", "term_ends_on": "2020-03-31"}
_NOTICE = step("notice_received", "2025-06-16", "AL-01", on="abnormal")
_MISSING = (org(), reports(2020, 2021, 2022, 2023))
MORE = {
    "statement_days": Case("awaiting a statement", "2025-06-20", given(*_MISSING, _NOTICE)),
    "verify_days": Case(
        "a statement is to be verified",
        "2025-06-20",
        given(*_MISSING, _NOTICE, step("statement_received", "2025-06-18", "AL-01", on="abnormal")),
    ),
    "term_years": Case(
        "the term an election began is over",
        "2025-06-30",
        given(org(), post("chair", **_TERM), filing("election", "2020-02-03")),
    ),
    "postponement_years": Case(
        "a year overdue",
        "2025-06-30",
        given(org(), post("chair", started="2019-04-01", term_ends_on="2024-03-31")),
    ),
}


def moved(value: Any, years: int, column: str = "") -> Any:
    """A row, or a cell, some years later."""
    if isinstance(value, dict):
        return {name: moved(cell, years, name) for name, cell in value.items()}
    if isinstance(value, list):
        return [moved(row, years) for row in value]
    if column == "fiscal_year":
        return value + years
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d|[A-Z]{2}-\d\d[a-z]?:\d{4}", value):
        return re.sub(r"\b(\d{4})\b", lambda year: str(int(year[1]) + years), value)
    return value


@cache
def cases_of(name: str) -> tuple[Case, ...]:
    """Cases of one day that a parameter can matter for."""
    if name in MORE:
        return (MORE[name],)
    own = [case for rule in RULES if any(one.name == name for one in rule.figures) for case in rule.cases]
    days = [case.day for case in own if case.gives]
    day = "2025-06-30" if "2025-06-30" in days else days[0]
    return tuple(case for case in own if case.day == day)


def judged(cases: Sequence[Case], lists: str, years: int = 0) -> list[list[tuple[Any, ...]]]:
    """What the law makes of each case: its rows, and the sentences behind them."""
    tables: dict[str, list[dict[str, Any]]] = {}
    owners = []
    for number, case in enumerate(cases):
        rows = moved(renamed(case, number), years)
        owners.append({row["org_id"] for row in rows["organizations"]})
        for name, part in rows.items():
            tables.setdefault(name, []).extend(part)
    source = open_source({name: pd.DataFrame(rows) for name, rows in tables.items()})
    said = statutory(source.as_of(moved(cases[0].day, years)), lists)
    flags = said.flags.merge(
        said.clauses.groupby("flag_id")["code"].agg(tuple).rename("codes"), on="flag_id", how="left"
    )
    lines = flags.loc[:, ["org_id", *COLUMNS, "codes"]].astype(str).itertuples(index=False, name=None)
    return [[line[1:] for line in part] for part in _split(list(lines), owners)]


def _split(lines: list[tuple[Any, ...]], owners: list[set[str]]) -> list[list[tuple[Any, ...]]]:
    return [[line for line in lines if line[0] in own] for own in owners]


def modes(name: str) -> tuple[str, ...]:
    return ("decided", "assumed") if name in ON_LISTS else ("decided",)


def changed(parameter: Parameter[Any], cases: Sequence[Case], lists: str) -> tuple[Any, Any, Any] | None:
    """A value under which the moved cases end otherwise, with what the amended law and the law that was always so make of them."""
    today = judged(cases, lists, LATER)
    for factor in (Fraction(2), Fraction(1, 2)):
        value = other(parameter.values[-1].value, factor)
        with law_with((parameter, throughout(parameter, value))):
            always = judged(cases, lists, LATER)
        if always != today:
            with law_with((parameter, amended(parameter, value))):
                return value, judged(cases, lists, LATER), always
    return None


@pytest.mark.parametrize("name", [one.name for one in PARAMETERS if one.name not in NOT_JUDGED_BY])
def test_after_the_day_the_amended_law_is_the_only_one_and_before_it_none(name: str) -> None:
    parameter, cases, seen = parameters()[name], cases_of(name), []
    for lists in modes(name):
        found = changed(parameter, cases, lists)
        if found is None:
            continue
        value, amended_law, always = found
        seen.append(lists)
        assert amended_law == always, lists
        with law_with((parameter, amended(parameter, value))):
            before = judged(cases, lists)
        assert before == judged(cases, lists), lists
    assert seen, f"nothing changes with {name}: nobody reads it, or no case shows it"


def test_what_is_not_judged_by_is_known_and_no_more() -> None:
    assert set(NOT_JUDGED_BY) <= {parameter.name for parameter in PARAMETERS}


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda one: one.name)
def test_the_rulebook_shows_what_a_run_of_the_day_applies(parameter: Parameter[Any]) -> None:
    value = other(parameter.values[-1].value, Fraction(2))
    shown: dict[str, set[str]] = {}
    with law_with((parameter, amended(parameter, value))):
        for day in (ISSUED - dt.timedelta(days=1), BEGINS - dt.timedelta(days=1), BEGINS):
            told = json.loads(rulebook(day.isoformat(), format="json"))
            shown[day.isoformat()] = {
                figure["citation"]
                for rule in told["rules"]
                for figure in rule["parameters"]
                if figure["name"] == parameter.name
            }
        text = rulebook(BEGINS)
    assert TEXT.at(7).zh not in shown["2026-11-19"] | shown["2026-12-31"]
    assert TEXT.at(7).zh in shown["2027-01-01"]
    assert TEXT.at(7).zh in text
    assert len(shown["2027-01-01"]) > 1, "what was the law before still holds for what happened then"


def test_publication_goes_by_the_regime_of_the_evening() -> None:
    parameter = parameters()["publication_months"]
    rows = given(org(), penalty("warning", "2026-05-04"))
    source = open_source({name: pd.DataFrame(part) for name, part in rows.items()})
    value = {"minor": (1, 6), "general": (3, 12), "serious": (12, 36)}
    with law_with((parameter, amended(parameter, value))):
        ends = [
            publication(statutory(source.as_of(day)).known)["ends_on"].iloc[0] for day in ("2026-12-31", "2027-01-01")
        ]
    assert [f"{day:%Y-%m-%d}" for day in ends] == ["2026-08-04", "2026-11-04"]


STAYS = {
    "stay_warning": 9,
    "years_on_abnormal_list": 3,
    "years_on_serious_list": 3,
    "large_fine": 100_000,
    "statement_days": 20,
}
SIDES = [
    # story, parameter, rows, day, lists, rows of flags that must stand, whether the new text is cited
    ("stay: listed the day before", "stay_warning", (penalty("warning", "2026-12-20"), listing("2026-12-31", "AL-05a")), "2027-06-30", "decided", "abnormal_list recommend_removal AL-05a 2027-06-30", False),
    ("stay: listed on the day", "stay_warning", (penalty("warning", "2026-12-20"), listing("2027-01-01", "AL-05a")), "2027-09-30", "decided", "abnormal_list listed AL-05a 2027-01-01 2027-10-01", False),
    ("stay: over by the new law", "stay_warning", (penalty("warning", "2026-12-20"), listing("2027-01-01", "AL-05a")), "2027-10-01", "decided", "abnormal_list recommend_removal AL-05a 2027-10-01", True),
    ("alert: decided the day before", "stay_warning", (penalty("warning", "2026-12-31"),), "2027-06-30", "decided", "alert attention AL-05a 2026-12-31", False),
    ("alert: decided on the day, not yet", "stay_warning", (penalty("warning", "2027-01-01"),), "2027-09-30", "decided", "abnormal_list recommend_listing AL-05a 2027-01-01 2027-10-01", False),
    ("alert: decided on the day", "stay_warning", (penalty("warning", "2027-01-01"),), "2027-10-01", "decided", "alert attention AL-05a 2027-01-01", False),
    ("assumed: listed the day before", "stay_warning", (penalty("warning", "2026-12-31"),), "2027-06-29", "assumed", "abnormal_list listed AL-05a 2026-12-31 2027-06-30", False),
    ("assumed: off it", "stay_warning", (penalty("warning", "2026-12-31"),), "2027-06-30", "assumed", "", False),
    ("assumed: listed on the day", "stay_warning", (penalty("warning", "2027-01-01"),), "2027-09-30", "assumed", "abnormal_list listed AL-05a 2027-01-01 2027-10-01", False),
    ("fine: the day before", "large_fine", (penalty("fine", "2026-12-31", amount=70_000.0),), "2027-02-01", "decided", "serious_dishonesty_list recommend_listing SL-04 2026-12-31 2028-12-31", False),
    ("fine: on the day", "large_fine", (penalty("fine", "2027-01-01", amount=70_000.0),), "2027-02-01", "decided", "abnormal_list recommend_listing AL-05b 2027-01-01 2027-07-01", True),
    ("fine: not known yet", "large_fine", (penalty("fine", "2026-11-10", amount=70_000.0),), "2026-11-19", "decided", "serious_dishonesty_list recommend_listing SL-04 2026-11-10 2028-11-10", False),
    ("fine, assumed: the day before", "large_fine", (penalty("fine", "2026-12-31", amount=70_000.0),), "2027-02-01", "assumed", "serious_dishonesty_list listed SL-04 2026-12-31 2028-12-31", False),
    ("fine, assumed: on the day", "large_fine", (penalty("fine", "2027-01-01", amount=70_000.0),), "2027-02-01", "assumed", "abnormal_list listed AL-05b 2027-01-01 2027-07-01", False),
    ("serious: decided the day before", "years_on_serious_list", (penalty("suspension", "2026-12-31"),), "2028-12-31", "decided", "alert attention SL-03 2026-12-31", False),
    ("serious: decided on the day", "years_on_serious_list", (penalty("suspension", "2027-01-01"),), "2029-01-01", "decided", "serious_dishonesty_list recommend_listing SL-03 2027-01-01 2030-01-01", False),
    ("serious: listed the day before", "years_on_serious_list", (penalty("suspension", "2026-12-01"), listing("2026-12-31", "SL-03")), "2028-12-31", "decided", "serious_dishonesty_list recommend_removal SL-03 2028-12-31", False),
    ("serious: listed on the day", "years_on_serious_list", (penalty("suspension", "2026-12-01"), listing("2027-01-01", "SL-03")), "2029-12-31", "decided", "serious_dishonesty_list listed SL-03 2027-01-01", False),
    ("serious: the new years are over", "years_on_serious_list", (penalty("suspension", "2026-12-01"), listing("2027-01-01", "SL-03")), "2030-01-01", "decided", "serious_dishonesty_list recommend_removal SL-03 2030-01-01", True),
    ("serious, assumed: the day before", "years_on_serious_list", (penalty("suspension", "2026-12-31"),), "2028-12-30", "assumed", "serious_dishonesty_list listed SL-03 2026-12-31 2028-12-31", False),
    ("serious, assumed: on the day", "years_on_serious_list", (penalty("suspension", "2027-01-01"),), "2029-12-31", "assumed", "serious_dishonesty_list listed SL-03 2027-01-01 2030-01-01", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "records", "day", "lists", "line", "cites"), [side[1:] for side in SIDES], ids=[side[0] for side in SIDES]
)
def test_both_sides_of_the_day(
    name: str, records: tuple[Record, ...], day: str, lists: str, line: str, cites: bool
) -> None:
    rows = given(clean(last=int(day[:4]) - 1), *records)
    source = open_source({table: pd.DataFrame(part) for table, part in rows.items()})
    parameter = parameters()[name]
    with law_with((parameter, amended(parameter, STAYS[name]))):
        flags = statutory(source.as_of(day), lists).flags
    flags = flags.loc[flags["ground"].str[:2].isin(["AL", "SL"])]
    told = [
        f"{one.flag} {one.status} {one.ground} {one.since:%Y-%m-%d}"
        + (f" {one.clears_on:%Y-%m-%d}" if pd.notna(one.clears_on) else "")
        for one in flags.itertuples()
    ]
    assert line in told if line else not told
    if line:
        assert (TEXT.zh in flags["citation"].iloc[told.index(line)]) == cites


def test_two_years_on_the_list_are_counted_by_the_law_of_the_listing() -> None:
    parameter = parameters()["years_on_abnormal_list"]
    order = inspection("rectification_order", "2026-11-02", deadline_on="2026-11-16")
    with law_with((parameter, amended(parameter, 3))):
        for listed, reached, other_day in (
            ("2026-12-31", "2028-12-31", "2028-12-30"),
            ("2027-01-01", "2030-01-01", "2029-12-31"),
        ):
            rows = given(clean(last=2029), order, listing(listed, "AL-03"))
            source = open_source({table: pd.DataFrame(part) for table, part in rows.items()})
            grounds = [set(statutory(source.as_of(day)).flags["ground"]) for day in (other_day, reached)]
            assert ["SL-01" in one for one in grounds] == [False, True], listed


def test_the_law_of_a_fiscal_year_is_that_of_its_last_day() -> None:
    parameter = parameters()["fd_costs"]
    fd = "53440300000000001F"
    costs: dict[str, Any] = {"total_spending": 1_000_000.0, "staff_pay": 150_000.0, "office_cost": 0.0}
    with law_with((parameter, amended(parameter, 20.0))):
        for year, told in ((2026, True), (2027, False)):
            rows = given(org(fd), report(year, fd, **costs))
            source = open_source({table: pd.DataFrame(part) for table, part in rows.items()})
            grounds = set(statutory(source.as_of(f"{year + 1}-06-30")).flags["ground"])
            assert ("MO-08" in grounds) == told, year


def test_what_ended_without_a_successor_is_read_on_and_says_so() -> None:
    ssi = "52440300000000001J"
    for year, doubtful in ((2025, False), (2026, True)):
        rows = given(
            org(ssi, is_charity=True, has_public_fundraising=True),
            report(year - 1, ssi, total_income=1_000_000.0),
            report(year, ssi, charitable_spending=1.0),
        )
        source = open_source({table: pd.DataFrame(part) for table, part in rows.items()})
        said = statutory(source.as_of(f"{year + 1}-05-30"))
        (row,) = said.flags.loc[said.flags["ground"] == "MO-03"].itertuples()
        assert row.provisional == doubtful
        assert ("其后的文本未见" in row.citation) == doubtful
        text = said.clauses.loc[said.clauses["flag_id"] == row.flag_id, "text_zh"].iloc[0]
        assert ("其后的文本未见" in text) == doubtful


def test_a_figure_that_goes_on_in_another_text_ends_the_doubt() -> None:
    ssi = "52440300000000001J"
    rows = given(
        org(ssi, is_charity=True, has_public_fundraising=True),
        report(2026, ssi, total_income=1_000_000.0),
        report(2027, ssi, charitable_spending=700_000.0),
    )
    source = open_source({table: pd.DataFrame(part) for table, part in rows.items()})
    going_on = {"qualified_floor": 80.0, "qualified_fee": 13.0, "small_fee": 200_000}
    figures = [(parameters()[name], amended(parameters()[name], value)) for name, value in going_on.items()]
    with law_with(*figures):
        flags = statutory(source.as_of("2028-05-30")).flags
    (row,) = flags.loc[flags["ground"] == "MO-03"].itertuples()
    assert not row.provisional
    assert row.citation == TEXT.at(7).zh


def test_an_amendment_touches_one_file(tmp_path: Path, root: Path) -> None:
    """Of a copy of the product, one file is edited; a run of it and its rulebook follow."""
    shutil.copytree(root / "sorg_risk", tmp_path / "sorg_risk", ignore=shutil.ignore_patterns("__pycache__"))
    for name, ends, new in (
        ("stays.py", '"months", 6, O60.at(14), "R", ReadOn.LISTING\n)', "9, O60.at(14)"),
        ("penalties.py", '"yuan", 50_000, O60.at(15, 4))', "100_000, O60.at(15, 4)"),
    ):
        file = tmp_path / "sorg_risk" / "law" / name
        text = file.read_text(encoding="utf-8")
        assert text.count(ends) == 1, name
        then = (
            f".then({new}, __import__('datetime').date(2027, 1, 1), issued=__import__('datetime').date(2026, 11, 20))"
        )
        file.write_text(text.replace(ends, ends + then), encoding="utf-8")
    rows = given(
        clean(last=2026),
        penalty("warning", "2027-01-04", penalty_id="W"),
        penalty("fine", "2027-01-05", amount=70_000.0),
    )
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    script = (
        "import json, pandas as pd, sorg_risk as sr\n"
        "rows = json.load(open('rows.json', encoding='utf-8'))\n"
        "source = sr.open({name: pd.DataFrame(part) for name, part in rows.items()})\n"
        "for lists in ('decided', 'assumed'):\n"
        "    flags = sr.apply_law(source.as_of('2027-02-01'), lists=lists)\n"
        "    print(lists, *sorted(f'{f.ground}:{f.status}:{f.clears_on:%Y-%m-%d}' for f in flags.itertuples() if f.ground[:2] in ('AL', 'SL')))\n"
        "print(sr.rulebook('2027-02-01'))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "decided AL-05a:recommend_listing:2027-10-04 AL-05b:recommend_listing:2027-07-05 SL-05:" in told
    assert "受到有关部门不满10万元罚款处罚" in told
    assert "满9个月移出" in told
    assert "= 6 个月" in told, "for listings of the year before"
