"""What the alarms would have been worth: no day the model knows, every figure with its interval, strict JSON."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.cli import app
from sorg_risk.errors import UsageError
from sorg_risk.model import Backtest, RiskModel, backtest, metrics, panel
from sorg_risk.simulate import simulate, write

from .made import registry

FIGURES = ("auc", "pr_auc", "precision_at_capacity", "recall_at_capacity", "lift_at_capacity")


@pytest.fixture(scope="module")
def model() -> RiskModel:
    made = panel(registry(), ["2021-10-31", "2022-10-31"], known_by="2023-10-31")
    fitted = RiskModel(additive=True).fit(made.X, made.y, days=made.days, groups=made.orgs)
    fitted.last_knowledge_day_ = "2023-10-31"
    return fitted


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    """Events of the caller, so that a small registry has enough of them."""
    orgs = list(registry().as_of("2024-12-31").active)
    days = pd.date_range("2024-01-15", periods=len(orgs), freq="9D")
    return pd.DataFrame({"org_id": orgs, "event_on": days})


@pytest.fixture(scope="module")
def found(model, events) -> Backtest:
    return backtest(registry(), "2023-10-31", "2024-12-31", model, every=6, capacity=0.1, outcome=events)


def test_a_day_the_model_knows_is_refused(model) -> None:
    with pytest.raises(UsageError, match="has seen that day's future"):
        backtest(registry(), "2023-10-30", "2024-10-31", model)


def test_days_are_counted_back_from_the_last(found) -> None:
    assert [line["as_of"] for line in found.per_day] == ["2023-12-31", "2024-06-30", "2024-12-31"]
    assert found.pooled["rows"] == sum(line["rows"] for line in found.per_day)
    assert found.pooled["events"] == sum(line["events"] for line in found.per_day)


def test_every_figure_has_its_interval(found) -> None:
    for name in (*FIGURES, "lead_days"):
        low, high = found.pooled[f"{name}_interval"]
        assert low <= found.pooled[name] <= high
    assert found.told["last_knowledge_day"] == "2023-10-31"


def test_figures_are_those_of_a_panel_of_the_same_days(found, model, events) -> None:
    made = panel(registry(), ["2024-06-30"], outcome=events, guard=False)
    margin = model.margin(made.X.loc[:, list(model.columns_.names)])
    line = next(line for line in found.per_day if line["as_of"] == "2024-06-30")
    assert line["auc"] == pytest.approx(metrics.auc(made.y, margin))
    assert line["rows"] == len(made)


def test_random_inspection_has_a_lift_of_about_one(found) -> None:
    assert found.beside["random inspection"]["auc"] == pytest.approx(0.5, abs=0.2)
    assert set(found.beside) == {"two-field rule", "random inspection"}


def test_verdicts_of_officers_are_held_against_the_alarms(model, events) -> None:
    plain = simulate(60, 5)
    orgs = registry().as_of("2024-06-30").active
    rows = pd.DataFrame({"org_id": orgs, "step": "verdict_confirmed"}).assign(list="none", author="王")
    rows["procedure_id"] = [f"V{n}" for n in range(len(rows))]
    in_time = rows.assign(done_on="2024-08-01", recorded_at="2024-08-01")
    changed = in_time.iloc[::2].assign(step="verdict_false_alarm", done_on="2024-09-01", recorded_at="2024-09-01")
    changed["procedure_id"] += "b"
    before = rows.assign(procedure_id=rows["procedure_id"] + "c", done_on="2024-06-30", recorded_at="2024-06-30")
    of_a_list = in_time.assign(procedure_id=rows["procedure_id"] + "d", list="abnormal", ground="AL-01")
    given = pd.concat([plain["procedures"], before, in_time, changed, of_a_list], ignore_index=True)
    source = sr.open({**plain, "procedures": given})
    found = backtest(source, "2024-06-30", "2024-06-30", model, capacity=1, outcome=events)
    said = found.to_dict()["verdicts"]
    assert said["alarms"] == found.pooled["rows"] == said["confirmed"] + said["false_alarm"]
    assert said["precision"] == said["confirmed"] / said["alarms"] == pytest.approx(0.5, abs=0.2)
    assert f"officers confirmed {said['confirmed']} and called {said['false_alarm']} false" in str(found)


def test_strict_json(found) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    told = json.loads(found.to_json(), parse_constant=refuse)
    assert "\n" not in found.to_json()
    assert {"per_day", "pooled", "baselines", "verdicts", "capacity", "horizon_days", "known_by"} <= set(told)
    assert told["pooled"]["auc"] == found.pooled["auc"]


def test_it_can_be_read(found) -> None:
    assert "pooled AUC" in str(found)
    assert "<table" in found._repr_html_()
    assert found.table()["as_of"].tolist()[-1] == "pooled"


def test_days_whose_horizon_is_not_over_are_left_out_and_named(model) -> None:
    last = registry().last_recorded
    found = backtest(registry(), "2024-12-31", last, model, every=3)
    assert "left out, their horizon is not over" in found.notes[0]
    with pytest.raises(UsageError, match="End earlier"):
        backtest(registry(), last, last, model)


@pytest.mark.parametrize(
    ("options", "message"), [({"capacity": 0}, "capacity"), ({"every": 0}, "every"), ({"capacity": 1.5}, "capacity")]
)
def test_options_out_of_bounds(model, options, message) -> None:
    with pytest.raises(UsageError, match=message):
        backtest(registry(), "2023-10-31", "2024-10-31", model, **options)


def test_days_the_wrong_way_round(model) -> None:
    with pytest.raises(UsageError, match="before the first"):
        backtest(registry(), "2024-10-31", "2024-01-31", model)


def test_a_callers_outcome(model) -> None:
    org = registry().as_of("2024-06-30").active
    events = pd.DataFrame({"org_id": org[:5], "event_on": ["2024-09-01"] * 5})
    found = backtest(registry(), "2024-06-30", "2024-06-30", model, outcome=events)
    assert found.pooled["events"] == 5
    assert (
        found.per_day[0]["lead_days"] is None
        or np.isnan(found.per_day[0]["lead_days"])
        or found.per_day[0]["lead_days"] == 63
    )


def test_at_the_command_line(model, tmp_path, capsys) -> None:
    write(simulate(60, 5), tmp_path / "source")
    folder = model.save(tmp_path / "m")
    asked = ["backtest", str(tmp_path / "source"), "--from", "2024-06-30", "--to", "2024-06-30", "--model", str(folder)]
    app([*asked, "--json", "--capacity", "0.1"], result_action="return_value")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["capacity"] == 0.1
    assert len(told["per_day"]) == 1
    app(asked, result_action="return_value")
    assert "pooled AUC" in capsys.readouterr().out
