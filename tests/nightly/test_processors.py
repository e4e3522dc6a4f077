"""The same decision gives the same bytes on every processor, and with Python's docstrings and assertions stripped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__

from sorg_risk.nightly.store import Store
from tests.nightly.conftest import FIRST, tree

MODEST = {
    "OPENBLAS_CORETYPE": "Prescott",
    "NPY_DISABLE_CPU_FEATURES": " ".join(__cpu_dispatch__),
    "NUMBA_CPU_NAME": "generic",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX2_Usable,-FMA_Usable,-FMA4_Usable,-AVX512F_Usable",
}
"""Everything that a library chooses by the processor, set to the least."""
OTHER = {"OPENBLAS_CORETYPE": "Haswell"}

EXPLAIN = """
import hashlib, sys
import numpy as np, pandas as pd
import sorg_risk as sr
from sorg_risk.model import default_bundle

model = sr.RiskModel.load(default_bundle())
X = sr.features(sr.open(sys.argv[1]).as_of("2026-06-15"))
rows = pd.concat([X[list(model.columns_.names)]] * 120, ignore_index=True)
values = sr.ExactExplainer(model, model.background_).shap_values(rows)
for array in (X.select_dtypes("number").to_numpy(), values, model.points(rows), model.predict_proba(rows)):
    print(hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest())
"""


def run(arguments: list[str], variables: dict[str, str], flags: list[str] | None = None) -> str:
    environment = {**os.environ, **variables}
    words = [sys.executable, *(flags or []), *arguments]
    result = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def reference(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return night(folder, tmp_path_factory.mktemp("reference"), {})


def night(folder: Path, out: Path, variables: dict[str, str], flags: list[str] | None = None) -> dict[str, str]:
    """Digests of the files published by a night in a process of its own."""
    run(["-m", "sorg_risk", "nightly", str(folder), "--as-of", FIRST, "--out", str(out)], variables, flags)
    return tree(Store(out).run(FIRST))


@pytest.mark.parametrize("variables", [MODEST, OTHER], ids=["least", "other"])
def test_a_night_has_the_same_bytes_on_another_processor(folder, reference, tmp_path, variables):
    caches = {"NUMBA_CACHE_DIR": str(tmp_path / "compiled")} if "NUMBA_CPU_NAME" in variables else {}
    assert night(folder, tmp_path / "out", {**variables, **caches}) == reference


def test_a_night_has_the_same_bytes_without_docstrings_and_assertions(folder, reference, tmp_path):
    assert night(folder, tmp_path / "out", {}, ["-OO"]) == reference


def test_features_scores_and_tables_of_contributions_have_the_same_bytes(folder, tmp_path):
    expected = run(["-c", EXPLAIN, str(folder)], {})
    assert run(["-c", EXPLAIN, str(folder)], {**MODEST, "NUMBA_CACHE_DIR": str(tmp_path)}) == expected
    assert len(expected.split()) == 4
