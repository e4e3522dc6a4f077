"""The model can say one thing only: look here."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from sorg_risk.flags import Attention
from sorg_risk.flags.attention import WARNED, asking
from tests.flags.made import DAY, run

TODAY = dt.date(2025, 6, 30)


def scores(**levels: str) -> pd.DataFrame:
    return pd.DataFrame({"org_id": list(levels), "warning": list(levels.values())})


def test_yellow_and_above_ask_for_a_look() -> None:
    assert asking(scores(a="none", b="blue", c="yellow", d="orange", e="red"), set()) == ["c", "d", "e"]


def test_who_is_on_a_list_is_looked_at_anyway() -> None:
    assert asking(scores(c="red", d="red"), {"d"}) == ["c"]


def test_rows_are_early_warnings_whatever_goes_in() -> None:
    warned = Attention.of(scores(b="red", a="orange"), set(), pd.Series({"a": ["filings:1", "filings:2"]}), TODAY)
    rows = warned.rows()
    assert rows["org_id"].tolist() == ["a", "b"]
    assert rows["evidence"].tolist() == [["filings:1", "filings:2"], ["organizations:b"]]
    assert set(rows["flag"]) == {"early_warning"}
    assert set(rows["status"]) == {"attention"}
    assert set(rows["basis"]) == {"model"}
    assert set(rows["next_step"]) == {"inspect"}
    assert rows[["ground", "citation", "next_step_due", "clears_on"]].isna().all(axis=None)
    assert (rows["since"] == pd.Timestamp(TODAY)).all()


def test_there_is_no_field_for_anything_else() -> None:
    assert [field.name for field in dataclasses.fields(Attention)] == ["day", "evidence"]
    with pytest.raises(TypeError):
        Attention(TODAY, pd.Series(dtype=object), flag="abnormal_list")  # type: ignore[call-arg]


def test_no_warning_no_row() -> None:
    none = Attention.of(scores(a="none"), set(), pd.Series(dtype=object), TODAY)
    assert len(none) == 0
    assert none.rows().empty


def test_a_run_warns_of_everyone_it_should_and_shows_known_records() -> None:
    made = run()
    on_a_list = set(made.law.members["org_id"])
    warned = made.scores.loc[made.scores["warning"].isin(WARNED) & ~made.scores["org_id"].isin(on_a_list), "org_id"]
    rows = made.flags.loc[made.flags["flag"] == "early_warning"]
    assert rows["org_id"].tolist() == sorted(warned)
    assert (rows["evidence"].str.len() > 0).all()
    assert (rows["as_of"] == pd.Timestamp(DAY)).all()


def test_the_model_never_lists_anyone() -> None:
    for lists in ("decided", "assumed"):
        flags = run(lists).flags
        model = flags.loc[flags["basis"] == "model"]
        assert set(model["flag"]) <= {"early_warning"}
        assert set(model["status"]) <= {"attention"}
        assert model[["ground", "citation"]].isna().all(axis=None)
