"""`validate`, its baselines and the card: figures beside what they must beat, on rows nobody learnt from."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sorg_risk.errors import ModelError
from sorg_risk.model import Panel, Report, RiskModel, validate
from sorg_risk.model.baselines import baselines, group_rate, two_fields
from sorg_risk.model.card import card
from sorg_risk.model.splits import LEAST_POSITIVES, day_numbers
from sorg_risk.model.validation import size_class, splits, strata

from .made import drawn

BESIDE = {"ours", "two-field rule", "type x district", "scorecard", "lightgbm", "random inspection"}


@pytest.fixture(scope="module")
def made() -> Panel:
    found = drawn(orgs=1000, seed=2)
    X = found.X.rename(columns={"late": "reports_late_1095d", "kind": "org_type", "income": "total_assets"})
    X["total_assets"] *= 1e5
    after = np.where(found.y == 1, 100.0, np.nan)
    looked = np.arange(len(X)) % 2 == 0
    days = found.days.astype("datetime64[s]")
    return Panel(X, found.y, days, found.orgs, 365, dt.date(2021, 12, 31), {"x": "the ground"}, 3, after, looked)


@pytest.fixture(scope="module")
def report(made) -> Report:
    return validate(RiskModel(additive=True), made)


def test_three_splits_none_of_rows(made) -> None:
    found = dict(splits(made))
    assert list(found) == ["later time", "other organisations", "both"]
    day = day_numbers(made.days)
    for name in ("later time", "both"):
        fold = found[name]
        assert day[fold.train].max() + 365 <= day[fold.test].min()
    for name in ("other organisations", "both"):
        fold = found[name]
        assert set(made.orgs[fold.train]).isdisjoint(made.orgs[fold.test])


def test_every_baseline_stands_beside(report) -> None:
    for _, part in report.rows.groupby(["split", "stratum"]):
        assert set(part["model"]) == BESIDE
    assert set(report.rows["stratum"]) == {"all", "inspected", "not inspected"}


def test_ours_learns_and_chance_does_not(report) -> None:
    rows = report.rows.loc[report.rows["stratum"] == "all"].set_index(["split", "model"])
    for split in ("later time", "other organisations"):
        assert rows.loc[(split, "ours"), "auc_low"] > 0.55
        chance = rows.loc[(split, "random inspection")]
        assert chance["auc_low"] < 0.5 < chance["auc_high"]
        assert chance["p_against_ours"] < 0.001
        assert rows.loc[(split, "ours"), "lift_3%"] > 1
    assert report.best("later time") in BESIDE


def test_groups_lead_and_steadiness(report) -> None:
    assert set(report.groups["by"]) == {"band", "type", "size"}
    assert report.lead["median_days"] == 100
    assert (report.steady["kept"].dropna() <= 1).all()


def test_it_can_be_read(report) -> None:
    assert "ours" in str(report)
    assert report.to_markdown().startswith("| split |")
    assert "<table" in report._repr_html_()


def test_too_small(made) -> None:
    with pytest.raises(ModelError, match=f"fewer than {LEAST_POSITIVES} events"):
        validate(RiskModel(additive=True), made.rows(np.arange(30)))


def test_two_field_rule_without_its_fields() -> None:
    assert two_fields(pd.DataFrame({"x": [1.0, 2.0]})).tolist() == [0, 0]


def test_group_rate_is_shrunk_and_knows_unknown_groups(made) -> None:
    train, test = made.rows(made.days < made.days.max()), made.rows(made.days == made.days.max())
    new = test.X.assign(org_type=pd.Categorical([None] * len(test), categories=test.X["org_type"].cat.categories))
    risk, _ = group_rate(train, Panel(new, test.y, test.days, test.orgs, 365, test.known_by))
    assert np.allclose(risk, train.y.mean())
    rates = group_rate(train, test)[0]
    assert len(np.unique(rates)) == 3


def test_baselines_score_every_row(made) -> None:
    found = baselines(made, made)
    assert all(len(risk) == len(made) and np.isfinite(risk).all() for risk, _ in found.values())


def test_size_classes() -> None:
    assets = pd.Series([np.nan, 5e4, 1e5, 9e6, 1e7])
    assert size_class(assets).isna().tolist() == [True, False, False, False, False]
    assert size_class(assets).iloc[1:].str[0].tolist() == ["1", "2", "3", "4"]


def test_without_a_group_to_tell_apart_the_rate_is_that_of_all(made) -> None:
    plain = replace(made, X=made.X[["total_assets"]])
    risk, probability = group_rate(plain, plain)
    assert np.unique(risk).tolist() == [made.y.mean()]
    assert np.array_equal(risk, probability)


def test_strata_are_told_apart_only_where_both_hold_events(made) -> None:
    assert set(strata(made)) == {"all", "inspected", "not inspected"}
    assert set(strata(replace(made, inspected=made.y == 1))) == {"all"}
    assert set(strata(replace(made, inspected=np.zeros(0, dtype=bool)))) == {"all"}


def test_figures_that_could_not_be_had_are_left_out(made, report) -> None:
    model = RiskModel(additive=True).fit(made.X, made.y, days=made.days, groups=made.orgs)
    model.last_knowledge_day_ = "2021-12-31"
    none = pd.DataFrame()
    for heading, line, without in (
        ("## In use", "days ahead", {"lead": {}, "steady": none}),
        ("## Groups and fairness", "ratio_low", {"groups": none}),
    ):
        poor = replace(report, **without)
        assert heading in card(model, made, report)
        assert heading not in card(model, made, poor)
        assert line in str(report)
        assert line not in str(poor)
    for name, line in (("lead", "Warned (yellow or above) of"), ("steady", "is kept from one as-of day to the next")):
        told = card(model, made, replace(report, **{name: {} if name == "lead" else none}))
        assert "## In use" in told
        assert line not in told


def test_the_card_says_what_it_must(made, report) -> None:
    model = RiskModel(seeds=1).fit(made.X, made.y, days=made.days, groups=made.orgs)
    model.last_knowledge_day_ = "2021-12-31"
    text = card(model, made, report, simulated=True)
    for said in (
        "2021-12-31",
        "`x`: the ground",
        "Not to be used for 不得用于",
        "simulated registry",
        "fairness",
        "ratio_low",
        "weighs",
    ):
        assert said in text, said
    assert "worth is unknown" in card(model, made, None)
    assert "simulated" not in card(model, made, None)
