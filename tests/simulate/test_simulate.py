"""The simulated registry: same seed same bytes, nothing refused, rates as tuned, stories as told, truth as stated."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

import sorg_risk as sr
from sorg_risk.errors import UsageError
from sorg_risk.records.schema import TABLES
from sorg_risk.simulate import Registry, simulate, write
from sorg_risk.simulate.causes import (
    draw_causes,
    due_days,
    expected_auc,
    foreseen,
    owes_report,
    penalty_chance,
    year_ahead,
)
from sorg_risk.simulate.clock import add_years, chance, day, day_in_year, month_of, year_of
from sorg_risk.simulate.codes import body_check
from sorg_risk.simulate.filings import draw_reports
from sorg_risk.simulate.population import populate
from sorg_risk.simulate.trouble import draw_inspections, draw_penalties

LAST = pd.Timestamp("2026-10-31")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return simulate(400, seed=3)


@pytest.fixture(scope="module")
def source(registry: Registry) -> sr.Source:
    return sr.open(dict(registry))


def test_same_seed_same_bytes_other_seed_other_rows(tmp_path: Path) -> None:
    first, second = write(simulate(40, seed=5), tmp_path / "a"), write(simulate(40, seed=5), tmp_path / "b")
    names = sorted(p.name for p in first.iterdir())
    assert names == sorted([*(f"{t}.parquet" for t in TABLES), "SIMULATED.txt", "answers.json"])
    assert all((first / n).read_bytes() == (second / n).read_bytes() for n in names)
    assert not simulate(40, seed=6)["fund_flows"].equals(simulate(40, seed=5)["fund_flows"])


def test_every_table_has_columns_of_the_contract_only(registry: Registry) -> None:
    assert set(registry) == set(TABLES)
    for name, frame in registry.items():
        assert set(frame.columns) <= set(TABLES[name].names), name
        assert set(TABLES[name].identity) <= set(frame.columns), name


def test_every_column_of_the_contract_is_filled_somewhere(registry: Registry) -> None:
    empty = {
        f"{name}.{column.name}"
        for name, table in TABLES.items()
        for column in table.columns
        if column.name not in registry[name] or registry[name][column.name].isna().all()
    }
    assert empty <= {"procedures.expires_on"}


def test_nothing_is_refused_today_or_in_the_past(source: sr.Source) -> None:
    assert len(source.quarantine) == 0
    assert not source.notices
    for on in ("2017-06-30", "2021-01-01", "2026-10-31"):
        assert len(source.as_of(dt.date.fromisoformat(on)).quarantine) == 0


def test_written_folder_reads_back_as_the_same_register(registry: Registry, source: sr.Source, tmp_path: Path) -> None:
    read = sr.open(write(registry, tmp_path))
    assert len(read.quarantine) == 0
    for name in TABLES:
        pd.testing.assert_frame_equal(read.tables[name], source.tables[name])


def test_no_day_after_the_end_and_no_event_after_it_was_known(registry: Registry) -> None:
    for name, frame in registry.items():
        assert frame["recorded_at"].max() <= LAST, name
        for column in TABLES[name].columns:
            if column.event and column.name in frame:
                assert not (frame[column.name] > frame["recorded_at"]).any(), f"{name}.{column.name}"


def test_nothing_but_decisions_happens_after_an_organisation_left(registry: Registry) -> None:
    left = registry["organizations"].query("status != 'active'").set_index("org_id")["status_on"]
    assert len(left) > 0
    for name, column in [
        ("fund_flows", "booked_on"),
        ("filings", "filed_on"),
        ("inspections", "issued_on"),
        ("complaints", "received_on"),
    ]:
        rows = registry[name]
        assert not (rows[column] > rows["org_id"].map(left)).any(), name


def test_codes_are_right_and_unique(registry: Registry) -> None:
    codes = registry["organizations"]["org_id"].unique()
    assert len(codes) == 400
    assert all(uscc.is_valid(code) for code in codes)
    assert all(code[2:6] == "4403" for code in codes)
    assert all(body_check(code[8:16]) == code[16] for code in codes)


def test_names_say_that_they_are_simulated(registry: Registry) -> None:
    assert registry["organizations"]["name"].str.startswith("模拟").all()
    assert registry.answers["simulated"] is True


def test_versions_corrections_and_withdrawals_occur_without_conflict(registry: Registry) -> None:
    flows = registry["fund_flows"]
    assert flows["flow_id"].duplicated().any()
    assert flows["voided"].any()
    for name, frame in registry.items():
        assert not frame.duplicated([TABLES[name].key, "recorded_at"]).any(), name


def test_rates_are_near_the_published_ones(source: sr.Source, registry: Registry) -> None:
    assert 0.05 <= registry.answers["new_ground_rate"] <= 0.08
    assert 0.78 <= registry.answers["best_auc"] <= 0.88
    listings = simulate(3000, seed=1, flows_per_org=0)["listings"]
    last = listings.sort_values(["decided_on", "listing_id"]).drop_duplicates(["org_id", "list"], keep="last")
    on = last[last["action"] != "removed"]
    active = 3000 * 0.9
    assert 0.03 <= (on["list"] == "abnormal").sum() / active <= 0.10
    assert 0.01 <= (on["list"] == "serious_dishonesty").sum() / active <= 0.05
    flows = len(registry["fund_flows"]) / 400
    assert 50 <= flows <= 80


def test_true_risk_is_calibrated_against_what_happened() -> None:
    """Late reports, penalties and unfulfilled orders of the year ahead come as often as their chances say."""
    population = populate(6000, 11)
    causes = draw_causes(population, 11)
    reports = draw_reports(population, causes, 11)
    penalties = draw_penalties(population, causes, 11).drop_duplicates("penalty_id")
    orders = draw_inspections(population, causes, 11).query("kind == 'rectification_order'")
    orders = orders.drop_duplicates("inspection_id", keep="last")
    late_done = orders["completed_on"].isna() | (orders["completed_on"] > orders["deadline_on"])
    for on in (day("2019-10-31"), day("2023-10-31")):
        risk = year_ahead(population, causes, on)[:-3]
        there = ~np.isnan(risk)
        event = (reports.late & (reports.due >= on) & (reports.due < on + 365)).any(axis=1)
        event |= _within(population.org_id, penalties["org_id"], penalties["decided_on"], on)
        event |= _within(population.org_id, orders["org_id"][late_done], orders["deadline_on"][late_done], on)
        happened, expected = event[:-3][there], risk[there]
        assert happened.mean() == pytest.approx(expected.mean(), abs=0.012)
        top = expected >= np.quantile(expected, 0.9)
        assert happened[top].mean() == pytest.approx(expected[top].mean(), abs=0.05)
        assert _auc(expected, happened) == pytest.approx(expected_auc(expected), abs=0.035)


def _within(codes: np.ndarray, owner: pd.Series, days: pd.Series, on: int) -> np.ndarray:
    start = pd.Timestamp(np.datetime64(on, "D"))
    return np.isin(codes, owner[(days > start) & (days <= start + pd.Timedelta(days=365))].to_numpy())


def _auc(score: np.ndarray, happened: np.ndarray) -> float:
    rank = pd.Series(score).rank().to_numpy()
    positive = happened.sum()
    return float((rank[happened].sum() - positive * (positive + 1) / 2) / (positive * (~happened).sum()))


def test_best_auc_by_hand() -> None:
    assert expected_auc(np.array([0.3, 0.3, 0.3])) == pytest.approx(0.5)
    assert expected_auc(np.array([0.0, 1.0, np.nan])) == 1.0
    p, q = 0.8, 0.1
    assert expected_auc(np.array([q, p])) == pytest.approx(p * (1 - q) / (p * (1 - q) + q * (1 - p)))


def test_pass_through_foundation_is_planted(registry: Registry) -> None:
    story = registry.answers["stories"]["pass_through_foundation"]
    flows = registry["fund_flows"].query("org_id == @story['org_id']").sort_values(["booked_on", "direction"])
    came, went = flows[flows["direction"] == "in"], flows[flows["direction"] == "out"]
    assert len(came) == len(went) == story["pairs"]
    gap = went["booked_on"].to_numpy() - came["booked_on"].to_numpy()
    assert (gap == np.timedelta64(story["days_between"], "D")).all()
    assert went["is_related_party"].all()
    assert went["amount"].sum() / came["amount"].sum() == pytest.approx(story["share_passed_on"], abs=0.005)


def test_zombie_association_is_planted(registry: Registry) -> None:
    story = registry.answers["stories"]["zombie_association"]
    assert not (registry["fund_flows"]["org_id"] == story["org_id"]).any()
    filings = registry["filings"].query("org_id == @story['org_id']")
    assert filings["fiscal_year"].max() == story["missing_fiscal_years"][0] - 1
    letters = registry["inspections"].query("org_id == @story['org_id']")
    assert letters["outcome"].tolist() == ["unsigned", "unsigned"]


def test_fee_scandal_is_planted(registry: Registry) -> None:
    story = registry.answers["stories"]["fee_scandal"]
    complaints = registry["complaints"].query("org_id == @story['org_id'] and category == 'fee'")
    assert complaints["complaint_id"].nunique() == story["complaints"]
    assert complaints["received_on"].min() > LAST - pd.Timedelta(days=365)
    filings = registry["filings"].query("org_id == @story['org_id']")
    assert filings["fee_tiers"].dropna().eq(story["fee_tiers"]).all()
    penalty = registry["penalties"].query("org_id == @story['org_id']")
    assert penalty[["kind", "amount"]].to_numpy().tolist() == [["fine", 30_000.0]]


@pytest.mark.parametrize("orgs", [4, 5, 17])
def test_small_registers_are_complete(orgs: int) -> None:
    small = simulate(orgs, seed=orgs)
    assert small["organizations"]["org_id"].nunique() == orgs
    assert len(small.answers["stories"]) == 3
    assert len(sr.open(dict(small)).quarantine) == 0


@pytest.mark.parametrize(("orgs", "flows"), [(3, 60.0), (1_000_001, 60.0), (10, -1.0)])
def test_impossible_orders_are_refused_in_words(orgs: int, flows: float) -> None:
    with pytest.raises(UsageError, match="give a number from"):
        simulate(orgs, flows_per_org=flows)


def test_flows_per_org_scales_the_flows() -> None:
    few, many = (len(simulate(200, seed=1, flows_per_org=f)["fund_flows"]) for f in (10, 100))
    assert 7 < many / few < 13


def test_sample_is_what_the_simulator_writes(root: Path, tmp_path: Path) -> None:
    sample = root / "data" / "sample"
    answers = json.loads((sample / "answers.json").read_text(encoding="utf-8"))
    fresh = simulate(answers["orgs"], answers["seed"])
    assert fresh.answers["stories"] == answers["stories"]
    assert fresh.answers["best_auc"] == pytest.approx(answers["best_auc"], abs=1e-5)
    again = sr.open(write(fresh, tmp_path))
    kept = sr.open(sample)
    pd.testing.assert_frame_equal(kept.counts, again.counts)
    assert sum(p.stat().st_size for p in sample.iterdir()) < 3_000_000


def test_clock_arithmetic() -> None:
    assert year_of(np.array([day("2020-02-29")])).tolist() == [2020]
    assert day_in_year(np.array([2021]), 5, 31).tolist() == [day("2021-05-31")]
    assert add_years(np.array([day("2019-03-15")]), 5).tolist() == [day("2024-03-15")]
    assert month_of(np.array([day("2016-11-30"), day("2016-12-01")])).tolist() == [0, 1]
    assert chance(1, "a").random() != chance(1, "b").random()


def test_only_the_registered_owe_a_report_and_the_dormant_are_never_penalised() -> None:
    population = populate(500, 2)
    causes = draw_causes(population, 2)
    owed = owes_report(population, causes)
    closing = day_in_year(np.arange(2016, 2026), 12, 31)
    assert not owed[population.registered[:, None] > closing].any()
    assert not owed[causes.ended[:, None] <= due_days(population)].any()
    dormant = causes.dormant < day("2024-01-01")
    assert dormant.any()
    assert penalty_chance(population, causes)[dormant][:, month_of(np.array([day("2024-02-01")]))[0] :].sum() == 0


def test_holders_of_public_fundraising_never_pause_for_six_months(registry: Registry) -> None:
    campaigns = registry["filings"].query("kind == 'fundraising'").sort_values(["org_id", "filed_on"])
    gaps = campaigns.groupby("org_id")["filed_on"].diff().dropna()
    assert len(gaps) > 50
    assert gaps.max() <= pd.Timedelta(days=150)


def test_accounts_follow_the_flows_of_their_year(registry: Registry) -> None:
    """Half of the reports state an income within a tenth of the booked one."""
    reports = registry["filings"].query("kind == 'annual_report'").drop_duplicates("filing_id")
    flows = registry["fund_flows"].drop_duplicates("flow_id").query("direction == 'in'")
    booked = flows.groupby(["org_id", flows["booked_on"].dt.year.astype(float)])["amount"].sum()
    stated = reports.set_index(["org_id", "fiscal_year"])["total_income"]
    ratio = (stated / booked.reindex(stated.index)).dropna()
    assert len(ratio) > 500
    assert ratio.sub(1).abs().lt(0.1).mean() > 0.5
    assert ratio.median() == pytest.approx(1.0, abs=0.03)


def test_disorder_drives_what_can_be_seen() -> None:
    """Organisations in the worst tenth of disorder have more complaints and related-party flows than the best tenth."""
    seen = simulate(2000, seed=9)
    disorder = draw_causes(populate(2000, 9), 9).disorder.mean(axis=1)
    order = populate(2000, 9).org_id[np.argsort(disorder)]
    best, worst = set(order[:200]), set(order[-200:])
    complaints = seen["complaints"].drop_duplicates("complaint_id")["org_id"]
    related = seen["fund_flows"].query("is_related_party")["org_id"]
    for owner in (complaints, related):
        assert owner.isin(worst).sum() > 2 * owner.isin(best).sum()


def test_foresight_keeps_the_past_and_lets_the_fading_part_fade() -> None:
    population = populate(300, 4)
    causes = draw_causes(population, 4)
    on = day("2021-10-31")
    ahead = foreseen(causes, on)
    month = int(month_of(np.array([on]))[0])
    assert np.array_equal(ahead.disorder[:, : month + 1], causes.disorder[:, : month + 1])
    away = np.abs(ahead.disorder - causes.lasting[0][:, None])
    assert (away[:, month + 1] <= away[:, month]).all()
    assert (ahead.dormant[causes.dormant > on] > day("2100-01-01")).all()


def test_foresight_ranks_no_better_than_hindsight_and_better_than_chance(registry: Registry) -> None:
    best, hindsight = registry.answers["best_auc_by_day"], registry.answers["best_auc_with_hindsight_by_day"]
    assert all(0.6 < best[on] <= hindsight[on] for on in best)


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=30))
def test_no_score_ranks_better_than_the_true_chances(chances: list[float]) -> None:
    risk = np.array(chances)
    ceiling = expected_auc(risk)
    assert 0.5 - 1e-12 <= ceiling <= 1.0
    for score in (np.zeros(len(risk)), -risk, np.arange(len(risk), dtype=float)):
        assert expected_auc(risk, score) <= ceiling + 1e-12
    assert expected_auc(risk, np.zeros(len(risk))) == pytest.approx(0.5)
    assert expected_auc(risk, -risk) == pytest.approx(1 - ceiling)


@pytest.mark.parametrize("seed", [None, 29])
def test_every_ground_of_a_planted_story_is_published(root: Path, seed: int | None) -> None:
    """Over the sample and over a register of another seed."""
    if seed is None:
        answers = json.loads((root / "data" / "sample" / "answers.json").read_text(encoding="utf-8"))
        source = sr.open(root / "data" / "sample")
    else:
        made = simulate(30, seed)
        answers, source = made.answers, sr.open(dict(made))
    flags = sr.apply_law(source.as_of("2026-10-31"))
    for name, story in answers["stories"].items():
        own = flags.loc[flags["org_id"] == story["org_id"]]
        missing = [rule for rule in story["expected_rules"] if not own["ground"].str.startswith(rule).any()]
        assert not missing, name
        assert set(story["expected_flags"]) <= set(own["flag"]), name
