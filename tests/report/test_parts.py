"""What the sections of the page hold."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sorg_risk as sr
from sorg_risk.report import Surroundings, page, parts, words
from sorg_risk.watch import beside, verdicts
from sorg_risk.watch.diff import CAUSES


@pytest.fixture(scope="module")
def run(root, model):
    return sr.score(sr.open(root / "data" / "sample").as_of("2026-10-31"), model)


@pytest.fixture(scope="module")
def flags(run):
    return beside(run.flags, verdicts(run.view))


def test_the_queue_is_by_deadline_then_work_then_the_rest(run, flags):
    rows, in_all = parts.queue(run, flags)
    assert len(rows) == min(in_all, parts.QUEUE)
    order = [(row["due"] == "", row["due"], row["next_step"] == "none", row["since"]) for row in rows]
    assert order == sorted(order)
    assert all(row["facts"] and row["name"] for row in rows)


def test_a_settled_flag_leaves_the_queue_and_is_shown_apart(run, flags):
    chosen = parts.queue(run, flags)[0][0]["flag_id"]
    said = flags.assign(verdict=flags["verdict"].mask(flags["flag_id"] == chosen, "false_alarm"))
    assert chosen not in {row["flag_id"] for row in parts.queue(run, said)[0]}
    assert [row["flag_id"] for row in parts.settled(run, said)] == [chosen]


def test_warnings_are_in_the_order_of_inspection_with_bars(run, flags):
    rows = parts.warned(run, flags)
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    for row in rows:
        assert 0 < len(row["reasons"]) <= parts.SHOWN_REASONS
        assert all(0 <= reason["width"] <= 60 for reason in row["reasons"])
        assert all(reason["lowers"] == (reason["contribution"] < 0) for reason in row["reasons"])


def test_the_page_is_the_same_every_time_and_small(run, flags):
    around = Surroundings("0" * 64, None, flags)
    text = page(run, around)
    assert text == page(run, around)
    assert len(text.encode()) < 2_000_000


@given(st.lists(st.floats(-500, 1500), min_size=1, max_size=50), st.lists(st.floats(-500, 1500), max_size=50))
def test_histogram_bars_are_percent_of_the_tallest(now, then):
    bars = parts.histogram(pd.Series(now, dtype=float), pd.Series(then, dtype=float))
    heights = [bar["now"] for bar in bars] + [bar["then"] or 0.0 for bar in bars]
    assert max(heights) == 100.0
    assert min(heights) >= 0.0


def test_nothing_to_show_is_no_bar(run, flags):
    assert parts.histogram(pd.Series([], dtype=float), None) == []
    bare = SimpleNamespace(
        scores=run.scores, view=run.view, reasons_of=lambda orgs: run.reasons_of(orgs).query("feature == '(base)'")
    )
    rows = parts.warned(bare, flags)
    assert len(rows) == len(parts.warned(run, flags)) > 0
    assert all(row["reasons"] == [] for row in rows)


def test_every_code_has_both_languages():
    assert all(zh and en for zh, en in words.WORDS.values())
    assert (words.zh("unheard"), words.en("unheard")) == ("unheard", "unheard")


def test_every_cause_of_a_change_is_said_in_words():
    for cause in CAUSES:
        assert words.zh(cause) != cause
        assert words.en(cause) != ""
        assert "_" not in words.en(cause)
