"""A model that learnt from a simulated registry, on one that is not: it works, and everything that shows its scores says so."""

from __future__ import annotations

import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.cli import app
from sorg_risk.flags.score import SIMULATION, UNSTATED
from sorg_risk.model import RiskModel, panel
from sorg_risk.records.simulated import TRAIN, is_simulated

DAY = "2025-06-30"


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return dict(sr.simulate(60, 9, flows_per_org=5))


@pytest.fixture(scope="module")
def real(tables) -> dict[str, pd.DataFrame]:
    """The same registry under other names, a few of them still simulated."""
    names = "前海" + tables["organizations"]["name"].str.removeprefix("模拟")
    keep = tables["organizations"]["org_id"].rank() <= 25
    return tables | {
        "organizations": tables["organizations"].assign(name=names.where(~keep, tables["organizations"]["name"]))
    }


@pytest.fixture(scope="module")
def run(real) -> sr.Run:
    return sr.score(sr.open(real).as_of(DAY))


def test_the_share_of_names_decides_as_known_on_the_day(tables, real) -> None:
    assert is_simulated(sr.open(tables).as_of(DAY))
    view = sr.open(real).as_of(DAY)
    assert not is_simulated(view)
    assert not is_simulated(view.restricted_to(view.orgs[view.table("organizations")["name"].str.startswith("模拟")]))
    later = real["organizations"].assign(recorded_at="2026-01-01", name="模拟")
    both = pd.concat([real["organizations"], later])
    assert not is_simulated(sr.open(real | {"organizations": both}).as_of(DAY))
    assert is_simulated(sr.open(real | {"organizations": both}).as_of("2026-01-02"))


def test_the_run_says_so(run) -> None:
    assert SIMULATION in run.warnings
    assert TRAIN in SIMULATION
    assert run.scores["provisional"].all()
    warned = run.flags["flag"] == "early_warning"
    assert warned.any()
    assert run.flags.loc[warned, "provisional"].all()
    assert "暂定" in run._repr_html_()


def test_on_a_simulated_registry_nothing_is_provisional(tables, run) -> None:
    plain = sr.score(sr.open(tables).as_of(DAY))
    assert plain.warnings == ()
    assert not plain.scores["provisional"].any()
    assert plain.scores["provisional"].dtype == bool
    assert not plain.flags.loc[plain.flags["flag"] == "early_warning", "provisional"].any()
    same = ["org_id", "score", "probability", "warning", "rank"]
    pd.testing.assert_frame_equal(plain.scores[same], run.scores[same])
    law = plain.flags["basis"] == "statutory"
    pd.testing.assert_frame_equal(plain.flags[law], run.flags[run.flags["basis"] == "statutory"])


@pytest.mark.parametrize(("lang", "words"), [("zh", "暂定：所用模型"), ("en", "Provisional: the model")])
def test_the_dossier_has_a_banner_and_no_incentive(run, tables, lang, words) -> None:
    by_points = run.scores.loc[run.scores["grade"].isin(["A", "B"]), "org_id"].iloc[0]
    shown = run.explain(by_points, lang=lang)
    assert words in str(shown)
    assert words in shown.to_html()
    assert words in shown._repr_html_()
    assert shown.content["measures"] == []
    plain = sr.score(sr.open(tables).as_of(DAY)).explain(by_points, lang=lang)
    assert words not in str(plain)
    assert plain.content["measures"]


def test_a_model_of_ones_own_is_not_provisional(real) -> None:
    source = sr.open(real)
    made = panel(source, ["2021-10-31", "2022-10-31", "2023-10-31"], known_by="2024-10-31")
    own = RiskModel(additive=True).fit(made.X, made.y, days=made.days, groups=made.orgs)
    found = sr.score(source.as_of(DAY), own)
    assert found.warnings == ()
    assert not found.scores["provisional"].any()
    unstated = sr.score(source.as_of(DAY), RiskModel(additive=True).fit(made.X, made.y))
    assert unstated.warnings == (UNSTATED,)


def test_a_model_that_a_simulation_taught_says_so_however_it_was_fitted(tables, real, tmp_path) -> None:
    made = panel(sr.open(tables), ["2021-10-31", "2022-10-31", "2023-10-31"], known_by="2024-10-31")
    model = RiskModel(additive=True).fit(made.X, made.y, days=made.days, groups=made.orgs)
    loaded = RiskModel.load(model.save(tmp_path / "m"))
    for one in (model, loaded):
        assert sr.score(sr.open(real).as_of(DAY), one).warnings == (SIMULATION,)


def test_a_night_keeps_the_mark_on_every_page_and_is_made_again(real, tmp_path, capsys) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name, frame in real.items():
        frame.to_csv(source / f"{name}.csv", index=False)
    out = str(tmp_path / "out")
    app(["nightly", str(source), "--as-of", DAY, "--out", out], result_action="return_value")
    assert TRAIN in capsys.readouterr().err
    app(["nightly", str(source), "--as-of", DAY, "--out", out], result_action="return_value")
    assert TRAIN in capsys.readouterr().err  # found published, and told again
    published = sr.nightly(str(source), as_of=DAY, out=out)
    assert SIMULATION in published.manifest["warnings"]
    assert SIMULATION in published.warnings
    assert published.table("scores")["provisional"].all()
    assert "暂定：评分、等级和预警只供试用" in published.report.read_text(encoding="utf-8")
    org = published.table("scores")["org_id"][0]
    app(["explain", out, org], result_action="return_value")
    assert "暂定：所用模型" in capsys.readouterr().out
    app(["replay", out], result_action="return_value")
    assert "every byte the same" in capsys.readouterr().out
    app(["check", str(source)], result_action="return_value")
    told = capsys.readouterr().out
    assert f"sorg-risk train {source} --from " in told
    command = told[told.index("sorg-risk train") :].splitlines()[0].split()[1:]
    app([*command[:-1], str(tmp_path / "own"), "--every", "12"], result_action="return_value")
    own = sr.nightly(str(source), as_of="2026-10-31", out=tmp_path / "two", model=tmp_path / "own")
    assert not own.table("scores")["provisional"].any()


def test_check_of_a_simulated_registry_proposes_nothing(root, capsys) -> None:
    app(["check", str(root / "data" / "sample")], result_action="return_value")
    assert "sorg-risk train" not in capsys.readouterr().out
