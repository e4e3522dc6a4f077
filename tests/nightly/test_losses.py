"""What a night no longer delivers: named, a cause of its own, part of the decision, and refused when it is too much."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.errors import GateRefused
from sorg_risk.law.worked import FD, A, given, org, penalty, reports
from sorg_risk.nightly import nightly
from sorg_risk.nightly.differences import differences
from sorg_risk.nightly.dossiers import dossier
from sorg_risk.nightly.replay import replay
from sorg_risk.nightly.settings import Gates
from sorg_risk.nightly.verify import verify

DAYS = [f"2025-07-{day:02d}" for day in range(1, 8)]


def registry(**kept: Any) -> dict[str, pd.DataFrame]:
    rows = given(
        org(),
        org(FD),
        reports(2020, 2021, 2022, 2023, 2024),
        reports(2020, 2021, 2022, 2023, 2024, of=FD),
        [penalty("warning", f"2025-0{month}-03", A, penalty_id=f"W{month}") for month in range(4, 7)],
        penalty("fine", "2025-06-04", FD, penalty_id="F1", amount=100.0),
    )
    frames = {name: pd.DataFrame(some) for name, some in rows.items()}
    return frames | kept


def without(frames: dict[str, pd.DataFrame], table: str, *keys: str) -> dict[str, pd.DataFrame]:
    rows = frames[table]
    return frames | {
        table: rows[
            ~rows.iloc[:, rows.columns.get_loc(f"{table[:-1] if table != 'penalties' else 'penalty'}_id")].isin(keys)
        ]
    }


def night(frames: dict[str, pd.DataFrame], day: str, out: Path, **more: Any) -> Any:
    return nightly(frames, as_of=day, out=out, **more)


def of(run: Any, ground: str, org_id: str) -> pd.DataFrame:
    flags = run.table("flags")
    return flags[(flags["ground"] == ground) & (flags["org_id"] == org_id)]


def test_a_penalty_that_vanishes_is_named_and_the_cause_of_what_falls(tmp_path):
    frames = registry()
    first = night(frames, DAYS[0], tmp_path)
    assert len(of(first, "AL-05b", FD)) == 1
    assert "against" not in first.manifest["ledger"]
    second = night(without(frames, "penalties", "F1"), DAYS[1], tmp_path)
    (said,) = [one for one in second.warnings if "no longer delivered" in one]
    assert "1 records of penalties known as of 2025-07-01" in said
    assert "F1" in said
    assert "不再提供" in said
    assert said in second.manifest["warnings"]
    page = second.report.read_text("utf-8")
    assert said in page
    assert "源数据不再提供 <small>no longer delivered</small>：<small>penalties:F1</small>" in page
    assert "应先向数据提供单位核实有关记录" in page
    assert "应先向数据提供单位核实有关记录" not in first.report.read_text("utf-8")
    fallen = differences(tmp_path).cleared
    assert fallen[["ground", "cause"]].values.tolist() == [["AL-05b", "vanished"]]
    assert differences(tmp_path).balanced
    third = night(without(frames, "penalties", "F1"), DAYS[2], tmp_path)
    (said,) = [one for one in third.warnings if "no longer delivered" in one]
    assert "gone before" in said
    assert replay(tmp_path).same
    assert replay(tmp_path, second.run_id).same
    assert verify(tmp_path) == []
    assert len({one.manifest["decision"]["tables"]["vanished"] for one in (first, second, third)}) == 2


def test_a_record_that_comes_back_is_no_longer_told(tmp_path):
    frames = registry()
    night(frames, DAYS[0], tmp_path)
    night(without(frames, "penalties", "F1"), DAYS[1], tmp_path)
    back = night(frames, DAYS[2], tmp_path)
    assert not [one for one in back.warnings if "no longer delivered" in one]
    assert len(of(back, "AL-05b", FD)) == 1
    assert replay(tmp_path).same


def test_a_retraction_is_no_loss(tmp_path):
    frames = registry()
    frames["penalties"] = frames["penalties"].assign(voided=False)
    night(frames, DAYS[0], tmp_path)
    void = {"penalty_id": "F1", "org_id": FD, "recorded_at": "2025-07-02", "voided": True}
    voided = frames | {"penalties": pd.concat([frames["penalties"], pd.DataFrame([void])])}
    assert not [one for one in night(voided, DAYS[1], tmp_path).warnings if "delivered" in one]
    gone = night(without(frames, "penalties", "F1"), DAYS[2], tmp_path)
    assert not [one for one in gone.warnings if "no longer delivered" in one]


def test_a_report_that_vanishes_makes_what_is_missing_provisional(tmp_path):
    frames = registry()
    night(frames, DAYS[0], tmp_path)
    reports_ = frames["filings"]
    key = reports_[(reports_["org_id"] == A) & (reports_["fiscal_year"] == 2024)]["filing_id"].item()
    second = night(frames | {"filings": reports_[reports_["filing_id"] != key]}, DAYS[1], tmp_path)
    (flag,) = of(second, "AL-01", A).to_dict("records")
    assert flag["provisional"]
    assert flag["next_step"] == "inspect"
    assert f"vanished:filings:{key}" in list(flag["evidence"])
    new = differences(tmp_path).new
    assert new[new["ground"] == "AL-01"]["cause"].tolist() == ["vanished"]
    assert "以前提供过" in sr_explained(tmp_path, A)
    third = night(frames | {"filings": reports_[reports_["filing_id"] != key]}, DAYS[2], tmp_path)
    assert of(third, "AL-01", A)["provisional"].all()
    assert replay(tmp_path).same


def sr_explained(out: Path, org_id: str) -> str:
    return str(dossier(out, org_id))


def test_a_row_rewritten_in_place_is_told_and_a_cause(tmp_path):
    frames = registry()
    night(frames, DAYS[0], tmp_path)
    penalties = frames["penalties"]
    other = frames | {
        "penalties": penalties.assign(kind=penalties["kind"].where(penalties["penalty_id"] != "F1", "confiscation"))
    }
    second = night(other, DAYS[1], tmp_path)
    (said,) = [one for one in second.warnings if "rewritten" in one]
    assert "1 rows of penalties" in said
    assert "F1" in said
    assert not [one for one in second.warnings if "no longer delivered" in one]
    assert "rewritten" in differences(tmp_path).cleared["cause"].tolist()
    assert replay(tmp_path).same


def test_a_table_that_had_rows_and_has_none_is_refused_until_somebody_allows_it(tmp_path):
    frames = registry()
    first = night(frames, DAYS[0], tmp_path)
    less = {name: rows for name, rows in frames.items() if name != "penalties"}
    for day in DAYS[1:3]:  # the refused delivery must not become what the next one is compared with
        with pytest.raises(GateRefused, match=r"penalties has no rows after 4 the night before.*gates\.same_tables"):
            night(less, day, tmp_path)
    assert (tmp_path / "CURRENT").read_text().strip().endswith(first.run_id)
    allowed = night(less, DAYS[3], tmp_path, gates=Gates(same_tables=False, max_vanished=None))
    assert any("had rows as of 2025-07-01 and has none now" in one for one in allowed.warnings)
    assert night(less, DAYS[4], tmp_path).run_id
    assert verify(tmp_path) == []


@pytest.mark.parametrize(("gone", "refused"), [(4, False), (5, True)])
def test_too_many_records_gone_are_refused(tmp_path, gone, refused):
    more = pd.DataFrame([{**penalty("warning", "2025-05-05", A)[1], "penalty_id": f"P{n}"} for n in range(40)])
    frames = registry(penalties=more)
    night(frames, DAYS[0], tmp_path)
    less = frames | {"penalties": more.iloc[gone:]}
    if refused:
        with pytest.raises(GateRefused, match=r"5 of the 40 records read of penalties .*gates\.max_vanished"):
            night(less, DAYS[1], tmp_path)
    else:
        assert any("4 records of penalties" in one for one in night(less, DAYS[1], tmp_path).warnings)


def test_a_refused_row_that_is_not_delivered_again_stays_a_doubt(tmp_path):
    frames = registry()
    filings = frames["filings"].astype(object)
    at = filings.index[(filings["org_id"] == A) & (filings["fiscal_year"] == 2024)][0]
    spoilt = filings.copy()
    spoilt.loc[at, "accepted_on"] = "2025-02-30"
    first = night(frames | {"filings": spoilt}, DAYS[0], tmp_path)
    assert any(one.startswith("quarantine:filings:") for one in of(first, "AL-01", A)["evidence"].iloc[0])
    second = night(frames | {"filings": filings.drop(at)}, DAYS[1], tmp_path)
    flag = of(second, "AL-01", A).iloc[0]
    assert flag["provisional"]
    assert f"vanished:filings:{filings.loc[at, 'filing_id']}" in list(flag["evidence"])


def test_daily_folders_add_up_to_the_delivery(tmp_path):
    frames, source, out = registry(), tmp_path / "source", tmp_path / "out"
    (source / DAYS[0]).mkdir(parents=True)
    for name, rows in frames.items():
        rows.to_csv(source / DAYS[0] / f"{name}.csv", index=False)
    nightly(source, as_of=DAYS[0], out=out)
    (source / DAYS[1]).mkdir()
    new = pd.DataFrame([{**penalty("fine", "2025-07-01", A)[1], "penalty_id": "N1", "recorded_at": DAYS[1]}])
    new.to_csv(source / DAYS[1] / "penalties.csv", index=False)
    second = nightly(source, as_of=DAYS[1], out=out)
    assert not [one for one in second.warnings if "delivered" in one or "rewritten" in one]
    assert json.loads((second.folder / "manifest.json").read_text())["ledger"]["against"] == [1]


def test_a_source_by_itself_has_lost_nothing():
    view = sr.open(registry()).as_of(DAYS[0])
    assert view.vanished.empty
    assert view.loss_notices == []


def test_a_dry_run_compares_with_the_deliveries_before_and_is_gated_too(tmp_path):
    frames, out = registry(), tmp_path / "out"
    night(frames, DAYS[0], out)
    night(without(frames, "penalties", "F1"), DAYS[1], out)
    less = without(frames, "penalties", "F1", "W4")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    dry = night(less, DAYS[2], out, dry_run=True)
    (said,) = [one for one in dry.warnings if "no longer delivered" in one]
    assert "1 of them known as of 2025-07-02, 1 gone before" in said
    with pytest.raises(GateRefused, match=r"penalties has no rows.*This was a dry run; nothing was touched"):
        night({name: rows for name, rows in frames.items() if name != "penalties"}, DAYS[2], out, dry_run=True)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    assert night(less, DAYS[2], out).run_id == dry.run_id


def test_the_dossier_says_what_a_record_that_vanished_was_since_when_and_what_fell_with_it(tmp_path):
    frames = registry()
    night(frames, DAYS[0], tmp_path)
    night(frames, DAYS[1], tmp_path)
    for day in DAYS[2:4]:
        night(without(frames, "penalties", "F1"), day, tmp_path)
        zh, en = (dossier(tmp_path, FD, lang=lang) for lang in ("zh", "en"))
        (lost,) = zh.content["lost"]
        assert (lost["how"], lost["key"], lost["last"], lost["since"]) == ("vanished", "F1", DAYS[1], DAYS[2])
        assert [flag["ground"] for flag in lost["cleared"]] == ["AL-05b"]
        for said in (str(zh), zh.to_html()):
            assert "截至2025-07-02的数据中尚有该记录，自2025-07-03起不再提供，也未见撤回" in said
            assert "种类 罚款" in said
            assert "原据该记录认定、现已消除的事项：活动异常名录" in said
        assert "no longer delivered since 2025-07-03, and not withdrawn" in str(en)
        assert "kind fine" in str(en)
        assert dossier(tmp_path, A).content["lost"] == []


def test_the_dossier_says_what_was_rewritten(tmp_path):
    frames = registry()
    night(frames, DAYS[0], tmp_path)
    rows = frames["penalties"]
    night(
        frames | {"penalties": rows.assign(amount=rows["amount"].where(rows["penalty_id"] != "F1", 700.0))},
        DAYS[1],
        tmp_path,
    )
    (lost,) = dossier(tmp_path, FD).content["lost"]
    assert [(cell["column"], cell["value"], cell["now"]) for cell in lost["cells"]] == [("amount", 100.0, 700.0)]
    assert "由“100.0”改为“700.0”" in str(dossier(tmp_path, FD))
    assert "from 100.0 to 700.0" in str(dossier(tmp_path, FD, lang="en"))
    assert dossier(tmp_path, FD, DAYS[0]).content["lost"] == []
