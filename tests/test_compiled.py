"""Where nothing can be written, kernels are compiled into a folder of the process, which is gone with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sorg_risk import _compiled

SHOW = (
    "import os, stat, sorg_risk; folder = os.environ.get('NUMBA_CACHE_DIR', '');"
    "print(folder, oct(os.stat(folder).st_mode & 0o777) if folder else '')"
)


def shown(first: str = "", **environment: str) -> list[str]:
    there = {key: value for key, value in os.environ.items() if key != _compiled.PLACE}
    done = subprocess.run(
        [sys.executable, "-c", first + SHOW],
        capture_output=True,
        text=True,
        check=True,
        env={**there, "PYTHONPATH": str(Path(_compiled.__file__).parents[1]), **environment},
    )
    return done.stdout.split()


def test_numba_is_left_alone_where_it_can_write(tmp_path):
    assert shown() == []
    assert shown(NUMBA_CACHE_DIR=str(tmp_path))[0] == str(tmp_path)


def test_a_folder_of_the_process_alone():
    folder, rights = shown("import os; os.access = lambda *_: False;")
    assert "sorg-risk-compiled-" in folder
    assert rights == "0o700"
    assert not Path(folder).exists()


def test_the_nearest_folder_there_is_decides(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda place, _rights: place == tmp_path)
    assert _compiled._can_write(tmp_path / "a" / "b")
    assert not _compiled._can_write(tmp_path.parent / "a")


def test_kernels_run_for_a_user_who_may_write_nowhere(root):
    """As the unit file has it: another user, no home, the program not theirs."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can become a user without rights here")
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    kernel = "import numba, sorg_risk; import sorg_risk.law.machine, sorg_risk.records.ledger.hashing; print('ran')"
    done = subprocess.run(
        [*as_nobody, sys.executable, "-B", "-c", kernel],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(root), "HOME": "/nonexistent", "PATH": os.environ["PATH"]},
        cwd="/",
    )
    if "Permission denied" in done.stderr and "site-packages" in done.stderr:
        pytest.skip("the environment cannot be read by another user")
    assert done.stdout == "ran\n", done.stderr
