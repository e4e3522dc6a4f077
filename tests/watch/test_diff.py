"""New, cleared and changed flags balance, and each is put down to the step at which it came or went."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.watch import Steps, night_diff

COLUMNS = [
    "org_id",
    "flag",
    "status",
    "ground",
    "basis",
    "citation",
    "since",
    "next_step",
    "next_step_due",
    "provisional",
    "clears_on",
    "evidence",
]


def flags(*keys: str, basis: str = "statutory", **more) -> pd.DataFrame:
    """Flags written as ``organisation:ground``."""
    flag = "early_warning" if basis == "model" else "abnormal_list"
    rows = [
        {
            "org_id": key.split(":")[0],
            "flag": flag,
            "status": "attention" if basis == "model" else "listed",
            "ground": key.split(":")[1] or None,
            "basis": basis,
            "citation": "c",
            "since": "2026-01-01",
            "next_step": "none",
            "next_step_due": None,
            "provisional": False,
            "clears_on": None,
            "evidence": ["filings:1"],
        }
        | more
        for key in keys
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def causes(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame["org_id"], frame["cause"], strict=True))


def test_each_cause_by_its_step():
    before = flags("gone-by-time:AL-01", "gone-by-data:AL-01", "stays:AL-01", "gone-by-law:AL-09")
    new_rules = flags("gone-by-time:AL-01", "gone-by-data:AL-01", "stays:AL-01", "by-law:AL-01")
    by_time = flags("gone-by-data:AL-01", "stays:AL-01", "by-law:AL-01", "by-time:AL-01")
    now = flags("stays:AL-01", "by-law:AL-01", "by-time:AL-01", "by-data:AL-03")
    found = night_diff(before, now, Steps(lambda *_: by_time, lambda *_: new_rules))
    assert causes(found.new) == {"by-law": "law_change", "by-time": "passing_time", "by-data": "new_data"}
    assert causes(found.cleared) == {
        "gone-by-time": "passing_time",
        "gone-by-data": "new_data",
        "gone-by-law": "law_change",
    }
    assert found.balanced


def test_a_rule_that_changed_by_date_and_a_model_that_changed():
    steps = Steps(lambda *_: flags("a:AL-04", "b:AL-01"), None, frozenset({"AL-04"}))
    found = night_diff(flags(), flags("a:AL-04", "b:AL-01"), steps)
    assert causes(found.new) == {"a": "law_change", "b": "passing_time"}
    warned = flags("a:", basis="model")
    found = night_diff(flags(), warned, Steps(lambda *_: warned, lambda *_: warned))
    assert causes(found.new) == {"a": "model_change"}


@pytest.mark.parametrize(
    ("changed", "of_the_law", "of_the_model"),
    [
        (("rulebook", "model"), "law_change", "model_change"),
        (("rulebook", "code"), "law_change", "law_change"),
        (("model",), "program_change", "model_change"),
        (("code", "settings"), "program_change", "program_change"),
    ],
)
def test_other_rules_are_put_down_to_what_made_them_other(changed, of_the_law, of_the_model):
    now = pd.concat([flags("a:AL-01"), flags("b:", basis="model")], ignore_index=True)
    found = night_diff(flags(), now, Steps(lambda *_: now, lambda *_: now, changed=frozenset(changed)))
    assert causes(found.new) == {"a": of_the_law, "b": of_the_model}
    assert found.balanced


def test_what_came_and_went_and_came_counts_for_the_last_step():
    now = flags("a:AL-01")
    found = night_diff(flags(), now, Steps(lambda *_: flags(), lambda *_: now))
    assert causes(found.new) == {"a": "new_data"}


def test_changes_name_their_columns_and_days_are_days_however_stored():
    before = flags("a:AL-01", "b:AL-01", next_step_due=pd.Timestamp("2026-02-01").date())
    now = flags("a:AL-01", "b:AL-01", next_step_due=pd.Timestamp("2026-02-01"))
    assert len(night_diff(before, now).changed) == 0
    now.loc[0, "next_step"] = "list"
    now.at[0, "evidence"] = ["filings:1", "filings:2"]
    found = night_diff(before, now, Steps(lambda *_: before))
    assert found.changed[["org_id", "what", "cause"]].values.tolist() == [["a", "next_step, evidence", "new_data"]]


def test_a_warning_of_today_is_the_warning_of_yesterday():
    before, now = (flags("a:", basis="model", since=day) for day in ("2026-01-01", "2026-01-02"))
    found = night_diff(before, now)
    assert (len(found.new), len(found.cleared), len(found.changed)) == (0, 0, 0)


def test_without_what_ifs_causes_are_unknown():
    found = night_diff(flags("a:AL-01"), flags("b:AL-01"), since="2026-01-01")
    assert causes(found.new) == {"b": "unknown"}
    assert str(found).startswith("since 2026-01-01: 1 + 1 new - 1 cleared = 1, 0 changed")


KEYS = st.sets(st.sampled_from([f"{org}:{ground}" for org in "abcd" for ground in ("AL-01", "AL-03")]))


@given(KEYS, KEYS, KEYS, KEYS)
def test_old_plus_new_minus_cleared_is_current_whatever_happens(one, two, three, four):
    before, rules, time, now = (flags(*sorted(keys)) for keys in (one, two, three, four))
    found = night_diff(before, now, Steps(lambda *_: time, lambda *_: rules))
    sums = found.counts.sum()
    assert len(before) + sums["new"] - sums["cleared"] == len(now)
    assert found.balanced
    assert found.counts.loc["unknown"].sum() == 0
