"""Files of an output folder are for owner and group alone, whatever the umask; only the numbers are for a collector."""

from __future__ import annotations

import os
import stat

import pytest

from sorg_risk.errors import OutOfMemoryError
from sorg_risk.nightly.settings import Settings
from sorg_risk.nightly.verify import verify
from sorg_risk.records import disk
from tests.nightly.conftest import SECOND, tree


def modes(out) -> dict[str, int]:
    return {path.relative_to(out).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in out.rglob("*")}


@pytest.fixture
def umask():
    """Sets the umask of the process, for one test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_new_files_are_for_owner_and_group_alone(night, tmp_path, umask, mask):
    umask(mask)
    out = tmp_path / "new" / "out"
    night(out, settings=Settings(metrics_mode="0644"))
    assert umask(mask) == mask, "the umask is as it was"
    found = modes(out)
    assert found.pop("metrics.prom") == 0o644
    assert len(found) > 40
    open_to_others = {name: oct(mode) for name, mode in found.items() if mode & 0o027}
    assert open_to_others == {}
    if mask:
        assert not [name for name, mode in found.items() if mode & 0o077]


def test_rights_of_the_numbers_are_a_setting(nights, night):
    night(nights, "2026-07-21", settings=Settings(metrics_mode="600"))
    assert modes(nights)["metrics.prom"] == 0o600


def test_what_was_left_open_is_closed(nights, night, umask):
    for path in (nights / "ledger", nights / "runs", nights / "audit.sqlite", nights / "CURRENT"):
        path.chmod(0o777)
    night(nights, SECOND)
    assert not [name for name, mode in modes(nights).items() if mode & 0o027 and name != "metrics.prom"]


@pytest.mark.parametrize(
    "point",
    ["ledger-state:half", "stage-features:half", "scores:half", "report:half", "audit:before-commit", "run:replaced"],
)
def test_no_memory_at_any_stage_is_a_named_error_and_the_run_before_stands(nights, night, monkeypatch, frames, point):
    current = (nights / "CURRENT").read_text(encoding="utf-8")
    before = tree(nights / "runs")
    monkeypatch.setenv(disk.FAULT, f"{point}=MEMORY")
    disk._passed.clear()
    with pytest.raises(OutOfMemoryError, match=r"out of memory .*the previous run still stands.*Raise memory_limit_mb"):
        night(nights, "2026-07-21", {**frames, "complaints": frames["complaints"].iloc[1:]})
    monkeypatch.delenv(disk.FAULT)
    assert (nights / "CURRENT").read_text(encoding="utf-8") == current
    assert {name: digest for name, digest in tree(nights / "runs").items() if name in before} == before
    night(nights, "2026-07-22")
    assert verify(nights) == []
