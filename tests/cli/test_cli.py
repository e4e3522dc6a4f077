"""Every command does its work or says in one line what is wrong, with the exit code of the contract."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import unicodedata
from importlib import import_module

import pandas as pd
import pytest

from sorg_risk.cli import run
from sorg_risk.cli.app import progress
from sorg_risk.nightly import lock
from sorg_risk.nightly.settings import Settings
from sorg_risk.nightly.store import Store
from sorg_risk.records import disk
from sorg_risk.simulate import simulate, write
from tests.servers import executed

DAYS = ("2026-06-15", "2026-07-20")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("registry")
    write(simulate(40, 5), place)
    return place


@pytest.fixture(scope="module")
def out(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("cli") / "out"
    assert run(["nightly", str(folder), "--as-of", DAYS[0], "--out", str(place)]) == 0
    assert run(["nightly", str(folder), "--as-of", DAYS[1], "--out", str(place)]) == 0
    return place


def said(capsys) -> str:
    captured = capsys.readouterr()
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("sorg-risk: ")
    return lines[0]


def test_a_rerun_says_unchanged(out, folder, capsys):
    assert run(["nightly", str(folder), "--as-of", DAYS[1], "--out", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("unchanged: ")
    assert captured.err == ""


def test_a_back_fill_is_the_single_days(out, folder, tmp_path):
    span, single = tmp_path / "span", tmp_path / "single"
    shutil.copytree(out, single)
    assert run(["nightly", str(folder), "--from", DAYS[0], "--to", "2026-06-16", "--out", str(span)]) == 0
    assert run(["nightly", str(folder), "--as-of", "2026-06-16", "--out", str(single)]) == 0
    made = Store(span).runs()
    assert [path.parent.name for path in made] == [DAYS[0], "2026-06-16"]
    for one in made:
        assert one.name == Store(single).run(one.parent.name).name
        assert files(one) == files(single / Store(span).named(one))


def files(run_folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run_folder.iterdir() if path.name != "manifest.json"}


def test_a_dry_run(folder, tmp_path, capsys):
    assert run(["nightly", str(folder), "--as-of", DAYS[0], "--out", str(tmp_path / "o"), "--dry-run"]) == 0
    assert "dry run: would publish" in capsys.readouterr().out
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_dossier_of_an_organisation(out, lang, capsys):
    org = pd.read_parquet(Store(out).run() / "scores.parquet")["org_id"][0]
    assert run(["explain", str(out), org, "--lang", lang]) == 0
    text = capsys.readouterr().out
    assert org in text
    assert all(day in text for day in DAYS)  # the history, and what changed since the run before
    assert run(["explain", str(out), org, "--lang", lang, "--format", "html"]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>")
    assert run(["explain", str(out), org, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["organization"]["org_id"] == org
    assert any(row["records"] for row in told["reasons"])
    assert all(flag["facts"] and flag["clearing"] for flag in told["flags"] if flag["basis"] == "statutory")


def test_the_dossier_without_a_ledger_says_what_the_tables_say(out, tmp_path, capsys):
    flags = pd.read_parquet(Store(out).run() / "flags.parquet")
    org = flags.loc[flags["basis"] == "statutory", "org_id"].iloc[0]
    shutil.copytree(out, tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "ledger" / "rows")
    assert run(["explain", str(tmp_path / "out"), org, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["organization"] == {}
    assert all(flag["facts"] and not flag["clearing"] for flag in told["flags"] if flag["basis"] == "statutory")


def test_diff_verify_replay_watch(out, capsys):
    assert run(["diff", str(out)]) == 0
    assert capsys.readouterr().out.startswith(f"since {DAYS[0]}: ")
    assert run(["diff", str(out), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["since"] == DAYS[0]
    assert run(["verify", str(out)]) == 0
    assert "everything holds" in capsys.readouterr().out
    assert run(["replay", str(out), "--run", Store(out).run(DAYS[0]).name]) == 0
    assert "every byte the same" in capsys.readouterr().out
    assert run(["watch", str(out)]) == 0


def test_a_replay_that_differs_is_refused(out, capsys, monkeypatch):
    monkeypatch.setattr(import_module("sorg_risk.nightly.decision"), "code_digest", lambda: "another version")
    assert run(["replay", str(out)]) == 3
    captured = capsys.readouterr()
    assert "another version of the program" in captured.out
    assert "could not be made again as it was published" in captured.err


def test_a_night_in_a_database_and_the_same_by_hand(folder, tmp_path, capsys, monkeypatch, postgres):
    place = tmp_path / "o"
    monkeypatch.setenv("SORG_RISK_DATABASE", postgres)
    assert run(["nightly", str(folder), "--as-of", DAYS[0], "--out", str(place)]) == 0
    rows = capsys.readouterr().out.partition("written to the database: ")[2].strip()
    scored = len(pd.read_parquet(Store(place).run() / "scores.parquet"))
    assert rows.startswith(f"scores {scored}, ")
    assert executed(postgres, "select count(*) from sorg_risk.scores") == [(scored,)]
    monkeypatch.delenv("SORG_RISK_DATABASE")
    assert run(["export", str(place), "--run", DAYS[0], "--database", postgres]) == 0
    assert capsys.readouterr().out.strip() == rows
    assert executed(postgres, "select count(*) from sorg_risk.scores") == [(scored,)]


def test_a_day_before_what_the_model_knows_is_a_warning(folder, tmp_path, capsys):
    assert run(["nightly", str(folder), "--as-of", "2024-01-31", "--out", str(tmp_path / "o"), "--dry-run"]) == 0
    assert capsys.readouterr().err.startswith("warning: ")


def test_a_night_without_flags_says_so_and_no_more(tmp_path, capsys):
    young = {"org_id": "51440300000000001M", "name": "甲", "org_type": "association", "status": "active"}
    days = {"registered_on": "2026-07-01", "recorded_at": "2026-07-01"}
    (tmp_path / "in").mkdir()
    pd.DataFrame([{**young, **days}]).to_csv(tmp_path / "in" / "organizations.csv", index=False)
    assert run(["nightly", str(tmp_path / "in"), "--as-of", DAYS[1], "--out", str(tmp_path / "o")]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["1 organisations scored, 0 flags, 0 rows quarantined"]


def test_a_changed_file_fails_the_verification(out, tmp_path, capsys):
    shutil.copytree(out, tmp_path / "out")
    (Store(tmp_path / "out").run() / "flags.csv").write_text("x", encoding="utf-8")
    assert run(["verify", str(tmp_path / "out")]) == 3
    assert "flags.csv was changed" in said(capsys)


def test_holding_releasing_retiring(out, tmp_path, capsys):
    place = tmp_path / "out"
    shutil.copytree(out, place)
    assert run(["hold", str(place), DAYS[0], "--author", "王", "--reason", "诉讼"]) == 0
    assert run(["retire", str(place)]) == 0
    assert "0 runs could go" in capsys.readouterr().out
    assert run(["release", str(place), DAYS[0], "--author", "王", "--reason", "结案"]) == 0
    assert run(["retire", str(place), "--yes"]) == 0


def test_retiring_names_each_run_and_asks_first(out, folder, tmp_path, capsys):
    place, few = tmp_path / "out", tmp_path / "few.toml"
    shutil.copytree(out, place)
    few.write_text("keep_runs = 1\nkeep_days = 1\n", encoding="utf-8")
    oldest = Store(place).named(Store(place).run(DAYS[0]))
    assert run(["nightly", str(folder), "--as-of", "2026-07-21", "--out", str(place)]) == 0
    capsys.readouterr()
    assert run(["retire", str(place), "--settings", str(few)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"would remove: {oldest}"
    assert (place / oldest).is_dir()
    assert run(["retire", str(place), "--settings", str(few), "--yes"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"removed: {oldest}", "1 runs removed"]
    assert not (place / oldest).exists()


def test_check_tells_what_is_refused_and_strict_says_so(folder, tmp_path, capsys):
    assert run(["check", str(folder)]) == 0
    spoilt = tmp_path / "spoilt"
    shutil.copytree(folder, spoilt)
    rows = pd.read_parquet(spoilt / "fund_flows.parquet").head(5).assign(amount=-1.0)
    (spoilt / "fund_flows.parquet").unlink()
    rows.to_csv(spoilt / "fund_flows.csv", index=False, encoding="gb18030")
    assert run(["check", str(spoilt)]) == 0
    told = capsys.readouterr().out
    assert "not_positive" in told
    assert "fund_flows.csv: 5 rows, read as" in told
    assert run(["check", str(spoilt), "--strict"]) == 3
    assert "5 rows were refused" in said(capsys)


def test_what_holds_is_not_doubted_and_where_no_row_holds_nothing_is(tmp_path, capsys):
    row = {"org_id": "51440300000000001M", "name": "甲", "org_type": "association", "recorded_at": "2026-07-01"}
    for day, refused in (("2026-07-01", 0), ("no day", 1)):
        pd.DataFrame([{**row, "recorded_at": day}]).to_csv(tmp_path / "organizations.csv", index=False)
        assert run(["check", str(tmp_path)]) == 0
        told = capsys.readouterr().out
        assert ("quarantined by rule" in told) == bool(refused)
        assert "doubtful" not in told


def test_a_model_is_trained_and_used(tmp_path, capsys):
    write(simulate(150, 5), tmp_path / "in")
    span = ["--from", "2020-10-31", "--to", "2024-10-31", "--out", str(tmp_path / "m"), "--every", "12"]
    assert run(["train", str(tmp_path / "in"), *span]) == 0
    told = capsys.readouterr().out
    assert "on 4 days (2020-10-31 to 2023-10-31)" in told
    assert f"model and card: {tmp_path / 'm'}" in told
    assert (tmp_path / "m" / "card.md").is_file()
    night = ["nightly", str(tmp_path / "in"), "--out", str(tmp_path / "o"), "--model", str(tmp_path / "m"), "--dry-run"]
    assert run([*night, "--as-of", "2024-10-30"]) == 0
    assert "2024-10-31" in capsys.readouterr().err
    assert run([*night, "--as-of", "2024-11-01"]) == 0
    assert capsys.readouterr().err == ""


def test_a_back_test_tells_what_officers_said(folder, tmp_path, capsys):
    shutil.copytree(folder, tmp_path / "in")
    rows = pd.read_parquet(folder / "procedures.parquet")
    org = pd.read_parquet(folder / "organizations.parquet")["org_id"][0]
    said = {"procedure_id": "V1", "org_id": org, "list": "abnormal", "ground": "AL-01", "step": "verdict_false_alarm"}
    said |= {"author": "王", "done_on": "2025-03-01", "recorded_at": "2025-03-01"}
    pd.concat([rows, pd.DataFrame([said])]).astype(str).replace({"nan": "", "NaT": "", "None": "", "<NA>": ""}).to_csv(
        tmp_path / "in" / "procedures.csv", index=False
    )
    (tmp_path / "in" / "procedures.parquet").unlink()
    span = ["--from", "2024-12-31", "--to", "2025-06-30", "--every", "6"]
    assert run(["backtest", str(tmp_path / "in"), *span]) == 0
    head, _, told = capsys.readouterr().out.partition("officers' verdicts as known on 2025-06-30")
    assert head
    assert told.splitlines()[-1].split() == ["abnormal", "0", "1", "0", "0.0"]  # one false alarm, none confirmed


def test_nothing_that_is_read_commands_the_terminal_or_names_a_person(tmp_path, capsys):
    attack = "\x1b]0;owned\x07\x9b2J\u202e\u2066\u2028 11010519491231002X 110105491231002 13812345678"
    rows = {"org_id": ["51440300000000001M", attack], "recorded_at": ["2024-01-02", "2024-01-02"], attack: ["", ""]}
    pd.DataFrame(rows).to_csv(tmp_path / "organizations.csv", index=False)
    (tmp_path / f"penalties {attack[:9]} 11010519491231002X.xls").write_text("", encoding="utf-8")
    assert run(["check", str(tmp_path)]) == 0
    assert run(["check", attack]) == 4
    told = "".join(capsys.readouterr())
    assert "110105********002X" in told
    for number in ("11010519491231002X", "110105491231002", "13812345678"):
        assert number not in told
    assert not [sign for sign in told if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") and sign not in "\n\t"]


def test_simulate_law_and_settings(tmp_path, capsys, monkeypatch):
    assert run(["simulate", "--orgs", "20", "--seed", "1", "--out", str(tmp_path / "s")]) == 0
    assert run(["law", "--on", "2026-10-31"]) == 0
    assert "AL-01" in capsys.readouterr().out
    assert run(["law", "--on", "2026-10-31", "--format", "json"]) == 0
    json.loads(capsys.readouterr().out)
    monkeypatch.setenv("SORG_RISK_DATABASE", "postgresql://w:canary-s3cret@h/d")
    assert run(["settings"]) == 0
    told = capsys.readouterr().out
    assert "canary-s3cret" not in told
    assert json.loads(told)["lists"] == "decided"


def test_the_settings_file_that_is_shipped_is_the_defaults(root):
    content = tomllib.loads((root / "deploy" / "settings.toml").read_text(encoding="utf-8"))
    assert Settings.of(content) == Settings.of({})


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nightly", "SOURCE", "--out", "OUT"], 2, "--as-of DAY"),
        (
            [
                "nightly",
                "SOURCE",
                "--as-of",
                "2026-01-01",
                "--from",
                "2026-01-01",
                "--to",
                "2026-01-02",
                "--out",
                "OUT",
            ],
            2,
            "either",
        ),
        (["nightly", "SOURCE", "--from", "2026-01-02", "--to", "2026-01-01", "--out", "OUT"], 2, "lies before"),
        (["nightly", "SOURCE", "--as-of", "tomorrow", "--out", "OUT"], 2, "write it as 2026-10-31"),
        (["nightly", "SOURCE", "--as-of", "2026-01-01", "--out", "OUT", "--lists", "perhaps"], 2, "perhaps"),
        (["nightly", "SOURCE", "--as-of", "2026-01-01", "--out", "OUT", "--model", "nowhere"], 2, "nowhere"),
        (
            ["nightly", "SOURCE", "--as-of", "2026-01-01", "--out", "OUT", "--mapping", "none.toml"],
            4,
            "mapping file not found",
        ),
        (
            ["nightly", "SOURCE", "--as-of", "2026-01-01", "--out", "OUT", "--settings", "none.toml"],
            4,
            "settings file not found",
        ),
        (["nightly", "nowhere", "--as-of", "2026-01-01", "--out", "OUT"], 4, "data source not found"),
        (
            ["nightly", "postgresql://u:canary-pw@127.0.0.1:1/x", "--as-of", "2026-01-01", "--out", "OUT"],
            4,
            "postgresql://u:***@",
        ),
        (["check", "nowhere"], 4, "data source not found"),
        (["explain", "OUT", "x"], 4, "published run"),
        (["diff", "OUT"], 4, "published run"),
        (["verify", "OUT"], 4, "published run"),
        (["replay", "OUT"], 4, "published run"),
        (["watch", "OUT"], 4, "published run"),
        (["export", "OUT"], 2, "SORG_RISK_DATABASE"),
        (["law", "--on", "never"], 2, "never"),
        (["dance"], 2, "dance"),
        (["simulate", "--orgs", "many", "--out", "OUT"], 2, "many"),
    ],
)
def test_wrong_use_is_one_line_and_its_code(folder, tmp_path, capsys, arguments, code, words):
    given = [{"SOURCE": str(folder), "OUT": str(tmp_path / "o")}.get(word, word) for word in arguments]
    assert run(given) == code
    line = said(capsys)
    assert words in line
    assert "canary-pw" not in line
    assert "Traceback" not in line


def test_the_lock_is_told_at_once(out, folder, capsys):
    with lock.writing(out):
        assert run(["nightly", str(folder), "--as-of", "2026-07-21", "--out", str(out)]) == 75
    assert "another run is writing" in said(capsys)


def test_a_fault_point_may_be_named_on_the_command_line(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(disk, "_passed", disk.Counter())
    monkeypatch.setenv("SORG_RISK_FAULT_POINT", "")  # taken back after the test
    night = ["nightly", str(folder), "--as-of", DAYS[0], "--out", str(tmp_path / "o")]
    assert run([*night, "--fault-point", "run:replaced=ENOSPC"]) == 1
    assert "No space left on device" in said(capsys)


def test_a_full_disk_leaves_the_previous_run(out, folder, tmp_path, capsys, monkeypatch):
    place = tmp_path / "out"
    shutil.copytree(out, place)
    monkeypatch.setattr(disk, "_passed", disk.Counter())
    for point in ("flags:half=ENOSPC", "run:replaced=EROFS"):
        monkeypatch.setenv("SORG_RISK_FAULT_POINT", point)
        assert run(["nightly", str(folder), "--as-of", "2026-07-22", "--out", str(place)]) == 1
        assert "The previous run still stands" in said(capsys)
        assert Store(place).current().startswith(f"runs/{DAYS[1]}/")
    monkeypatch.delenv("SORG_RISK_FAULT_POINT")
    assert run(["nightly", str(folder), "--as-of", "2026-07-22", "--out", str(place)]) == 0


def test_a_folder_without_rights(folder, tmp_path, capsys):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "o").mkdir(mode=0o555)
    assert run(["nightly", str(folder), "--as-of", DAYS[0], "--out", str(tmp_path / "o")]) == 1
    assert "cannot be written" in said(capsys)


def test_a_memory_limit_ends_a_night_that_needs_more(folder, tmp_path):
    command = [sys.executable, "-m", "sorg_risk", "nightly", folder, "--as-of", DAYS[0], "--out", tmp_path / "o"]
    limited = {**os.environ, "SORG_RISK_MEMORY_LIMIT_MB": "512"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=limited, timeout=300)
    assert done.returncode in (1, 4)
    assert "memory_limit_mb" in done.stderr
    assert not (tmp_path / "o" / "CURRENT").exists()


def test_a_fault_point_kills_the_process_and_the_lock_is_free(out, folder, tmp_path, capsys):
    place = tmp_path / "out"
    shutil.copytree(out, place)
    command = [sys.executable, "-m", "sorg_risk", "nightly", str(folder), "--as-of", "2026-07-23", "--out", str(place)]
    done = subprocess.run([*command, "--fault-point", "run:replaced"], capture_output=True, check=False)
    assert done.returncode == -9
    assert Store(place).current().startswith(f"runs/{DAYS[1]}/")
    assert run(command[3:]) == 0
    assert capsys.readouterr().out.startswith("unchanged: "), (
        "the run had been renamed; the rerun completes its publication"
    )
    assert Store(place).current().startswith("runs/2026-07-23/")
    assert run(["verify", str(place)]) == 0


def test_importing_the_command_line_is_light():
    code = "import sys, sorg_risk.cli; print([m for m in ('pandas', 'lightgbm', 'numba', 'shap', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_names_every_command():
    done = subprocess.run([sys.executable, "-m", "sorg_risk", "--help"], capture_output=True, text=True, check=True)
    for name in ("simulate", "check", "train", "backtest", "nightly", "explain", "diff", "verify", "replay", "law"):
        assert name in done.stdout


def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "sorg_risk", "law", "--on", "2026-10-31"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(timeout=120) == 0


@pytest.mark.parametrize(
    ("problem", "code", "words"),
    [
        (KeyboardInterrupt, 130, "interrupted; the previous run still stands."),
        (MemoryError, 1, "out of memory; the previous run still stands. Raise memory_limit_mb"),
    ],
)
def test_what_ends_a_command_from_outside_is_one_line(out, capsys, monkeypatch, problem, code, words):
    def ended(_self):
        raise problem

    monkeypatch.setattr(Store, "runs", ended)
    assert run(["watch", str(out)]) == code
    assert words in said(capsys)


def test_stages_are_told_on_a_terminal_only(capsys, monkeypatch):
    with progress() as tell:
        tell("law")
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress() as tell:
        tell("law")
    assert "law …" in capsys.readouterr().err


def test_an_internal_error_is_one_line(out, capsys, monkeypatch):
    monkeypatch.setattr(Store, "runs", lambda self: 1 / 0)
    assert run(["watch", str(out)]) == 1
    assert "internal error: ZeroDivisionError" in said(capsys)
    monkeypatch.setenv("SORG_RISK_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run(["watch", str(out)])
