"""SZ-02, SZ-03: the Shenzhen Regulations on industry associations: annual report, and the permanent list."""

from __future__ import annotations

from ...calendar.periods import plus_years
from ..absence import day_of
from ..facts import Facts, facts, recorded, together
from ..instruments import SZ_TRADE
from ..known import Known
from ..parameters import ReadOn, constant
from ..penalties import penalties
from ..rule import ABNORMAL, EXIT, Case, Clause, Missing, Rule
from ..scope import SHENZHEN, Scope
from ..worked import given, listing, org, penalty, reports
from .al_01_annual_report import RULE as AL_01
from .al_01_annual_report import late_reports

YEARS = constant(
    "years_to_permanent_list",
    "载入永久名录的年限",
    "years on the abnormal list",
    "years",
    3,
    SZ_TRADE.at(),
    read_on=ReadOn.LISTING,
)
_SCOPE = Scope(industry=True, city=SHENZHEN)


def not_submitted(known: Known) -> Facts:
    """The same situation as AL-01, by the Regulations of the special zone."""
    return late_reports(known, "SZ-02")


def permanent(known: Known) -> Facts:
    """Three full years on the abnormal list, or the certificate revoked."""
    stays = known.lists.history
    stays = stays.loc[(stays["flag"] == ABNORMAL) & stays["gone_on"].isna()]
    years = known.read(YEARS, stays["listed_on"])
    full = years.after(stays["listed_on"], plus_years)
    reached = (full <= known.today) & stays["until"].isna()
    stays, full = stays[reached].reset_index(drop=True), full[reached].reset_index(drop=True)
    revoked = penalties(known, "certificate_revoked")
    return together(
        [
            facts(
                stays,
                "SZ-03",
                full,
                evidence=[recorded("listings", stays["key"])],
                form="years",
                values={"day": stays["listed_on"], "full": full},
                by=[years.rows(reached)],
            ),
            facts(
                revoked,
                "SZ-03",
                revoked["decided_on"],
                evidence="penalties",
                form="revoked",
                values={"day": revoked["decided_on"]},
            ),
        ]
    )


_ORG = org(is_industry_association=True)

RULES = (
    Rule(
        id="SZ-02",
        zh="深圳经济特区行业协会未按规定提交年度报告的，载入活动异常名录",
        en="an industry association of Shenzhen that does not submit its annual report is put on the abnormal list",
        citation=SZ_TRADE.at(),
        flag=ABNORMAL,
        facts=not_submitted,
        missing=AL_01.missing,
        scope=_SCOPE,
        subject="annual_report",
        same_as=("AL-01",),
        continuing=True,
        clauses=AL_01.clauses,
        remedies=AL_01.remedies,
        cases=(
            Case(
                "beside the national ground",
                "2025-06-30",
                given(_ORG, reports(2020, 2021, 2022, 2023)),
                (
                    "abnormal_list recommend_listing AL-01 2025-04-01",
                    "abnormal_list recommend_listing SZ-02 2025-04-01",
                ),
                shows="*list",
            ),
            Case(
                "a listing on one answers the other",
                "2025-06-30",
                given(_ORG, reports(2020, 2021, 2022, 2023), listing("2025-05-10", "AL-01")),
            ),
            Case("other associations", "2025-06-30", given(org(), reports(2020, 2021, 2022, 2023))),
        ),
    ),
    Rule(
        id="SZ-03",
        zh="深圳经济特区行业协会在活动异常名录满{years_to_permanent_list}年或者被吊销的，载入活动异常永久名录",
        en="an industry association of Shenzhen {years_to_permanent_list} full years on the abnormal list, or revoked: the permanent list",
        citation=SZ_TRADE.at(),
        flag=EXIT,
        facts=permanent,
        missing=(Missing("listings", ("abnormal",), after=day_of("day"), forms=("years",)),),
        scope=_SCOPE,
        subject="years_on_abnormal_list",
        beside=("SL-01",),
        reads_lists=True,
        next_step="decide",
        certainty="U",
        parameters=(YEARS,),
        clauses=(
            Clause(
                "three_years",
                "自{day}起在活动异常名录，{full}满{years_to_permanent_list}年",
                "on the abnormal list since {day}, {years_to_permanent_list} full years on {full}",
                "years",
            ),
            Clause("revoked", "{day}被吊销登记证书", "the certificate was revoked on {day}", "revoked"),
        ),
        cases=(
            Case(
                "three years on the day",
                "2025-06-30",
                given(_ORG, listing("2022-06-30", "AL-01")),
                ("exit_candidate attention SZ-03 2025-06-30",),
            ),
            Case("one day short", "2025-06-30", given(_ORG, listing("2022-07-01", "AL-01"))),
            Case(
                "certificate revoked",
                "2025-06-30",
                given(_ORG, penalty("certificate_revoked", "2025-05-06")),
                ("exit_candidate attention SZ-03 2025-05-06",),
            ),
            Case("other associations", "2025-06-30", given(org(), listing("2022-06-30", "AL-01"))),
        ),
    ),
)
