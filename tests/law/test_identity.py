"""What identifiers do to the law: one decision is one however it is written, nobody is no relative, references have their forms."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

import sorg_risk as sr
from sorg_risk.law.flows import looked_at
from sorg_risk.law.known import Known
from sorg_risk.law.registry import _BY_NAME
from sorg_risk.law.repair import publication
from sorg_risk.law.worked import given as rows_of
from sorg_risk.law.worked import org, post
from sorg_risk.records import TABLES, open
from sorg_risk.records.doubtful_identity import is_one_sign_apart
from sorg_risk.records.doubts import doubts
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.ledger.wide import WideSource
from sorg_risk.records.rule_ids import RULE_IDS

DAY = "2024-06-28"
DRESS = [" {}", "{}\t", "\u200b{}", "{}\u3000", "\ufeff{}\u2060"]


def code(number: int, kind: str = "51") -> str:
    body = f"{kind}440300{number:09d}"
    return body + uscc.calc_check_digit(body)


A, B, F = code(1), code(2), code(3, "53")


def frames(*orgs: str, **tables: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    register = pd.DataFrame(
        {"org_id": list(orgs), "status": "active", "registered_on": "2023-06-01", "recorded_at": "2023-06-02"}
    )
    return {"organizations": register} | {name: pd.DataFrame(rows) for name, rows in tables.items()}


def view(*orgs: str, **tables: list[dict[str, Any]]) -> Any:
    return open(frames(*orgs, **tables)).as_of(DAY)


def penalty(key: str, kind: str = "fine", day: str = "2024-02-01", org_id: str = A, **more: Any) -> dict[str, Any]:
    plain = {"penalty_id": key, "org_id": org_id, "kind": kind, "decided_on": day, "recorded_at": day}
    return {**plain, "amount": 3000.0 if kind == "fine" else None, **more}


def exemption(refers_to: str, kind: str = "objection", org_id: str = A, **more: Any) -> dict[str, Any]:
    plain = {"exemption_id": "e1", "org_id": org_id, "kind": kind, "refers_to": refers_to, "outcome": "granted"}
    return {**plain, "decided_on": "2024-04-01", "recorded_at": "2024-04-02", **more}


def position(number: int, org_id: str, **more: Any) -> dict[str, Any]:
    plain = {"position_id": f"o{number}", "person_id": f"P{number}", "org_id": org_id, "role": "legal_representative"}
    return {**plain, "started_on": "2023-07-01", "recorded_at": "2023-07-02", **more}


def grounds(found: Any) -> set[str]:
    return set(sr.apply_law(found)["ground"])


def test_the_declared_rule_ids_are_those_of_the_rulebook():
    assert sorted(RULE_IDS) == sorted(_BY_NAME), "declare new rules in records/rule_ids.py"


NUMBERS = st.sampled_from(["粤民罚〔2024〕12号", "深民处[2024]3号", "龙民罚字（2024）第8号"])


@settings(max_examples=6, deadline=None, phases=[Phase.generate])
@given(
    NUMBERS, st.sampled_from(DRESS), st.sampled_from(["〔{}〕", "[{}]", "（{}）", "【{}】", "［{}］"]), st.booleans()
)
def test_a_decision_entered_twice_is_one_decision(number, dress, brackets, wide):
    other = dress.format(
        pd.Series([number]).str.replace(r"[〔\[（](\d+)[〕\]）]", brackets.format(r"\1"), regex=True)[0]
    )
    other = "".join(chr(ord(sign) + 0xFEE0) if wide and sign.isdigit() else sign for sign in other)
    rows = [penalty("q1", "warning", decision_id=number), penalty("q2", decision_id=other)]
    right = [penalty("q1", "warning", decision_id=number), penalty("q2", decision_id=number)]
    found = view(A, penalties=rows)
    assert "SL-05" not in grounds(found)
    pd.testing.assert_frame_equal(sr.apply_law(found), sr.apply_law(view(A, penalties=right)))
    assert doubts(found).empty


def test_numbers_one_sign_apart_are_doubted_and_change_nothing():
    rows = [penalty("q1", "warning", decision_id="深民罚〔2024〕1号"), penalty("q2", decision_id="深民罚〔2024〕7号")]
    found = view(A, penalties=rows)
    assert "SL-05" in grounds(found)
    (line,) = doubts(found).to_dict("records")
    assert (line["rule"], line["primary_key"], line["org_id"]) == ("near_decision_number", "q2", A)
    assert "深民罚〔2024〕1号" in line["text_zh"]


@pytest.mark.parametrize(
    "change",
    [
        {"decision_id": "深民罚〔2024〕12号"},
        {"decision_id": "罚〔2024〕1号", "org_id": B},
        {"decision_id": "深民罚〔2024〕7号", "decided_on": "2024-02-02"},
        {"decision_id": "深民罚〔2024〕7号", "authority": "深圳市民政局"},
        {"decision_id": None},
        {"decision_id": "深民罚〔2024〕10号"},
    ],
)
def test_numbers_of_other_days_authorities_or_organisations_are_no_doubt(change):
    rows = [penalty("q1", decision_id="深民罚〔2024〕1号"), penalty("q2") | {"recorded_at": "2024-03-01"} | change]
    near = change.get("decision_id") in ("深民罚〔2024〕12号", "深民罚〔2024〕10号")
    assert doubts(view(A, B, penalties=rows))["rule"].tolist() == ["near_decision_number"] * near


@given(st.text("ab〔1号", max_size=6), st.text("ab〔1号", max_size=6))
def test_one_sign_apart_is_symmetric_and_never_of_the_same(one, other):
    assert is_one_sign_apart(one, other) == is_one_sign_apart(other, one)
    assert not is_one_sign_apart(one, one)
    assert is_one_sign_apart(one, one + "x")
    assert is_one_sign_apart("x" + one, "y" + one)


@pytest.mark.parametrize(
    ("refers_to", "gone"),
    [
        ("q1", {"AL-05a"}),
        ("penalties:q1", {"AL-05a"}),
        ("Penalties：q1 ", {"AL-05a"}),
        ("市罚〔2024〕5号", {"AL-05a"}),
        ("市罚[2024]５号", {"AL-05a"}),
        ("penalties:市罚（2024）5号", {"AL-05a"}),
        ("AL-05a:2024", set()),
        ("filings:q1", set()),
        ("q9", set()),
        ("complaints:q1", set()),
    ],
)
def test_an_objection_means_what_it_names_in_every_form(refers_to, gone):
    rows = [penalty("q1", "warning", decision_id="市罚〔2024〕5号")]
    before = grounds(view(A, penalties=rows))
    assert "AL-05a" in before
    found = view(A, penalties=rows, exemptions=[exemption(refers_to)])
    assert before - grounds(found) == gone


def test_the_number_of_a_decision_means_all_its_penalties():
    rows = [penalty("q1", "warning", decision_id="市罚〔2024〕5号"), penalty("q2", decision_id="市罚〔2024〕5号")]
    found = view(A, penalties=rows, exemptions=[exemption("市罚〔2024〕5号")])
    assert not grounds(found) & {"AL-05a", "AL-05b", "SL-05"}
    known = Known(found)
    assert known.table("penalties").empty
    assert (
        publication(Known(view(A, penalties=rows, exemptions=[exemption("市罚〔2024〕5号", "repair")])))["repaired_on"]
        .notna()
        .all()
    )


def test_a_key_with_a_table_means_that_table_only():
    filing = {"filing_id": "q1", "org_id": A, "kind": "audit_report", "fiscal_year": 2023, "recorded_at": "2024-02-01"}
    tables = {"penalties": [penalty("q1", "warning")], "filings": [filing]}
    known = Known(view(A, **tables, exemptions=[exemption("filings:q1")]))
    assert (len(known.table("penalties")), len(known.table("filings"))) == (1, 0)
    known = Known(view(A, **tables, exemptions=[exemption("q1")]))
    assert (len(known.table("penalties")), len(known.table("filings"))) == (0, 0)


def test_an_objection_to_a_year_is_read_whatever_its_case():
    table = {
        "filings": [
            {"filing_id": "r", "org_id": A, "kind": "audit_report", "fiscal_year": 2022, "recorded_at": "2024-02-01"}
        ]
    }
    assert "AL-01" in grounds(view(A, **table))
    for name in ("AL-01:2023", "al01:2023", "ＡＬ－０１：２０２３"):
        assert "AL-01" not in grounds(view(A, **table, exemptions=[exemption(name)]))


@pytest.mark.parametrize("table", ["exemptions", "procedures"])
@pytest.mark.parametrize(
    ("refers_to", "is_told"),
    [
        ("q1", False),
        ("penalties:q1", False),
        ("市罚〔2024〕5号", False),
        ("AL-01:2022", False),
        (A, False),
        ("x1", False),
        ("fund_flows:x1", False),
        ("q2", True),
        ("filings:q1", True),
        ("AL-01:22", True),
        ("AL-01:2031", True),
        ("AL-1:2022", True),
        ("AL-01", True),
        ("市罚〔2024〕6号", True),
        ("later", True),
        ("fund_flows:x2", True),
        (f"organizations:{B}", True),
    ],
)
def test_what_refers_to_nothing_is_told(table, refers_to, is_told):
    flow = {
        "flow_id": "x1",
        "org_id": A,
        "booked_on": "2024-01-01",
        "direction": "in",
        "amount": 1,
        "recorded_at": "2024-01-02",
    }
    tables: dict[str, Any] = {
        "penalties": [
            penalty("q1", "warning", decision_id="市罚〔2024〕5号"),
            penalty("q2", org_id=B),
            penalty("later", recorded_at="2024-07-01"),
        ],
        "fund_flows": [flow],
    }
    step = {"procedure_id": "e1", "org_id": A, "step": "verified", "done_on": "2024-04-01", "recorded_at": "2024-04-02"}
    tables[table] = [exemption(refers_to) if table == "exemptions" else {**step, "refers_to": refers_to}]
    lines = doubts(view(A, B, **tables))
    if refers_to == A and table == "exemptions":
        is_told = True
    assert lines[["table", "primary_key", "rule"]].values.tolist() == [[table, "e1", "reference_to_nothing"]] * is_told


@pytest.mark.parametrize("refers_to", ["0123456789abcdef", "0123456789ab"])
def test_flags_and_cases_are_named_by_steps_only(refers_to):
    step = {"procedure_id": "s", "org_id": A, "step": "verified", "done_on": "2024-04-01", "recorded_at": "2024-04-02"}
    assert doubts(view(A, procedures=[{**step, "refers_to": refers_to}])).empty
    assert doubts(view(A, exemptions=[exemption(refers_to)]))["rule"].tolist() == ["reference_to_nothing"]


def test_a_record_that_was_annulled_is_still_something():
    rows = [penalty("q1"), penalty("q1", recorded_at="2024-03-01", voided="true")]
    assert doubts(view(A, penalties=rows, exemptions=[exemption("q1")])).empty


@pytest.mark.parametrize("form", ["{}", "penalties:{}"])
def test_a_step_means_the_flag_of_the_record_it_names(form):
    inspection = {
        "inspection_id": "n1",
        "org_id": A,
        "kind": "party_duty",
        "outcome": "unmet",
        "issued_on": "2024-01-10",
        "recorded_at": "2024-01-11",
    }
    step = {
        "procedure_id": "s1",
        "org_id": A,
        "step": "notice_sent",
        "done_on": "2024-03-01",
        "recorded_at": "2024-03-02",
    }
    named = form.format("n1").replace("penalties", "inspections")
    found = sr.apply_law(view(A, inspections=[inspection], procedures=[{**step, "refers_to": named}]))
    assert found.set_index("ground").loc["AL-02", "next_step"] == "await_statement"


def crowd(number: int, **more: Any) -> tuple[list[str], list[dict[str, Any]]]:
    orgs = [code(100 + place, "53") for place in range(number)]
    return orgs, [position(place, org_id, **more) for place, org_id in enumerate(orgs)]


@pytest.mark.parametrize(("number", "stands"), [(20, True), (21, False)])
def test_a_person_of_too_many_posts_is_nobody(number, stands):
    orgs, posts = crowd(number, person_id="通用代号")
    found = view(*orgs, positions=posts)
    assert ("GO-05" in grounds(found)) == stands
    told = doubts(found)
    assert told["rule"].tolist() == ([] if stands else ["widespread_person_id"] * number)
    assert told["text_zh"].str.contains(f"{number}个社会组织").all()


@pytest.mark.parametrize(("number", "stands"), [(20, True), (21, False)])
def test_a_group_of_too_many_relatives_is_no_group(number, stands):
    orgs, posts = crowd(number, kin_group="亲属", role="director")
    paid = {
        "flow_id": "x",
        "org_id": orgs[0],
        "booked_on": "2024-01-01",
        "direction": "out",
        "amount": 9,
        "recorded_at": "2024-01-02",
    }
    flow = paid | {"counterparty_id": "P7", "counterparty_kind": "person", "purpose": "service_fee"}
    found = view(*orgs, positions=posts, fund_flows=[flow])
    assert ("MO-11" in grounds(found)) == stands
    assert set(doubts(found)["rule"]) == (set() if stands else {"widespread_kin_group"})


def test_how_widespread_a_name_is_depends_on_what_was_known():
    orgs, posts = crowd(21, person_id="K")
    posts[20] |= {"recorded_at": "2024-12-01"}
    source = open(frames(*orgs, positions=posts))
    assert doubts(source.as_of(DAY)).empty
    assert len(doubts(source.as_of("2024-12-31"))) == 21


def test_a_night_larger_than_memory_says_the_same(tmp_path):
    orgs, posts = crowd(22, person_id="K", kin_group="G")
    flow = {
        "flow_id": "x1",
        "org_id": orgs[0],
        "booked_on": "2024-01-01",
        "direction": "in",
        "amount": 1,
        "recorded_at": "2024-01-02",
    }
    given = [
        exemption(name, org_id=orgs[0], exemption_id=f"e{place}")
        for place, name in enumerate(("x1", "fund_flows:x1", "x2"))
    ]
    source = open(frames(*orgs, positions=posts, fund_flows=[flow], exemptions=given))
    ledger = Ledger.open(tmp_path)
    ledger.bring(source)
    wide = WideSource(ledger.at(), held=looked_at).as_of(DAY)
    plain = source.as_of(DAY)
    pd.testing.assert_frame_equal(wide.gathered(doubts), doubts(plain))
    assert (doubts(plain)["rule"] == "reference_to_nothing").sum() == 1
    pd.testing.assert_frame_equal(sr.apply_law(wide), sr.apply_law(plain))


IDENTIFIERS = [(table.name, column.name) for table in TABLES.values() for column in table.columns if column.identifier]


@settings(max_examples=5, deadline=None, phases=[Phase.generate])
@given(st.lists(st.sampled_from(DRESS), min_size=len(IDENTIFIERS), max_size=len(IDENTIFIERS)), st.booleans())
def test_the_law_sees_no_padding_and_no_width(dresses, wide):
    tables = frames(
        A,
        F,
        penalties=[
            penalty("q1", "warning", decision_id="市罚〔2024〕5号"),
            penalty("q2", decision_id="市罚〔2024〕5号"),
        ],
        positions=[
            position(1, A),
            position(2, F, kin_group="K"),
            position(3, A, kin_group="K"),
            position(4, F, person_id="P1"),
        ],
        listings=[
            {
                "listing_id": "l1",
                "org_id": A,
                "list": "abnormal",
                "action": "listed",
                "decided_on": "2024-03-01",
                "ground": "AL-05a",
                "recorded_at": "2024-03-01",
            }
        ],
        exemptions=[exemption("q2")],
        fund_flows=[
            {
                "flow_id": "x",
                "org_id": F,
                "booked_on": "2024-01-01",
                "direction": "out",
                "amount": 9,
                "counterparty_id": "P3",
                "recorded_at": "2024-01-02",
            }
        ],
    )
    dressed = {name: frame.copy() for name, frame in tables.items()}
    for (table, column), dress in zip(IDENTIFIERS, dresses):
        if table in dressed and column in dressed[table]:
            cells = dressed[table][column]
            dressed[table][column] = [
                None
                if pd.isna(cell)
                else dress.format("".join(chr(ord(s) + 0xFEE0) if wide and s.isdigit() else s for s in cell))
                for cell in cells
            ]
    right, same = (open(given).as_of(DAY) for given in (tables, dressed))
    assert {"MO-11", "GO-05"} <= grounds(right)
    pd.testing.assert_frame_equal(sr.apply_law(same), sr.apply_law(right))
    assert same.digests() == right.digests()


def test_relatives_named_by_a_word_for_nothing_are_none():
    for word in ("无", "不详", "——", "0", "否", "#N/A"):
        tables = rows_of(org(F), post("director", F, "P1", kin_group=word), post("director", F, "P2", kin_group=word))
        found = open({name: pd.DataFrame(rows) for name, rows in tables.items()}).as_of("2024-12-31")
        assert found.table("positions")["kin_group"].isna().all()
