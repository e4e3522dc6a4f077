"""Every type has its policy; every rule has a body that acts on it; measures exist in both languages."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from sorg_risk.errors import LawError, NotFound, UsageError
from sorg_risk.policy import BODIES, GRADES, POLICIES, measures, policy, routed
from sorg_risk.policy.registry import collected
from sorg_risk.records import TABLES

TYPES = list(TABLES["organizations"]["org_type"].codes)


def test_every_type_of_the_register_has_a_policy() -> None:
    assert set(POLICIES) == set(TYPES)


@pytest.mark.parametrize("org_type", TYPES)
@pytest.mark.parametrize("grade", GRADES)
def test_measures_speak_both_languages_and_cite(org_type: str, grade: str) -> None:
    for measure in measures(org_type, grade):
        assert measure.zh
        assert measure.en
        assert measure.citation.startswith("《")
        assert measure.en.isascii()


@pytest.mark.parametrize("org_type", TYPES)
def test_key_supervision_begins_with_grade_d(org_type: str) -> None:
    assert "重点监督" in measures(org_type, "D")[0].zh
    assert all("重点监督" not in m.zh for grade in "ABC" for m in measures(org_type, grade))


@pytest.mark.parametrize(
    ("org_type", "ground", "body"),
    [
        ("association", "AL-01", "registration_authority"),
        ("association", "AL-02", "party_body"),
        ("association", "FE-01", "market_regulator"),
        ("foundation", "MO-07", "finance_and_audit"),
        ("foundation", "", "registration_authority"),
        ("service_institution", "GO-06", "registration_authority"),
    ],
)
def test_routes(org_type: str, ground: str, body: str) -> None:
    assert policy(org_type).route(ground) == body
    assert body in BODIES


def test_the_longest_beginning_wins() -> None:
    one = replace(policy("foundation"), routes={"MO": "finance_and_audit", "MO-12": "market_regulator"})
    assert (one.route("MO-12"), one.route("MO-11")) == ("market_regulator", "finance_and_audit")


def test_flags_are_routed_in_their_order() -> None:
    organizations = pd.DataFrame({"org_id": ["b", "a"], "org_type": ["foundation", None]})
    flags = pd.DataFrame({"org_id": ["a", "b", "b"], "ground": ["MO-01", "MO-01", None]}, index=[7, 3, 5])
    found = routed(flags, organizations)
    assert found.to_dict() == {7: "registration_authority", 3: "finance_and_audit", 5: "registration_authority"}


def test_no_flags_no_routes() -> None:
    assert routed(pd.DataFrame({"org_id": [], "ground": []}), pd.DataFrame({"org_id": [], "org_type": []})).empty


def test_mistakes_are_named_with_the_cure() -> None:
    with pytest.raises(NotFound, match="Did you mean 'foundation'"):
        policy("fundation")
    with pytest.raises(UsageError, match="grade 'E' is not one of A, B, C, D"):
        measures("foundation", "E")
    with pytest.raises(LawError, match="two policies speak of type foundation"):
        collected([policy("foundation"), policy("foundation")])
    with pytest.raises(LawError, match="no measure for grade D"):
        replace(policy("foundation"), measures={grade: measures("foundation", grade) for grade in "ABC"})
    with pytest.raises(LawError, match=r"unknown body 'party_bodies'. Did you mean 'party_body'"):
        replace(policy("foundation"), routes={"AL-02": "party_bodies"})
