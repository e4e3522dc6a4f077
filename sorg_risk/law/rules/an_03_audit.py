"""AN-03, AN-05: the annual report of a foundation, and the accounts of a charity that may raise funds publicly, must be audited."""

from __future__ import annotations

from functools import partial

import pandas as pd

from ...calendar.periods import DAY
from ..absence import same_year
from ..facts import Facts, facts, recorded
from ..instruments import CHARITY_2023, REG_FD
from ..known import Known
from ..rule import ALERT, Case, Clause, Missing, Remedy, Rule
from ..scope import Scope
from ..worked import FD, filing, given, org, report, reports


def unaudited(known: Known, ground: str) -> Facts:
    """The latest due report on file without an audit report of its year: since the day after the deadline."""
    due = known.annual_reports.drop_duplicates("org_id", keep="last")
    due = due.loc[due["key"].notna() & (due["state"] != "excused")].reset_index(drop=True)
    rows = known.table("filings")
    audited = rows.loc[
        rows["fiscal_year"].notna()
        & (
            ((rows["kind"] == "audit_report") & rows["filed_on"].notna())
            | ((rows["kind"] == "annual_report") & rows["audit_opinion"].notna())
        )
    ]
    year = ["org_id", "fiscal_year"]
    without = ~pd.MultiIndex.from_frame(due.loc[:, year]).isin(pd.MultiIndex.from_frame(audited.loc[:, year]))
    due = due.loc[without].reset_index(drop=True)
    return facts(
        due,
        ground,
        due["deadline"] + DAY,
        evidence=[recorded("filings", due["key"]), due["notice"]],
        unconfirmed=due["doubt"],
        values={"year": due["fiscal_year"].map("{:.0f}".format), "deadline": due["deadline"]},
    )


_MISSING = (Missing("filings", ("audit_report", "annual_report"), same_year, columns=("audit_opinion",)),)
_CLAUSES = (
    Clause(
        "deadline_passed",
        "{year}年度报告的期限{deadline}已过",
        "the deadline {deadline} of the report of {year} has passed",
    ),
    Clause("no_audit", "无该年度审计报告", "there is no audit report of that year"),
)
_REMEDY = (Remedy("file_audit", "报送审计报告", "file the audit report"),)
_FD = org(FD, is_charity=True, has_public_fundraising=True)
_YEARS = reports(2020, 2021, 2022, of=FD)

RULES = (
    Rule(
        id="AN-03",
        zh="基金会按期报送年度工作报告，并附注册会计师审计报告",
        en="foundations report in time, with an audit report",
        citation=REG_FD.at(36),
        flag=ALERT,
        facts=partial(unaudited, ground="AN-03"),
        missing=_MISSING,
        reads=("filings",),
        scope=Scope(types=("foundation",)),
        subject="audit",
        beside=("AN-05",),
        certainty="R",
        clauses=_CLAUSES,
        remedies=_REMEDY,
        cases=(
            Case(
                "no audit report by the deadline",
                "2023-04-01",
                given(_FD, _YEARS),
                ("alert attention AN-03 2023-04-01",),
            ),
            Case(
                "the deadline itself",
                "2023-03-31",
                given(_FD, _YEARS, filing("audit_report", "2022-03-01", FD, fiscal_year=2021)),
            ),
            Case(
                "audited", "2023-06-01", given(_FD, _YEARS, filing("audit_report", "2023-03-01", FD, fiscal_year=2022))
            ),
            Case(
                "the report itself carries the opinion",
                "2023-06-01",
                given(_FD, reports(2020, 2021, of=FD), report(2022, FD, audit_opinion="qualified")),
            ),
        ),
    ),
    Rule(
        id="AN-05",
        zh="具有公开募捐资格的慈善组织的财务会计报告须经审计",
        en="accounts of a charity with public-fundraising qualification must be audited",
        citation=CHARITY_2023.at(78),
        flag=ALERT,
        facts=partial(unaudited, ground="AN-05"),
        missing=_MISSING,
        reads=("filings",),
        scope=Scope(charity=True, fundraising=True),
        subject="audit",
        certainty="R",
        clauses=_CLAUSES,
        remedies=_REMEDY,
        cases=(
            Case(
                "without one for 2024",
                "2025-06-30",
                given(_FD, _YEARS, reports(2023, 2024, of=FD)),
                ("alert attention AN-05 2025-04-01",),
            ),
            Case("not before the law of 2024", "2024-06-30", given(_FD, _YEARS, reports(2023, of=FD))),
            Case("no qualification", "2025-06-30", given(org(FD, is_charity=True), _YEARS, reports(2023, 2024, of=FD))),
        ),
    ),
)
