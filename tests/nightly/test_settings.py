"""Settings: typed, file under environment under command line, secrets never shown."""

from __future__ import annotations

import json

import pytest

from sorg_risk.errors import DataError, UsageError
from sorg_risk.nightly.settings import Settings


def written(folder, text: str):
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_under_the_environment_under_the_command_line(tmp_path, monkeypatch):
    path = written(tmp_path, 'lists = "assumed"\nkeep_runs = 7\n[gates]\nmost_drift = 0.5\n')
    assert (Settings.load(path).lists, Settings.load(path).gates.most_drift) == ("assumed", 0.5)
    monkeypatch.setenv("SORG_RISK_LISTS", "decided")
    monkeypatch.setenv("SORG_RISK_GATES__MOST_DRIFT", "0.4")
    over = Settings.load(path)
    assert (over.lists, over.gates.most_drift, over.keep_runs) == ("decided", 0.4, 7)
    assert over.with_(lists="assumed", keep_runs=None).lists == "assumed"


def test_secrets_are_never_shown(monkeypatch):
    monkeypatch.setenv("SORG_RISK_DATABASE", "postgresql://writer:canary-s3cret@registry/npo")
    settings = Settings.load()
    assert settings.database is not None
    assert settings.database.get_secret_value().endswith("registry/npo")
    for text in (repr(settings), str(settings), json.dumps(settings.shown())):
        assert "canary-s3cret" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('list = "assumed"', "Did you mean 'lists'"),
        ("[gates]\nmost_drfit = 1", "Did you mean 'gates.most_drift'"),
        ('lists = "perhaps"', "lists: input should be 'decided' or 'assumed'"),
        ("[gates]\nmost_quarantined = 2", "gates.most_quarantined: input should be less than or equal to 1"),
        ("memory_limit_mb = 1", "memory_limit_mb: input should be greater than or equal to 512"),
        ("keep_runs = 0", "keep_runs"),
        ("= =", "is not TOML"),
    ],
)
def test_errors_name_place_and_cure(tmp_path, text, said):
    with pytest.raises(UsageError) as refused:
        Settings.load(written(tmp_path, text))
    assert said in str(refused.value)


def test_a_missing_file_is_missing_input(tmp_path):
    with pytest.raises(DataError, match="settings file not found"):
        Settings.load(tmp_path / "none.toml")


def test_a_gate_is_turned_off_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("SORG_RISK_GATES__FEWEST_ROWS", "off")
    gates = Settings.load(written(tmp_path, '[gates]\nmost_drift = "off"\nsame_columns = false')).gates
    assert (gates.fewest_rows, gates.most_drift, gates.same_columns, gates.most_rows) == (None, None, False, 1.8)


@pytest.mark.parametrize(("name", "meant"), [("SORG_RISK_DATABSE", "DATABASE"), ("SORG_RISK_GATE__MOST_ROWS", "GATES")])
def test_a_slip_in_the_environment_is_an_error(monkeypatch, name, meant):
    monkeypatch.setenv(name, "postgresql://a:canary-s3cret@b/c")
    with pytest.raises(UsageError, match=f"'{name}', which is no setting. Did you mean 'SORG_RISK_{meant}'") as refused:
        Settings.load()
    assert "canary" not in str(refused.value)


def test_other_names_of_the_environment_are_nobody_elses_business(monkeypatch):
    for name in ("SORG_RISK_DEBUG", "SORG_RISK_DATA", "SORG_RISK_FAULT_POINT", "SORGRISK_LIST"):
        monkeypatch.setenv(name, "")
    Settings.load()
