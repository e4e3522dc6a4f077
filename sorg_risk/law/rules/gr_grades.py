"""GR: grade assessment and other bars and incentives that follow from the lists (O60 art. 20, 21; assessment rules)."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ...calendar.periods import DAY, plus_years, stamp, year_day
from ..absence import day_of, unused_only
from ..facts import Facts, facts
from ..instruments import ASSESSMENT_2011, ASSESSMENT_2026, ASSESSMENT_NOTICE, O60
from ..known import Known
from ..parameters import Dated, Parameter, Reading
from ..rule import ALERT, LISTS, SERIOUS, Case, Clause, Missing, Remedy, Rule
from ..worked import assessment, given, listing, org, penalty

VALID = Parameter(
    "grade_years",
    "评估等级有效期",
    "validity of a grade",
    "years",
    (
        Dated(5, ASSESSMENT_2011.at(), ASSESSMENT_2011.effective_from, ASSESSMENT_2011.effective_to),
        Dated(5, ASSESSMENT_2026.at(), ASSESSMENT_2026.effective_from),
    ),
)
NEW_COUNT: dt.date = ASSESSMENT_2026.effective_from
"""From here on the validity runs from 1 January of the year after the announcement."""


def listed(known: Known, ground: str = "GR-01", flags: tuple[str, ...] = tuple(LISTS)) -> Facts:
    """Every stay on a list."""
    stays = known.lists.stays
    stays = stays.loc[stays["flag"].isin(flags)].drop_duplicates(["org_id", "flag"]).reset_index(drop=True)
    serious = stays["flag"] == SERIOUS
    return facts(
        stays,
        ground,
        stays["listed_on"],
        evidence=stays["evidence"].tolist(),
        unconfirmed=stays["unconfirmed"].map(unused_only).astype("str"),
        values={
            "day": stays["listed_on"],
            "which_zh": serious.map({True: "严重违法失信名单", False: "活动异常名录"}),
            "which_en": serious.map({True: "the serious-dishonesty list", False: "the abnormal list"}),
        },
    )


def barred(known: Known) -> Facts:
    """Every stay on the serious list."""
    return listed(known, "GR-03", (SERIOUS,))


def expired(known: Known) -> Facts:
    """The latest grade that was not withdrawn is past its validity: since the day after its last day."""
    rows = known.table("assessments")
    rows = rows.sort_values(["org_id", "granted_on", "assessment_id"], kind="stable").drop_duplicates(
        "org_id", keep="last"
    )
    rows = rows.loc[~(rows["withdrawn_on"] <= known.today)].reset_index(drop=True)
    years = known.read(VALID, rows["granted_on"])
    last = rows["expires_on"].where(rows["expires_on"].notna(), _last_day(rows["granted_on"], years))
    values = {"grade": rows["grade"], "last": last}
    return facts(rows, "GR-02", last + DAY, evidence="assessments", values=values, by=[years])


def _last_day(granted: pd.Series, years: Reading[int]) -> pd.Series:
    """The years from the grant; by the rules of 2026 to the end of the last of so many years after the announcement."""
    old = years.after(granted, plus_years) - DAY
    new = year_day(granted.dt.year.astype(float) + years.of(), "12-31")
    return old.where(granted < stamp(NEW_COUNT), new)


_MISSING = (Missing("listings", after=day_of("day")),)
RULES = (
    Rule(
        id="GR-01",
        zh="在活动异常名录或者严重违法失信名单期间，不予评估等级",
        en="no grade assessment while on either list",
        citation=ASSESSMENT_NOTICE.at(),
        others=(ASSESSMENT_2011.at(), ASSESSMENT_2026.at()),
        effective_from=O60.effective_from,
        issued=O60.issued,
        flag=ALERT,
        facts=listed,
        missing=_MISSING,
        reads_lists=True,
        next_step="none",
        clauses=(
            Clause("listed", "{day}起在{which_zh}，不予评估等级", "on {which_en} since {day}: no grade assessment"),
        ),
        cases=(
            Case(
                "on the abnormal list",
                "2025-06-30",
                given(org(), penalty("warning", "2025-04-10"), listing("2025-04-12", "AL-05a")),
                ("alert attention GR-01 2025-04-12",),
            ),
            Case(
                "removed",
                "2025-11-30",
                given(
                    org(),
                    penalty("warning", "2025-04-10"),
                    listing("2025-04-12", "AL-05a"),
                    listing("2025-10-13", "AL-05a", "removed"),
                ),
            ),
            Case("recommended, not listed", "2025-06-30", given(org(), penalty("warning", "2025-04-10"))),
        ),
    ),
    Rule(
        id="GR-02",
        zh="评估等级有效期届满，不再享有3A以上等级的待遇",
        en="the grade has expired, and with it the benefits of 3A and above",
        citation=ASSESSMENT_2011.at(),
        effective_to=dt.date(9999, 12, 31),
        flag=ALERT,
        facts=expired,
        missing=(Missing("assessments", columns=("expires_on",)),),
        reads=("assessments",),
        parameters=(VALID,),
        next_step="none",
        clauses=(Clause("expired", "{grade}等级有效期至{last}", "the grade {grade} was valid until {last}"),),
        remedies=(Remedy("be_assessed", "申请重新评估", "apply for a new assessment"),),
        cases=(
            Case("the last day", "2025-06-30", given(org(), assessment("4A", "2020-06-30", expires_on="2025-06-30"))),
            Case(
                "the day after",
                "2025-07-01",
                given(org(), assessment("4A", "2020-06-30", expires_on="2025-06-30")),
                ("alert attention GR-02 2025-07-01",),
            ),
            Case(
                "five years where no day is given",
                "2025-06-30",
                given(org(), assessment("3A", "2020-06-30")),
                ("alert attention GR-02 2025-06-30",),
            ),
            Case(
                "by the rules of 2026 to the end of the fifth year",
                "2031-12-31",
                given(org(), assessment("3A", "2026-04-10")),
            ),
            Case(
                "renewed",
                "2025-07-01",
                given(
                    org(),
                    assessment("4A", "2020-06-30", expires_on="2025-06-30"),
                    assessment("4A", "2025-05-01", expires_on="2030-05-01"),
                ),
            ),
            Case(
                "withdrawn: there is nothing to expire",
                "2025-07-01",
                given(
                    org(),
                    assessment(
                        "4A", "2020-06-30", expires_on="2025-06-30", withdrawn_on="2024-01-01", recorded_at="2024-01-01"
                    ),
                ),
            ),
        ),
    ),
    Rule(
        id="GR-03",
        zh="在严重违法失信名单期间，不给予资金资助、不购买服务、不授予荣誉",
        en="no funding, purchases or honours while on the serious list",
        citation=O60.at(21),
        flag=ALERT,
        facts=barred,
        missing=_MISSING,
        reads_lists=True,
        next_step="none",
        certainty="M",
        clauses=(
            Clause(
                "listed",
                "{day}起在{which_zh}，限制资金资助、购买服务和荣誉",
                "on {which_en} since {day}: no funding, purchases or honours",
            ),
        ),
        cases=(
            Case(
                "on the serious list",
                "2025-06-30",
                given(org(), penalty("suspension", "2025-04-10"), listing("2025-04-12", "SL-03")),
                ("alert attention GR-03 2025-04-12",),
            ),
            Case(
                "on the abnormal list only",
                "2025-06-30",
                given(org(), penalty("warning", "2025-04-10"), listing("2025-04-12", "AL-05a")),
            ),
        ),
    ),
    Rule(
        id="GR-04",
        zh="信用良好的，优先承接委托、购买服务、资金资助和推荐表彰",
        en="good credit: first in line for commissions, purchases, funding and honours",
        citation=O60.at(20),
        works="incentive",
        works_zh="激励措施，不作为事项公布",
    ),
)
