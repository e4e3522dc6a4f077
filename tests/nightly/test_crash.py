"""Kills at points spread over the whole night, a full and a read-only disk; the long campaign is ``benchmarks/crash.py``."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this machine")
def test_after_every_kill_a_rerun_gives_the_run_an_undisturbed_night_gives(root):
    command = [
        sys.executable,
        root / "benchmarks" / "crash.py",
        "--kills",
        "3",
        "--step",
        "41",
        "--errors",
        "1",
        "--json",
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["wrong"] == []
    assert result["mixed"] == 0
    assert result["reads"] > 10
    assert result["points"] > 60
