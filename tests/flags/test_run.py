"""A run: tables in order, reasons that sum, and every explanation at hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.errors import NotFound
from tests.flags.made import DAY, run, source

NEAR = 1e-9


@pytest.mark.parametrize("lists", ["decided", "assumed"])
def test_reasons_sum_to_what_they_explain(lists: str) -> None:
    made = run(lists)
    total = made.reasons.groupby(["org_id", "flag_id"], dropna=False)["contribution"].sum()
    points = made.scores.set_index("org_id")["score"]
    of_scores = total[total.index.get_level_values("flag_id").isna()].droplevel("flag_id")
    assert (of_scores - points).abs().max() < NEAR
    for flag in made.flags.itertuples():
        wanted = points[flag.org_id] if flag.basis == "model" else 1.0
        assert abs(total[flag.org_id, flag.flag_id] - wanted) < NEAR


def test_every_row_of_the_whole_matrix_sums_too() -> None:
    explained = run().explained
    gap = explained.values.sum(axis=1) + explained.base - explained.score
    assert np.abs(gap).max() < NEAR


def test_blocks_change_nothing() -> None:
    made = run()
    pieces = pd.concat(list(made.reason_blocks(size=7)), ignore_index=True)
    pd.testing.assert_frame_equal(pieces, made.reasons)


def test_at_most_twelve_reasons_are_named_unless_all_are_asked_for() -> None:
    made = run()
    named = made.reasons[~made.reasons["feature"].isin(["(base)", "(rest)"])]
    assert named.groupby(["org_id", "flag_id"], dropna=False).size().max() <= 12
    full = sr.score(source().as_of(DAY), made.model, full_reasons=True)
    assert "(rest)" not in set(full.reasons.loc[full.reasons["flag_id"].isna(), "feature"])


def test_rank_one_is_the_riskiest_and_ties_go_by_code() -> None:
    scores = run().scores.sort_values("rank")
    assert scores["rank"].tolist() == list(range(1, len(scores) + 1))
    assert scores["score"].is_monotonic_increasing
    assert scores.equals(scores.sort_values(["score", "org_id"]))


def test_everyone_active_is_scored_and_nobody_else() -> None:
    assert run().scores["org_id"].tolist() == list(source().as_of(DAY).active)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_dossier_of_anyone_known(lang: str) -> None:
    made = run()
    for org_id in (made.flags["org_id"].iloc[0], made.scores["org_id"].iloc[-1]):
        dossier = made.explain(org_id, lang)
        assert org_id in str(dossier)
        assert json.loads(dossier.to_json())["org_id"] == org_id


def test_an_unknown_organisation_is_named() -> None:
    with pytest.raises(NotFound, match="unknown organisation"):
        run().explain("51440300000000000X")


@pytest.mark.parametrize("flag", ["score", "early_warning", "abnormal_list", "serious_dishonesty_list", "AL-01"])
def test_an_explanation_sums_row_by_row(flag: str) -> None:
    made = run()
    found = made.explanation(flag)
    total = found.values.sum(axis=1) + found.base_values
    if flag == "score":
        np.testing.assert_allclose(total, made.scores["score"], atol=NEAR)
    elif flag == "early_warning":
        warned = made.flags.loc[made.flags["flag"] == flag, "org_id"]
        np.testing.assert_allclose(total, made.scores.set_index("org_id")["score"][warned], atol=NEAR)
    else:
        np.testing.assert_allclose(total, 1.0, atol=NEAR)


def test_one_flag_by_its_id_and_a_wrong_word_by_its_neighbour() -> None:
    made = run()
    law = made.flags.loc[made.flags["basis"] == "statutory"].iloc[0]
    assert len(made.explanation(law["flag_id"]).values) == 1
    with pytest.raises(NotFound, match="Did you mean 'abnormal_list'"):
        made.explanation("abnormal_lists")


def test_a_model_that_knew_the_future_is_said_to() -> None:
    made = sr.score(source().as_of("2019-06-30"), run().model)
    assert any("knows the future" in warning or "know the future" in warning for warning in made.warnings)
    assert not sr.score(source().as_of("2026-10-31"), run().model).warnings


def test_shown_as_text_and_as_html() -> None:
    made = run()
    assert f"{len(made.scores)} scored" in repr(made)
    assert "<script" not in made._repr_html_()


def test_nothing_known_is_no_run_but_an_empty_one() -> None:
    empty = sr.score(source().as_of("2000-01-01"), run().model)
    assert empty.scores.empty
    assert empty.flags.empty
    assert empty.reasons.empty
