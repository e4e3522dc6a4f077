"""AL-02: no party organisation set up as required (O60 art. 11(2)) 未按照有关规定设立党组织."""

from __future__ import annotations

from typing import Any

from ...records.lookups import within
from ..absence import day_of
from ..checked import failings
from ..facts import Facts, facts
from ..instruments import O60, PARTY
from ..known import Known
from ..parameters import constant
from ..rule import ABNORMAL, ALERT, Case, Clause, Missing, Remedy, Rule
from ..worked import given, inspection, org, report

MEMBERS = constant(
    "party_members",
    "应建党组织的正式党员数",
    "members that call for a party organisation",
    "persons",
    3,
    PARTY.at(),
    "M",
)
KIND = "party_duty"


def confirmed_unmet(known: Known) -> Facts:
    """Every stretch in which the duty was confirmed unmet; the newest inspection decides."""
    found = failings(known, KIND, "unmet", "met")
    return facts(
        found,
        "AL-02",
        found["since"],
        evidence=found["records"].tolist(),
        ends=found["ends"],
        known_on=found["known_on"],
        values={"day": found["since"]},
    )


def unchecked(known: Known) -> Facts:
    """Members enough and no organisation in the latest report, and nobody has looked yet."""
    rows = known.latest_reports
    looked_at = known.table("inspections").loc[lambda table: table["kind"] == KIND, "org_id"]
    line = known.read(MEMBERS, rows["filed_on"])
    without = (rows["party_members"] >= line.of()) & (rows["has_party_organization"].fillna(True) == False)  # noqa: E712
    chosen = without & ~within(rows["org_id"], looked_at)
    rows, line = rows.loc[chosen].reset_index(drop=True), line.rows(chosen)
    values = {"members": rows["party_members"], "year": rows["fiscal_year"].map("{:.0f}".format)}
    return facts(rows, "AL-02", rows["filed_on"], evidence="filings", values=values, by=[line])


_REMEDY = Remedy("set_up_party_organisation", "设立党组织并经核查", "set up the party organisation and have it checked")
_NONE: dict[str, Any] = {"party_members": 3, "has_party_organization": False}

RULES = (
    Rule(
        id="AL-02",
        zh="未按照有关规定设立党组织（经核查确认）",
        en="no party organisation set up as required (confirmed)",
        citation=O60.at(11, 2),
        flag=ABNORMAL,
        facts=confirmed_unmet,
        missing=(Missing("inspections", (KIND,), after=day_of("day")),),
        reads=("inspections",),
        continuing=True,
        clauses=(Clause("unmet", "{day}核查确认应建未建党组织", "confirmed on {day}: the duty is not met"),),
        remedies=(_REMEDY,),
        cases=(
            Case(
                "confirmed unmet",
                "2025-06-30",
                given(org(), inspection(KIND, "2025-03-03", outcome="unmet")),
                ("abnormal_list recommend_listing AL-02 2025-03-03",),
            ),
            Case(
                "the latest inspection decides: met",
                "2025-06-30",
                given(
                    org(),
                    inspection(KIND, "2025-03-03", outcome="unmet"),
                    inspection(KIND, "2025-05-06", outcome="met"),
                ),
            ),
            Case(
                "the latest inspection decides: unmet again",
                "2025-06-30",
                given(
                    org(),
                    inspection(KIND, "2025-03-03", outcome="met"),
                    inspection(KIND, "2025-05-06", outcome="unmet"),
                ),
                ("abnormal_list recommend_listing AL-02 2025-05-06",),
            ),
        ),
    ),
    Rule(
        id="AL-02w",
        zh="党员{party_members}人以上而年报显示未建党组织，尚未核查",
        en="{party_members} or more party members and no party organisation by the report, not checked yet",
        citation=O60.at(11, 2),
        flag=ALERT,
        facts=unchecked,
        missing=(Missing("inspections", (KIND,)),),
        reads=("filings",),
        continuing=True,
        parameters=(MEMBERS,),
        clauses=(
            Clause("members", "{year}年度报告有党员{members}人", "{members} party members in the report of {year}"),
            Clause("no_organisation", "报告显示未建党组织", "no party organisation by the report"),
            Clause("not_checked", "尚无党建责任核查", "nobody has checked the duty yet"),
        ),
        remedies=(_REMEDY,),
        cases=(
            Case(
                "three members",
                "2025-06-30",
                given(org(), report(2024, **_NONE)),
                ("alert attention AL-02 2025-03-10",),
                shows="AL-02",
            ),
            Case(
                "two members", "2025-06-30", given(org(), report(2024, **_NONE | {"party_members": 2})), shows="AL-02"
            ),
            Case(
                "unknown whether there is one", "2025-06-30", given(org(), report(2024, party_members=5)), shows="AL-02"
            ),
            Case(
                "checked and met",
                "2025-06-30",
                given(org(), report(2024, **_NONE), inspection(KIND, "2025-04-01", outcome="met")),
                shows="AL-02",
            ),
        ),
    ),
)
