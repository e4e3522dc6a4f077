"""Declarations: what is refused, what the catalogue and the sentences say, percentiles, and the written page."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sorg_risk.errors import CatalogueError, NotFound, UsageError
from sorg_risk.features import CATALOGUE, Feature, catalogue, evidence, features, sentence, write
from sorg_risk.features.aggregates import AGGREGATES
from sorg_risk.features.declare import example, row
from sorg_risk.features.page import page
from sorg_risk.features.registry import registered
from sorg_risk.records import open as open_source

GOOD = Feature(
    name="x",
    family="complaints",
    table="complaints",
    aggregate="count",
    zh="{value}件",
    en="{value}",
    examples=(example(1, row(3)), example(0)),
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"table": "complaint"}, "Did you mean 'complaints'"),
        ({"where": {"severty": (">", 1)}}, "Did you mean 'severity'"),
        ({"where": {"channel": "hotlin"}}, "Did you mean 'hotline'"),
        ({"aggregate": "cuont"}, "Did you mean 'count'"),
        ({"zh": "件"}, "zh sentence lacks"),
        ({"en": ""}, "en sentence lacks"),
        ({"direction": 2}, "direction 2"),
        ({"window_days": 0}, "window of 0 days"),
        ({"window_days": -7}, "window of -7 days; give 1 or more"),
        ({"aggregate": "percentile", "base": "y", "peers": ("org_type",)}, "unknown base feature 'y'"),
        ({"examples": (example(1, row(3)),)}, "fewer than two worked examples"),
        ({"where": {"severity": "hotline"}}, "'hotline' is no condition for severity, a column of kind integer"),
        ({"where": {"channel": (">", 1)}}, r"\('>', 1\) is no condition for channel, a column of kind code"),
        ({"where": {"substantiated": "yes"}}, "'yes' is no condition for substantiated, a column of kind flag"),
        ({"where": {"channel": True}}, "True is no condition for channel, a column of kind code"),
        ({"aggregate": "sum"}, "aggregate 'sum' needs 'value'"),
        ({"value": "severity"}, "aggregate 'count' has no use for 'value'"),
    ],
)
def test_faulty_declarations_are_refused_with_the_near_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        registered([replace(GOOD, **change)])


def test_peers_of_a_relative_feature_are_known() -> None:
    relative = replace(GOOD, name="r", aggregate="percentile", base="x", peers=("org_tpye",))
    with pytest.raises(CatalogueError, match=r"feature 'r': unknown peers 'org_tpye'. Did you mean 'org_type'"):
        registered([GOOD, relative])


@pytest.mark.parametrize("name", [name for name, one in AGGREGATES.items() if one.in_order])
def test_what_goes_by_the_order_of_events_goes_by_the_day_that_orders_them(name: str) -> None:
    needs: dict[str, Any] = {"value": "severity", "by": "channel", "over": "severity", "window_days": 90}
    needs |= {"bands": {"low": 0.0}, "part": {"channel": "hotline"}}
    given = {key: needs[key] for key in AGGREGATES[name].needs}
    with pytest.raises(CatalogueError, match=f"aggregate '{name}' goes by 'received_on' alone"):
        registered([replace(GOOD, aggregate=name, clock="closed_on", **given)])


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(CatalogueError, match="declared twice"):
        registered([GOOD, GOOD])


def test_the_catalogue_is_broad_and_described() -> None:
    found = catalogue()
    assert len(found) >= 150
    assert set(found["family"]) >= {"filings", "complaints", "fund_flows", "enforcement", "governance"}
    assert found["name"].is_unique
    assert not found["zh"].duplicated().any()
    assert not found["en"].duplicated().any()
    assert found.loc[found["name"] == "reports_missing_last_year", "ground"].item() == "AL-01"


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_feature_speaks_both_languages(name: str) -> None:
    value: Any = CATALOGUE[name].categories[0] if CATALOGUE[name].unit == "category" else 1.0
    for lang in ("zh", "en"):
        assert "{" not in sentence(name, value, lang)
        assert sentence(name, np.nan, lang) != sentence(name, value, lang)


def test_sentences_write_values_in_their_unit() -> None:
    assert sentence("money_in_365d", 1234567.5, "zh") == "近365天收入1,234,567.50元"
    assert sentence("related_share_365d", 0.1234, "en").endswith("within 365 days: 12.3%")
    assert sentence("org_type", "foundation", "zh") == "组织类型：基金会"
    assert sentence("is_charity", 1.0, "zh") == "慈善组织：是"
    with pytest.raises(UsageError, match="lang"):
        sentence("is_charity", 1.0, "fr")


def test_percentiles_compare_active_organisations_of_one_type() -> None:
    ids = [f"5144030000000{n:04d}X" for n in range(7)]
    register = {
        "org_id": ids,
        "org_type": ["foundation"] * 6 + ["association"],
        "status": ["active"] * 7,
        "recorded_at": "2020-01-01",
    }
    rows = [(f"{n}-{k}", org) for n, org in enumerate(ids) for k in range(n)]
    complaints = pd.DataFrame(rows, columns=["complaint_id", "org_id"]).assign(
        received_on="2024-01-01", recorded_at="2024-01-01"
    )
    frames = {"organizations": pd.DataFrame(register), "complaints": complaints}
    source = open_source(_opaque(frames))
    X = features(source.as_of("2024-02-01"))

    assert X["complaints_365d"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert X["complaints_365d_vs_type"].tolist() == pytest.approx(
        [*((n + 0.5) / 6 for n in range(6)), np.nan], nan_ok=True
    )


def _opaque(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    from sorg_risk.simulate import simulate

    codes = simulate(20, 1)["organizations"]["org_id"].drop_duplicates().sort_values().head(7)
    names = dict(zip(frames["organizations"]["org_id"], codes, strict=True))
    return {name: frame.assign(org_id=frame["org_id"].map(names)) for name, frame in frames.items()}


def test_wrong_questions_are_answered_with_the_cure(root: Path) -> None:
    source = open_source(root / "data" / "sample")
    view = source.as_of("2026-10-31")
    with pytest.raises(UsageError, match="days"):
        features(source)
    with pytest.raises(UsageError, match="no as-of day given; name at least one"):
        features(source, days=[])
    with pytest.raises(UsageError, match=r"data is not empty; name a new one"):
        write(source, ["2026-10-31"], root / "data", names=["flows_90d"])
    with pytest.raises(UsageError, match="own day"):
        features(view, days=["2026-10-31"])
    with pytest.raises(NotFound, match="complaints_90d"):
        features(view, names=["complaint_90d"])
    with pytest.raises(NotFound, match="organisation on 2026-10-31"):
        evidence(view, "nobody", "complaints_90d")


def test_the_sample_in_one_pass_equals_day_by_day(root: Path) -> None:
    source = open_source(root / "data" / "sample")
    days = ["2023-06-30", "2026-10-31"]
    many = features(source, days=days)
    assert many.index.names == ["as_of", "org_id"]
    for day in days:
        view = source.as_of(day)
        one = features(view)
        assert one.index.equals(view.active)
        assert len(features(view, names=["org_type"], everyone=True)) == len(view.orgs)
        pd.testing.assert_frame_equal(one, many.xs(pd.Timestamp(day), level="as_of"), check_exact=True)
        for name in CATALOGUE:
            behind = evidence(view, view.active[3], name)
            assert behind["org_id"].eq(view.active[3]).all()


def test_the_page_of_the_catalogue_is_up_to_date(root: Path) -> None:
    assert (root / "docs" / "catalogue.md").read_text(encoding="utf-8") == page()


def test_the_command_prints_the_page(root: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "sorg_risk.features.page"], capture_output=True, check=True, cwd=root)
    assert done.stdout.decode("utf-8") == page()
