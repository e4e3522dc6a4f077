"""AN-04: a charity publishes its report and its related parties by 31 May (Order 81; Charity Law 13, 78)."""

from __future__ import annotations

import pandas as pd

from ...calendar.periods import DAY
from ..absence import same_year
from ..conduct import CONDUCT_YEARS, still_told
from ..deadlines import duty_days
from ..facts import Facts, facts, recorded
from ..instruments import O81
from ..known import Known
from ..rule import ALERT, Case, Clause, Missing, Remedy, Rule
from ..scope import Scope
from ..worked import FD, filing, given, org

YEAR = ["org_id", "fiscal_year"]


def unpublished(known: Known) -> Facts:
    """The latest year whose disclosure was due and not filed in time: since the day after, until it was filed."""
    rows = known.table("filings")
    rows = rows.loc[(rows["kind"] == "disclosure") & rows["fiscal_year"].notna()]
    given_days = (
        rows.dropna(subset="due_on").sort_values("recorded_at", kind="stable").drop_duplicates(YEAR, keep="last")
    )
    asked = _latest(known).merge(given_days.loc[:, [*YEAR, "due_on"]], on=YEAR, how="left")
    own = asked["due_on"].where(asked["due_on"].notna(), asked["by_law"])
    deadline, unsure = known.calendar.moved(own)
    filed = (
        rows.loc[rows["filed_on"].notna()].sort_values(["filed_on", "filing_id"], kind="stable").drop_duplicates(YEAR)
    )
    asked = asked.assign(deadline=deadline, unsure=unsure).merge(
        filed.loc[:, [*YEAR, "filed_on", "filing_id"]], on=YEAR, how="left"
    )
    late = asked.loc[(asked["deadline"] < known.today) & ~(asked["filed_on"] <= asked["deadline"])].reset_index(
        drop=True
    )
    return facts(
        late,
        "AN-04",
        late["deadline"] + DAY,
        evidence=[
            recorded("organizations", late["org_id"].where(late["filing_id"].isna())),
            recorded("filings", late["filing_id"]),
        ],
        ends=late["filed_on"],
        alert_until=still_told(known, late["filed_on"]),
        unconfirmed=late["unsure"].map({True: "calendar", False: ""}),
        form=late["filed_on"].isna().map({True: "missing", False: "late"}),
        values={
            "year": late["fiscal_year"].map("{:.0f}".format),
            "deadline": late["deadline"],
            "filed": late["filed_on"],
        },
    )


def _latest(known: Known) -> pd.DataFrame:
    """The year each charity must have published last: org_id, fiscal_year, ``by_law`` (the day it was due)."""
    asked = duty_days(known, "disclosure", [known.day.year - 2, known.day.year - 1])
    asked = asked.loc[asked["due_on"] < known.today].rename(columns={"due_on": "by_law"})
    return asked.drop_duplicates("org_id", keep="last").loc[:, [*YEAR, "by_law"]].reset_index(drop=True)


_FD = org(FD, is_charity=True)

RULE = Rule(
    id="AN-04",
    zh="慈善组织按期公开年度工作报告、财务会计报告和关联方名单",
    en="a charity publishes its annual report, accounts and related parties in time",
    citation=O81.at(),
    flag=ALERT,
    facts=unpublished,
    missing=(Missing("filings", ("disclosure",), same_year, columns=("due_on",)),),
    scope=Scope(charity=True),
    parameters=(CONDUCT_YEARS,),
    certainty="R",
    clauses=(
        Clause(
            "deadline_passed",
            "{year}年度信息公开的期限{deadline}已过",
            "the deadline {deadline} to publish {year} has passed",
        ),
        Clause("not_published", "未公开", "nothing was published", "missing"),
        Clause("published_late", "{filed}才公开", "it was published only on {filed}", "late"),
    ),
    remedies=(Remedy("publish", "补充公开并备案", "publish it now"),),
    cases=(
        Case("31 May 2026 is a Sunday: 1 June is in time", "2026-06-01", given(_FD)),
        Case("nothing published", "2026-06-02", given(_FD), ("alert attention AN-04 2026-06-02",)),
        Case(
            "published on the last day",
            "2026-06-30",
            given(_FD, filing("disclosure", "2026-06-01", FD, fiscal_year=2025)),
        ),
        Case(
            "published a day late",
            "2026-06-30",
            given(_FD, filing("disclosure", "2026-06-02", FD, fiscal_year=2025)),
            ("alert attention AN-04 2026-06-02",),
        ),
        Case("the duty of this date is of 2026", "2025-06-30", given(_FD)),
        Case("no charity", "2026-06-30", given(org(FD))),
    ),
)
