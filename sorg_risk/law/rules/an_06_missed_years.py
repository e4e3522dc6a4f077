"""AN-06, AN-07: reports missed year after year are candidates for revocation; AN-08: the conclusion of the annual inspection."""

from __future__ import annotations

from functools import partial

import pandas as pd

from ...calendar.periods import DAY
from ...records.lookups import within
from ..absence import missed_run
from ..facts import Facts, facts, recorded
from ..instruments import REG_FD, REG_SG, SG_INSPECTION, SSI_INSPECTION, ZOMBIE
from ..known import Known
from ..parameters import Parameter, constant
from ..rule import EXIT, Case, Clause, Missing, Remedy, Rule
from ..scope import Scope
from ..worked import FD, SSI, given, org, report, reports

YEARS = constant(
    "missed_years", "连续未参加年检的年数", "consecutive years without inspection", "years", 2, SSI_INSPECTION.at(10)
)
STRONG = constant(
    "missed_years_strong",
    "连续未参加年检、宜优先处理的年数",
    "consecutive years without inspection that weigh heavily",
    "years",
    3,
    ZOMBIE.at(),
    "M",
)
ZOMBIE_YEARS = constant(
    "missed_years_zombie",
    "连续未报送年度报告的年数（“僵尸型”）",
    "consecutive years without a report (zombie)",
    "years",
    2,
    ZOMBIE.at(),
    "R",
)
MISSED = ("missing", "returned")


def runs(known: Known) -> pd.DataFrame:
    """The latest due years in a row without a report, one row each: its record, notice and count, with the total, first and last of the run."""
    years = known.annual_reports
    years = years.assign(missed=years["state"].isin(MISSED)).iloc[::-1]
    run = (~years["missed"]).groupby(years["org_id"]).cumsum() == 0
    row = years.loc[run].iloc[::-1].reset_index(drop=True)
    own = row.groupby("org_id")
    row = row.assign(
        count=own.cumcount() + 1, total=own["fiscal_year"].transform("size"), first=own["fiscal_year"].transform("min")
    )
    row["record"] = recorded("filings", row["key"].where(row["key"].notna(), row["empty_key"]))
    return row.assign(last=own["deadline"].transform("max") + DAY)


def missed_years(known: Known, ground: str, parameter: Parameter[int]) -> Facts:
    """Years enough in a row without a report: since the last of those the law asks for was missed, while none is filed."""
    row = known.once(runs)
    years = known.read(parameter, row["deadline"] + DAY)
    enough = row["count"] >= years.of()
    enough &= ~row["org_id"].where(enough).duplicated()
    second = row.loc[enough].reset_index(drop=True)
    named = row.loc[within(row["org_id"], second["org_id"])]
    behind = named.melt("org_id", ["record", "notice"]).dropna(subset="value")
    records = behind.groupby("org_id")["value"].agg(list)
    strong = known.read(STRONG, second["last"])
    return facts(
        second,
        ground,
        second["deadline"] + DAY,
        evidence=[[f"organizations:{org_id}", *records.get(org_id, [])] for org_id in second["org_id"]],
        unconfirmed=second["doubt"],
        form=(second["total"] >= strong.of()).map({True: "strong", False: "two"}),
        values={
            "first": second["first"].map("{:.0f}".format),
            "count": second["total"],
        },
        by=[years.rows(enough), strong],
    )


MISSED_REPORTS = Missing("filings", ("annual_report",), missed_run, columns=("due_on",))
_CLAUSES = (
    Clause(
        "missed_years",
        "自{first}年度起连续{count}年未报送年度报告（未参加年检）",
        "no report for {count} years in a row from {first} on",
    ),
    Clause(
        "strong",
        "已达{missed_years_strong}年，宜优先处理",
        "{missed_years_strong} years or more: to be dealt with first",
        "strong",
    ),
)
_REMEDY = (Remedy("file_reports", "补报所缺年度报告", "file the missing reports"),)

RULES = (
    Rule(
        id="AN-06",
        zh="民办非企业单位连续{missed_years}年不参加年检或者连续{missed_years}年不合格的，撤销登记",
        en="a service institution {missed_years} years in a row without inspection: to be struck off",
        citation=SSI_INSPECTION.at(10),
        flag=EXIT,
        facts=partial(missed_years, ground="AN-06", parameter=YEARS),
        missing=(MISSED_REPORTS,),
        scope=Scope(types=("service_institution",)),
        subject="missed_years",
        beside=("ZO-02",),
        next_step="decide",
        parameters=(YEARS, STRONG),
        clauses=_CLAUSES,
        remedies=_REMEDY,
        cases=(
            Case(
                "two years missing",
                "2025-06-30",
                given(org(SSI), reports(2020, 2021, 2022, of=SSI)),
                ("exit_candidate attention AN-06 2025-06-04",),
            ),
            Case("one year missing", "2025-06-30", given(org(SSI), reports(2020, 2021, 2022, 2023, of=SSI))),
            Case("two years, but not in a row", "2025-06-30", given(org(SSI), reports(2020, 2022, 2023, of=SSI))),
            Case(
                "filed late, not accepted yet: not missed",
                "2025-06-30",
                given(org(SSI), reports(2020, 2021, 2022, 2023, of=SSI), report(2024, SSI, filed="2025-06-20")),
            ),
        ),
    ),
    Rule(
        id="AN-07",
        zh="连续{missed_years_zombie}年以上不参加年检（不报送年度报告）；{missed_years_strong}年以上为重点",
        en="{missed_years_zombie} years or more in a row without inspection; {missed_years_strong} or more weigh heavily",
        citation=REG_SG.at(30),
        others=(REG_FD.at(42),),
        effective_from=ZOMBIE.effective_from,
        flag=EXIT,
        facts=partial(missed_years, ground="AN-07", parameter=ZOMBIE_YEARS),
        missing=(MISSED_REPORTS,),
        scope=Scope(types=("association", "foundation")),
        subject="missed_years",
        beside=("ZO-02",),
        next_step="decide",
        parameters=(ZOMBIE_YEARS, STRONG),
        clauses=_CLAUSES,
        remedies=_REMEDY,
        cases=(
            Case(
                "two years missing",
                "2025-06-30",
                given(org(FD), reports(2020, 2021, 2022, of=FD)),
                ("exit_candidate attention AN-07 2025-04-01",),
            ),
            Case(
                "three years missing: since the second",
                "2025-06-30",
                given(org(), reports(2020, 2021)),
                ("exit_candidate attention AN-07 2024-06-01",),
            ),
            Case("one year missing", "2025-06-30", given(org(), reports(2020, 2021, 2022, 2023))),
        ),
    ),
    Rule(
        id="AN-08",
        zh="社会团体年检结论为基本合格、不合格的，限期整改并纳入信用管理",
        en="an inspection concluded as basically passed or failed leads to rectification and credit management",
        citation=SG_INSPECTION.at(),
        works="person",
        works_zh="须由人决定：年检结论不在登记数据内",
        scope=Scope(types=("association",)),
    ),
)
