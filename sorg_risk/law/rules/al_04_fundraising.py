"""AL-04: a charity with public-fundraising qualification that no longer meets its conditions, or lets six months pass without fundraising.

O60 art. 11(4) refers to the Measures on public fundraising of 2016; whether those of 2024 keep the ground is unconfirmed, so from
2024-09-05 on the same facts are no ground for listing any more, only a provisional alert.
"""

from __future__ import annotations

import datetime as dt
from functools import partial

import pandas as pd

from ...calendar.periods import not_earlier, plus_months
from ...records.lookups import within
from ..absence import day_of
from ..checked import failings
from ..facts import Facts, facts
from ..instruments import O59, O60, O74
from ..known import Known
from ..parameters import constant
from ..rule import ABNORMAL, ALERT, Case, Clause, Missing, Remedy, Rule
from ..scope import Scope
from ..worked import FD, filing, given, inspection, org

MONTHS = constant(
    "months_without_fundraising",
    "连续未开展公开募捐的月数",
    "months without public fundraising",
    "months",
    6,
    O59.at(21),
).then(6, O74.at(), O74.effective_from, certainty="U")
LAST_DAY = O59.effective_to
FIRST_DAY = LAST_DAY + dt.timedelta(days=1)


def idle(known: Known, not_before: dt.date | None = None) -> Facts:
    """Every stretch of six months without public fundraising: since the months were over, until the next activity."""
    filed = known.table("filings")
    filed = filed.loc[(filed["kind"] == "fundraising") & filed["filed_on"].notna()]
    acts = filed.assign(day=filed["filed_on"], record="filings:" + filed["filing_id"]).loc[
        :, ["org_id", "day", "record"]
    ]
    first = known.organizations.loc[lambda orgs: orgs["has_public_fundraising"].fillna(False).astype(bool)]
    start = first.assign(day=first["registered_on"], record="organizations:" + first["org_id"]).loc[
        :, ["org_id", "day", "record"]
    ]
    acts = pd.concat([start, acts], ignore_index=True).sort_values(
        ["org_id", "day", "record"], kind="stable", ignore_index=True
    )
    following = acts.groupby("org_id")["day"].shift(-1)
    over, months = known.over(MONTHS, acts["day"], plus_months)
    gap = within(acts["org_id"], first["org_id"]) & ~(following <= over)
    acts, following, over, months = acts[gap], following[gap], over[gap], months.rows(gap)
    since = over if not_before is None else not_earlier(over, not_before)
    return facts(
        acts,
        "AL-04a",
        since,
        evidence=[acts["record"]],
        ends=following,
        values={"last": acts["day"], "over": over},
        by=[months],
    )


def unqualified(known: Known, not_before: dt.date | None = None) -> Facts:
    """Every stretch in which an inspection found the conditions of the qualification unmet."""
    found = failings(known, "fundraising_condition", "unmet", "met")
    since = found["since"] if not_before is None else not_earlier(found["since"], not_before)
    return facts(
        found,
        "AL-04b",
        since,
        evidence=found["records"].tolist(),
        ends=found["ends"],
        known_on=found["known_on"],
        values={"day": found["since"]},
    )


_NO_ACTIVITY = (Missing("filings", ("fundraising",), after=day_of("last")),)
_NOT_MET_AGAIN = (Missing("inspections", ("fundraising_condition",), after=day_of("day")),)
_WITH = Scope(charity=True, fundraising=True)
_IDLE = (
    Clause(
        "last_activity",
        "最近一次公开募捐（或登记）为{last}",
        "the last public fundraising (or the registration) was on {last}",
    ),
    Clause(
        "six_months",
        "至{over}连续{months_without_fundraising}个月未开展公开募捐",
        "{months_without_fundraising} months without any were over on {over}",
    ),
)
_UNMET = (
    Clause("condition_unmet", "{day}检查不再符合公开募捐条件", "found on {day} to meet the conditions no longer"),
)
_RAISE = (Remedy("raise_funds", "依法开展公开募捐", "hold a public fundraising"),)
_MEND = (Remedy("meet_conditions", "恢复符合公开募捐条件并经核查", "meet the conditions again and have it checked"),)
_FD = org(FD, "2021-01-08", is_charity=True, has_public_fundraising=True)
_ZH = ("公开募捐慈善组织连续{months_without_fundraising}个月未开展公开募捐", "不再符合公开募捐资格条件")
_EN = (
    "no public fundraising for {months_without_fundraising} months",
    "no longer meets the conditions of the qualification",
)

RULES = (
    Rule(
        id="AL-04a",
        zh=_ZH[0],
        en=_EN[0],
        citation=O60.at(11, 4),
        flag=ABNORMAL,
        facts=idle,
        missing=_NO_ACTIVITY,
        scope=_WITH,
        effective_to=LAST_DAY,
        continuing=True,
        parameters=(MONTHS,),
        clauses=_IDLE,
        remedies=_RAISE,
        cases=(
            Case(
                "six months are over on the day",
                "2024-06-28",
                given(_FD, filing("fundraising", "2023-12-28", FD)),
                ("abnormal_list recommend_listing AL-04a 2024-06-28",),
            ),
            Case("one day short", "2024-06-27", given(_FD, filing("fundraising", "2023-12-28", FD))),
            Case(
                "none ever: counted from registration",
                "2021-07-08",
                given(_FD),
                ("abnormal_list recommend_listing AL-04a 2021-07-08",),
            ),
            Case(
                "raised again since",
                "2024-06-28",
                given(_FD, filing("fundraising", "2023-06-01", FD), filing("fundraising", "2024-06-03", FD)),
            ),
            Case("no qualification", "2024-06-28", given(org(FD, is_charity=True))),
        ),
    ),
    Rule(
        id="AL-04a",
        zh=f"{_ZH[0]}（2024年9月5日后依据待核实）",
        en=f"{_EN[0]} (basis unconfirmed since 2024-09-05)",
        citation=O74.at(),
        flag=ALERT,
        facts=partial(idle, not_before=FIRST_DAY),
        missing=_NO_ACTIVITY,
        scope=_WITH,
        continuing=True,
        certainty="U",
        parameters=(MONTHS,),
        clauses=_IDLE,
        remedies=_RAISE,
        cases=(
            Case(
                "since the new Measures no ground for listing, a provisional alert",
                "2025-06-30",
                given(_FD, filing("fundraising", "2024-12-01", FD)),
                ("alert attention AL-04a 2025-06-01",),
            ),
            Case("raised within six months", "2025-06-30", given(_FD, filing("fundraising", "2025-01-02", FD))),
        ),
    ),
    Rule(
        id="AL-04b",
        zh=_ZH[1],
        en=_EN[1],
        citation=O60.at(11, 4),
        flag=ABNORMAL,
        facts=unqualified,
        missing=_NOT_MET_AGAIN,
        reads=("inspections",),
        scope=_WITH,
        effective_to=LAST_DAY,
        continuing=True,
        clauses=_UNMET,
        remedies=_MEND,
        cases=(
            Case(
                "found unmet",
                "2024-06-28",
                given(
                    _FD,
                    filing("fundraising", "2024-05-01", FD),
                    inspection("fundraising_condition", "2024-03-04", FD, "unmet"),
                ),
                ("abnormal_list recommend_listing AL-04b 2024-03-04",),
            ),
            Case(
                "met again by the latest inspection",
                "2024-06-28",
                given(
                    _FD,
                    filing("fundraising", "2024-05-01", FD),
                    inspection("fundraising_condition", "2024-03-04", FD, "unmet"),
                    inspection("fundraising_condition", "2024-05-04", FD, "met"),
                ),
            ),
        ),
    ),
    Rule(
        id="AL-04b",
        zh=f"{_ZH[1]}（2024年9月5日后依据待核实）",
        en=f"{_EN[1]} (basis unconfirmed since 2024-09-05)",
        citation=O74.at(5),
        flag=ALERT,
        facts=partial(unqualified, not_before=FIRST_DAY),
        missing=_NOT_MET_AGAIN,
        reads=("inspections",),
        scope=_WITH,
        continuing=True,
        certainty="U",
        clauses=_UNMET,
        remedies=_MEND,
        cases=(
            Case(
                "a provisional alert",
                "2025-06-30",
                given(
                    _FD,
                    filing("fundraising", "2025-05-01", FD),
                    inspection("fundraising_condition", "2025-03-04", FD, "unmet"),
                ),
                ("alert attention AL-04b 2025-03-04",),
            ),
        ),
    ),
)
