"""Reasons of statutory flags: exact shares of every fact, against enumeration."""

from __future__ import annotations

import time
from itertools import chain, combinations
from math import factorial

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.errors import LawError
from sorg_risk.explain.game import clearing, shares, sufficient
from sorg_risk.explain.rules import rule_reasons

TERMS = st.lists(st.frozensets(st.integers(0, 6), min_size=1, max_size=4), min_size=1, max_size=5)
DAY = pd.Timestamp("2026-10-31")


def subsets(facts: list[int]) -> list[set[int]]:
    return [set(s) for s in chain.from_iterable(combinations(facts, k) for k in range(len(facts) + 1))]


def stands(terms: list[frozenset[int]], holding: set[int]) -> bool:
    return any(term <= holding for term in terms)


def by_enumeration(terms: list[frozenset[int]]) -> dict[int, float]:
    """Shapley values by their definition."""
    facts = sorted(set().union(*terms))
    n = len(facts)
    found = dict.fromkeys(facts, 0.0)
    for fact in facts:
        for rest in subsets([f for f in facts if f != fact]):
            gain = stands(terms, rest | {fact}) - stands(terms, rest)
            found[fact] += gain * factorial(len(rest)) * factorial(n - len(rest) - 1) / factorial(n)
    return found


@given(TERMS)
def test_shares_are_the_shapley_values(terms: list[frozenset[int]]) -> None:
    found, wanted = shares(terms), by_enumeration(terms)
    assert set(found) == set(wanted)
    assert all(abs(found[fact] - wanted[fact]) < 1e-12 for fact in wanted)
    assert abs(sum(found.values()) - 1) < 1e-12


@pytest.mark.parametrize("k", [1, 2, 3, 7, 40])
def test_and_and_or_of_k_share_evenly(k: int) -> None:
    assert shares([range(k)]) == pytest.approx(dict.fromkeys(range(k), 1 / k), abs=1e-13)
    assert shares([(i,) for i in range(k)]) == pytest.approx(dict.fromkeys(range(k), 1 / k), abs=1e-13)


def test_two_of_many_share_evenly_although_every_fact_is_in_many_terms() -> None:
    found = shares(list(combinations(range(12), 2)))
    assert found == pytest.approx(dict.fromkeys(range(12), 1 / 12), abs=1e-13)


@given(TERMS)
def test_sufficient_reasons_are_the_minimal_standing_sets(terms: list[frozenset[int]]) -> None:
    every = [s for s in subsets(sorted(set().union(*terms))) if stands(terms, s)]
    minimal = {frozenset(s) for s in every if not any(o < s for o in every)}
    assert set(sufficient(terms)) == minimal


@given(TERMS)
def test_clearing_sets_are_the_minimal_ways_to_let_the_flag_fall(terms: list[frozenset[int]]) -> None:
    facts = sorted(set().union(*terms))
    every = [s for s in subsets(facts) if not stands(terms, set(facts) - s)]
    minimal = {frozenset(s) for s in every if not any(o < s for o in every)}
    assert set(clearing(terms)) == minimal


def made(formulas: dict[str, list[list[str]]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flags of one organisation each, and their clauses."""
    flags = pd.DataFrame(
        {"org_id": [f"org-{f}" for f in formulas], "as_of": DAY, "flag_id": list(formulas), "basis": "statutory"}
    )
    rows = [
        {"flag_id": f, "term": t, "code": code, "value": "2026", "text_zh": f"事实{code}", "text_en": f"fact {code}"}
        for f, terms in formulas.items()
        for t, term in enumerate(terms)
        for code in term
    ]
    columns = ["flag_id", "term", "code", "value", "text_zh", "text_en"]
    return flags, pd.DataFrame(rows, columns=columns)


def test_rows_of_an_and_beside_a_single_fact() -> None:
    flags, clauses = made({"f1": [["late", "missing"], ["fined"]], "f2": [["late", "missing"]]})
    rows = rule_reasons(flags, clauses)
    assert rows[["flag_id", "feature", "rank"]].to_numpy().tolist() == [
        ["f1", "(base)", 0],
        ["f1", "fined", 1],
        ["f1", "late", 2],
        ["f1", "missing", 3],
        ["f2", "(base)", 0],
        ["f2", "late", 1],
        ["f2", "missing", 2],
    ]
    assert rows["contribution"].tolist() == pytest.approx([0, 2 / 3, 1 / 6, 1 / 6, 0, 1 / 2, 1 / 2])
    assert set(rows["unit"]) == {"flag"}
    assert set(rows["part"]) == {"rule"}
    assert rows["org_id"].tolist() == ["org-f1"] * 4 + ["org-f2"] * 3
    assert rows.loc[1, ["value", "text_zh", "text_en"]].tolist() == ["2026", "事实fined", "fact fined"]


def test_a_fact_named_by_two_terms_is_one_fact() -> None:
    flags, clauses = made({"f": [["shared", "a"], ["shared", "b"]]})
    rows = rule_reasons(flags, clauses).set_index("feature")["contribution"]
    assert rows.to_dict() == pytest.approx({"(base)": 0, "shared": 2 / 3, "a": 1 / 6, "b": 1 / 6})


def test_facts_of_one_code_differ_by_value_and_by_record() -> None:
    flags, clauses = made({"f": [["fined"], ["fined"], ["fined"]]})
    assert len(rule_reasons(flags, clauses)) == 2
    by_value = clauses.assign(value=["2024", "2025", "2025"])
    assert rule_reasons(flags, by_value)["contribution"].tolist() == pytest.approx([0, 1 / 2, 1 / 2])
    by_record = clauses.assign(records=[["penalties:1"], ["penalties:2"], ["penalties:2"]])
    assert rule_reasons(flags, by_record)["contribution"].tolist() == pytest.approx([0, 1 / 2, 1 / 2])


def test_a_fact_without_a_value_is_its_terms_own_but_being_listed_is_one() -> None:
    flags, clauses = made({"f": [["passed", "not_filed", "on_list"], ["passed", "not_filed", "on_list"]]})
    clauses["value"] = ["year=2023", "", "", "year=2024", "", ""]
    rows = rule_reasons(flags, clauses)
    assert sorted(rows["feature"]) == ["(base)", "not_filed", "not_filed", "on_list", "passed", "passed"]
    assert rows.set_index("feature").loc["on_list", "contribution"] == pytest.approx(rows["contribution"].max())
    assert rows["contribution"].sum() == pytest.approx(1, abs=1e-12)


def test_more_than_twelve_facts_leave_a_rest_row_and_still_sum_to_one() -> None:
    flags, clauses = made({"f": [[f"x{i:02}"] for i in range(15)]})
    rows = rule_reasons(flags, clauses)
    assert rows["rank"].tolist() == list(range(14))
    assert rows["feature"].tolist()[-1] == "(rest)"
    assert abs(rows["contribution"].sum() - 1) < 1e-9
    assert rows["text_en"].iloc[-1] == "3 more facts, together a share of 20%"
    assert rows["text_zh"].iloc[-1] == "另有3项事实，合计占20%"
    whole = rule_reasons(flags, clauses, most=None)
    assert len(whole) == 16
    flags, clauses = made({"f": [[f"x{i:02}"] for i in range(13)]})
    assert rule_reasons(flags, clauses)["text_en"].iloc[-1] == "1 more fact, a share of 8%"


@given(
    st.lists(
        st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4), min_size=1, max_size=4),
        min_size=1,
        max_size=6,
    )
)
def test_every_flag_sums_to_one_and_order_of_flags_does_not_matter(formulas: list[list[list[str]]]) -> None:
    flags, clauses = made({f"f{i}": terms for i, terms in enumerate(formulas)})
    rows = rule_reasons(flags, clauses)
    assert (rows.groupby("flag_id")["contribution"].sum() - 1).abs().max() < 1e-9
    again = rule_reasons(flags.iloc[::-1], clauses.sample(frac=1, random_state=0))
    key = ["flag_id", "feature", "contribution"]
    a, b = (f[key].round(12).sort_values(key, ignore_index=True) for f in (rows, again))
    pd.testing.assert_frame_equal(a, b)


def test_model_flags_are_left_out_and_no_flag_gives_no_row() -> None:
    flags, clauses = made({"f": [["a"]]})
    assert rule_reasons(flags.assign(basis="model"), clauses).empty
    empty = rule_reasons(flags.iloc[:0], clauses.iloc[:0])
    assert empty.empty
    assert list(empty.columns) == list(rule_reasons(flags, clauses).columns)
    assert (empty.dtypes == rule_reasons(flags, clauses).dtypes).all()


def test_a_flag_without_facts_is_an_error_that_names_it() -> None:
    flags, clauses = made({"f1": [["a"]], "f2": [["b"]]})
    with pytest.raises(LawError, match="flag f2 of org-f2"):
        rule_reasons(flags, clauses.loc[clauses["flag_id"] == "f1"])


def test_a_flag_costs_less_than_a_tenth_of_a_millisecond() -> None:
    forms = [[["late", "missing"]], [["fined"]], [["a", "b"], ["c", "d"]], [["p1", "p2"], ["p2", "p3"], ["p1", "p3"]]]
    flags, clauses = made({f"f{i}": forms[i % len(forms)] for i in range(20_000)})
    rule_reasons(flags, clauses)
    start = time.process_time()
    rows = rule_reasons(flags, clauses)
    spent = time.process_time() - start
    assert rows["flag_id"].nunique() == 20_000
    assert spent / 20_000 < 1e-4
