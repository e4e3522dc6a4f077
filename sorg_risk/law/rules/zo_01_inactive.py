"""ZO: organisations without activity, candidates for cancellation or revocation (Reg-SG 29, Reg-FD 41, Charity Law 17, Minfa 2021-63)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from ...calendar.periods import plus_years
from ...records.lookups import looked_up, within
from ..absence import day_of, from_first, start_of
from ..activity import CHARITABLE, idle_runs, idle_years, outgoing
from ..facts import Facts, facts, together
from ..instruments import CHARITY_2016, CHARITY_2023, REG_FD, REG_SG, REG_SSI, ZOMBIE
from ..known import Known
from ..parameters import Dated, Parameter, constant
from ..rule import EXIT, Case, Clause, Missing, Remedy, Rule
from ..scope import Scope
from ..worked import FD, SSI, flow, given, org, report, reports
from .an_06_missed_years import MISSED_REPORTS, ZOMBIE_YEARS, missed_years

FIRST_YEAR = constant(
    "first_year",
    "取得证书后未开展活动的年限",
    "years without activity from the certificate",
    "years",
    1,
    REG_SG.at(29),
    "R",
)
ZOMBIE_IDLE = constant(
    "idle_years", "未开展活动的年数（“僵尸型”）", "years without activity (zombie)", "years", 2, ZOMBIE.at(), "R"
)
CHARITY_IDLE = Parameter(
    "idle_years_charity",
    "慈善组织连续未从事慈善活动的年数",
    "consecutive years of a charity without charitable activity",
    "years",
    (
        Dated(2, CHARITY_2016.at(17, 3), CHARITY_2016.effective_from, CHARITY_2016.effective_to, certainty="R"),
        Dated(2, CHARITY_2023.at(17, 3), CHARITY_2023.effective_from, certainty="R"),
    ),
)


def never_active(known: Known) -> Facts:
    """A year from the certificate without any activity, and none since: every report known and idle, no charitable flow."""
    years = known.once(idle_years)
    busy = pd.concat([years.loc[~years["idle"], "org_id"], outgoing(known)["org_id"]])
    first = years.groupby("org_id")["fiscal_year"].min()
    orgs = known.organizations
    from_the_start = looked_up(orgs["org_id"], first) <= orgs["registered_on"].dt.year
    orgs = orgs.loc[from_the_start & ~within(orgs["org_id"], busy)].reset_index(drop=True)
    told = years.loc[within(years["org_id"], orgs["org_id"])]
    records = told.groupby("org_id")["filing_id"].agg(list)
    over, years_read = known.over(FIRST_YEAR, orgs["registered_on"], plus_years)
    shown = [[f"organizations:{one}", *(f"filings:{key}" for key in records[one])] for one in orgs["org_id"]]
    return facts(
        orgs, "ZO-01", over, evidence=shown, values={"day": orgs["registered_on"], "over": over}, by=[years_read]
    )


def idle_for_years(known: Known, ground: str, parameter: Parameter[int]) -> Facts:
    """The latest years known to be without activity, as many as the law asks for: since the last was over."""
    rows, read = idle_runs(known, parameter)
    return facts(
        rows,
        ground,
        rows["over"],
        evidence=rows["records"].tolist(),
        form="idle",
        values={
            "first": rows["first"].map("{:.0f}".format),
            "last": rows["fiscal_year"].map("{:.0f}".format),
        },
        by=[read],
    )


def zombies(known: Known) -> Facts:
    """Two reports missed in a row, or two years without activity."""
    missed = missed_years(known, "ZO-02", ZOMBIE_YEARS)
    named = pd.Series("missed", index=missed.frame.index, dtype="str")
    return together(
        [replace(missed, frame=missed.frame.assign(form=named)), idle_for_years(known, "ZO-02", ZOMBIE_IDLE)]
    )


_IDLE_MISSING = (
    Missing("fund_flows", CHARITABLE, after=start_of("first"), columns=("purpose",), forms=("idle",)),
    Missing("filings", ("annual_report",), from_first, forms=("idle",)),
)
_IDLE: dict[str, Any] = {"activities_held": 0, "charitable_spending": 0.0}
_BUSY: dict[str, Any] = {"activities_held": 3, "charitable_spending": 0.0}
_IDLE_CLAUSE = Clause("idle_years", "{first}至{last}年度均未开展活动", "no activity from {first} to {last}", "idle")
_ACT = (Remedy("resume", "依章程开展活动，或者申请注销", "resume activity, or apply for deregistration"),)
_CHARITY = org(FD, is_charity=True)
_EXIT = "exit_candidate attention"


def _charity_rule(citation_law: object, **more: Any) -> Rule:
    article = CHARITY_2016.at(17, 3) if citation_law is CHARITY_2016 else CHARITY_2023.at(17, 3)
    return Rule(
        id="ZO-03",
        zh="慈善组织连续{idle_years_charity}年未从事慈善活动的，应当终止",
        en="a charity without charitable activity for {idle_years_charity} consecutive years must terminate",
        citation=article,
        flag=EXIT,
        facts=partial(idle_for_years, ground="ZO-03", parameter=CHARITY_IDLE),
        missing=_IDLE_MISSING,
        scope=Scope(charity=True),
        subject="inactive",
        beside=("ZO-01", "ZO-02"),
        next_step="decide",
        certainty="R",
        parameters=(CHARITY_IDLE,),
        clauses=(_IDLE_CLAUSE,),
        remedies=_ACT,
        **more,
    )


RULES = (
    Rule(
        id="ZO-01",
        zh="自取得登记证书之日起满{first_year}年未开展活动",
        en="no activity for {first_year} years from the certificate",
        citation=REG_SG.at(29),
        others=(REG_FD.at(41),),
        flag=EXIT,
        facts=never_active,
        missing=(
            Missing("fund_flows", CHARITABLE, after=day_of("day"), columns=("purpose",)),
            Missing("filings", ("annual_report",)),
        ),
        scope=Scope(types=("association", "foundation")),
        subject="inactive",
        beside=("ZO-02",),
        next_step="decide",
        parameters=(FIRST_YEAR,),
        certainty="R",
        clauses=(
            Clause("registered", "{day}登记", "registered on {day}"),
            Clause(
                "inactive",
                "至{over}满{first_year}年未开展活动，其后亦无",
                "{first_year} years without activity were over on {over}, and none since",
            ),
        ),
        remedies=_ACT,
        cases=(
            Case(
                "a year without activity",
                "2025-06-30",
                given(org(registered="2024-06-30"), report(2024, **_IDLE)),
                (f"{_EXIT} ZO-01 2025-06-30",),
            ),
            Case("one day short of the year", "2025-06-29", given(org(registered="2024-06-30"), report(2024, **_IDLE))),
            Case("an activity was held", "2025-06-30", given(org(registered="2024-06-30"), report(2024, **_BUSY))),
            Case(
                "a charitable flow went out",
                "2025-06-30",
                given(
                    org(registered="2024-06-30"),
                    report(2024, **_IDLE),
                    flow("2025-02-03", 10.0, purpose="charitable_spending"),
                ),
            ),
            Case("nobody knows: no report", "2025-06-30", given(org(registered="2024-06-30"))),
            Case(
                "spending is not asked of an association that is no charity",
                "2025-06-30",
                given(org(registered="2024-06-30"), report(2024, activities_held=0)),
                (f"{_EXIT} ZO-01 2025-06-30",),
            ),
            Case(
                "of a charity it is: unknown, no flag",
                "2025-06-30",
                given(org(registered="2024-06-30", is_charity=True), report(2024, activities_held=0)),
            ),
            Case(
                "of a foundation it is: unknown, no flag",
                "2025-06-30",
                given(org(FD, "2024-06-30"), report(2024, FD, activities_held=0)),
            ),
            Case(
                "spending known, whoever it is asked of: an activity",
                "2025-06-30",
                given(org(registered="2024-06-30"), report(2024, activities_held=0, charitable_spending=5.0)),
            ),
            Case(
                "activities unknown: no flag",
                "2025-06-30",
                given(org(registered="2024-06-30"), report(2024, charitable_spending=0.0)),
            ),
            Case(
                "not for a service institution", "2025-06-30", given(org(SSI, "2024-06-30"), report(2024, SSI, **_IDLE))
            ),
        ),
    ),
    Rule(
        id="ZO-02",
        zh="连续{missed_years_zombie}年未报送年度报告，或者{idle_years}年未按章程开展活动（“僵尸型”）",
        en="{missed_years_zombie} reports missed in a row, or {idle_years} years without activity (zombie)",
        parameters=(ZOMBIE_YEARS, ZOMBIE_IDLE),
        citation=ZOMBIE.at(),
        flag=EXIT,
        facts=zombies,
        missing=(replace(MISSED_REPORTS, forms=("missed",)), *_IDLE_MISSING),
        subject="missed_years",
        beside=("ZO-01",),
        next_step="decide",
        certainty="R",
        clauses=(
            Clause(
                "missed_years",
                "自{first}年度起连续{count}年未报送年度报告",
                "no report for {count} years in a row from {first} on",
                "missed",
            ),
            _IDLE_CLAUSE,
        ),
        remedies=_ACT,
        cases=(
            Case(
                "two years missing",
                "2025-06-30",
                given(org(), reports(2020, 2021, 2022)),
                (f"{_EXIT} ZO-02 2025-06-04",),
            ),
            Case(
                "two idle years",
                "2025-06-30",
                given(org(), report(2023, **_IDLE), report(2024, **_IDLE)),
                (f"{_EXIT} ZO-02 2025-01-01",),
            ),
            Case("the later one busy", "2025-06-30", given(org(), report(2023, **_IDLE), report(2024, **_BUSY))),
            Case("one of them unknown", "2025-06-30", given(org(), report(2023), report(2024, **_IDLE))),
        ),
    ),
    _charity_rule(
        CHARITY_2016,
        cases=(
            Case(
                "under the law of 2016",
                "2023-06-30",
                given(_CHARITY, report(2021, FD, **_IDLE), report(2022, FD, **_IDLE)),
                (f"{_EXIT} ZO-03 2023-01-01",),
            ),
        ),
    ),
    _charity_rule(
        CHARITY_2023,
        cases=(
            Case(
                "two idle years",
                "2025-06-30",
                given(_CHARITY, report(2023, FD, **_IDLE), report(2024, FD, **_IDLE)),
                (f"{_EXIT} ZO-03 2025-01-01",),
            ),
            Case(
                "a flow in the second year",
                "2025-06-30",
                given(
                    _CHARITY,
                    report(2023, FD, **_IDLE),
                    report(2024, FD, **_IDLE),
                    flow("2024-11-04", 10.0, of=FD, purpose="charitable_spending"),
                ),
            ),
            Case("no charity", "2025-06-30", given(org(FD), report(2023, FD, **_IDLE), report(2024, FD, **_IDLE))),
        ),
    ),
    Rule(
        id="ZO-04",
        zh="业务主管单位撤销批准",
        en="the supervising unit withdrew its approval",
        citation=REG_SSI.at(24),
        works="person",
        works_zh="须由人决定：撤销批准不在登记数据内",
        scope=Scope(types=("service_institution",)),
        certainty="R",
    ),
)
