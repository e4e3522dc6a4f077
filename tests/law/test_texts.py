"""Every rule cites the text of the organisation's own type and level, or does not apply to it; and every value says when it was checked."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from stdnum.cn import uscc

from sorg_risk.cli.app import app
from sorg_risk.errors import LawError, UsageError
from sorg_risk.law import apply_law
from sorg_risk.law.instruments import CHECKED_ON, O60, REG_FD, REG_SG, REG_SSI, Instrument
from sorg_risk.law.registry import RULES
from sorg_risk.law.rule import ALERT, Clause, Rule
from sorg_risk.law.scope import BODIES, Body, Scope
from sorg_risk.law.stale import stale, stale_text
from sorg_risk.law.worked import FD, SSI, A, Record, flow, given, listing, org, penalty, post, report
from sorg_risk.records import open as open_source


@pytest.mark.parametrize("body", BODIES, ids=lambda body: f"{body.level} {body.org_type}")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_a_rule_addresses_every_body_in_its_scope(rule: Rule, body: Body) -> None:
    text = rule.text_for(body)
    if body in rule.scope.bodies():
        assert text is not None
        assert text.instrument.addresses(body)
    for other, types in ((REG_SG, "association"), (REG_SSI, "service_institution"), (REG_FD, "foundation")):
        assert text is None or text.instrument is not other or body.org_type == types


def test_a_rule_without_a_text_for_a_body_cannot_be_made() -> None:
    with pytest.raises(LawError, match="XX-01 cites no text for national foundation; add one to `others`"):
        Rule("XX-01", "某", "x", REG_SG.at(16), flag=ALERT, facts=lambda known: None, clauses=(Clause("a", "a", "a"),))  # type: ignore[arg-type, return-value]


NATIONAL = "51100000000000001" + uscc.calc_check_digit("51100000000000001")
CITED = {
    "MO-12": {A: "《社会团体登记管理条例》第十六条", SSI: "《民办非企业单位登记管理暂行条例》第十四条", FD: "《基金会管理条例》第十四条"},
    "GO-06": {A: "《社会团体章程示范文本》", SSI: "《民办非企业单位（法人）章程示范文本》", FD: "《基金会管理条例》第二十条"},
    "GO-11": {A: "《社会团体登记管理条例》第十条", FD: "《基金会管理条例》第八条"},
    "GR-01": {A: "《社会组织评估管理办法》（民政部令第39号）", NATIONAL: "《全国性社会组织评估管理规定》"},
    "ZO-01": {A: "《社会团体登记管理条例》第二十九条", FD: "《基金会管理条例》第四十一条"},
}  # fmt: skip


def test_published_citations_are_of_the_own_type_and_level() -> None:
    parts: list[Record] = []
    for code in (A, SSI, FD, NATIONAL):
        parts += [
            org(code, "2023-06-30"),
            flow("2025-03-03", 5_000.0, "in", of=code, account="unregistered"),
            post("chair", code, started="2020-04-01", term_ends_on="2024-03-31"),
            penalty("warning", "2025-04-10", code),
            listing("2025-04-12", "AL-05a", of=code),
            report(2023, code, activities_held=0, charitable_spending=0.0, net_assets=1.0, total_income=0.0),
        ]
    source = open_source({name: pd.DataFrame(rows) for name, rows in given(*parts).items()})
    assert source.quarantine.empty, source.quarantine.to_string()
    flags = apply_law(source.as_of("2025-05-30"))
    for ground, texts in CITED.items():
        for code, text in texts.items():
            rows = flags.loc[(flags["org_id"] == code) & (flags["ground"] == ground)]
            assert rows["citation"].tolist() == [text], (ground, code)


def test_a_scope_of_one_city_means_no_national_body() -> None:
    assert {body.level for body in Scope(city="4403").bodies()} == {"local"}
    national = Instrument("X", "某", "x", O60.effective_from, level="national")
    assert not national.addresses(Body("foundation", "local"))


def test_what_has_not_been_checked_for_a_while_is_listed() -> None:
    age = (pd.Timestamp("2027-11-23").date() - CHECKED_ON).days
    told = stale("2027-11-23", age)
    assert set(told["kind"]) == {"instrument", "rule", "figure"}, "the lines of the calendar were checked later"
    assert (told["days"] >= age).all()
    assert stale("2027-11-23", age + 1).empty
    assert "没有" in stale_text("2027-11-23", age + 1)
    assert "line" in set(stale("2027-11-28", age)["kind"])
    with pytest.raises(UsageError, match="days = -1"):
        stale("2027-11-23", -1)
    with pytest.raises(UsageError, match="yaml"):
        stale_text("2027-11-23", 1, "yaml")


def test_the_command_lists_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    app(["law", "stale", "--on", "2027-11-28", "--days", "100", "--format", "json"], result_action="return_value")
    told = json.loads(capsys.readouterr().out)
    assert told["on"] == "2027-11-28"
    assert {line["kind"] for line in told["stale"]} == {"instrument", "rule", "figure", "line"}
    app(["law", "stale", "--on", "2026-11-24", "--days", "100"], result_action="return_value")
    assert "nothing has gone unchecked for 100 days" in capsys.readouterr().out
