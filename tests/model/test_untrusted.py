"""Bundles from elsewhere are read by another process first: if it falls, the caller stands."""

from __future__ import annotations

import pytest

from sorg_risk.errors import ModelError
from sorg_risk.model import RiskModel
from sorg_risk.model.bundle import packed
from sorg_risk.model.untrusted import survives

from . import damage
from .made import fitted


@pytest.fixture
def folder(tmp_path):
    return fitted().save(tmp_path / "m")


def test_a_sound_bundle_passes(folder) -> None:
    assert len(RiskModel.load(folder, trusted=False).members) == len(fitted().members)


def test_a_resealed_cycle_is_refused(folder) -> None:
    text = (folder / "member-0.txt").read_bytes()
    (folder / "member-0.txt").write_bytes(damage._cycle(text, None))
    damage.resealed(folder)
    with pytest.raises(ModelError, match=r"separate process.*Nothing was loaded"):
        RiskModel.load(folder, trusted=False)


def test_the_time_limit_holds() -> None:
    with pytest.raises(ModelError, match="not read within"):
        survives(packed(fitted()), time_limit=0.01)
