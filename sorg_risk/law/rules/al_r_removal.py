"""AL-R1 to AL-R4: how a stay on the abnormal list ends or begins again (O60 art. 13, 14, 15(1))."""

from __future__ import annotations

from ..instruments import O60
from ..procedure_terms import REMOVE_DAYS
from ..rule import Case, Clause, Rule
from ..stays import STAY_FINE, STAY_WARNING, YEARS_ABNORMAL
from ..worked import exemption, given, inspection, listing, org, penalty, report, reports

_YEARS = reports(2020, 2021, 2022)
_LATE = report(2023, filed="2025-01-20", accepted_on="2025-02-10", recorded_at="2025-02-10")

RULES = (
    Rule(
        id="AL-R1",
        zh="已履行义务或者完成整改的，经核实后{remove_days}个工作日内移出活动异常名录",
        en="removed from the abnormal list within {remove_days} working days once the duty is done or the order rectified",
        citation=O60.at(14),
        works="removal",
        works_zh="由名单机制适用",
        certainty="R",
        parameters=(REMOVE_DAYS,),
        clauses=(
            Clause(
                "rectified",
                "{since}已履行义务或者完成整改，别无其他列入情形",
                "the duty was done by {since}, and no other ground stands",
            ),
        ),
        cases=(
            Case(
                "the missing report was filed and accepted, nothing else is due",
                "2025-05-30",
                given(org(), _YEARS, listing("2024-07-10", "AL-01"), _LATE),
                ("abnormal_list listed AL-01 2024-07-10", "abnormal_list recommend_removal AL-01 2025-02-10"),
                shows="AL-",
            ),
            Case(
                "filed, but not accepted yet",
                "2025-05-30",
                given(org(), _YEARS, listing("2024-07-10", "AL-01"), report(2023, filed="2025-01-20")),
                ("abnormal_list listed AL-01 2024-07-10",),
                shows="AL-",
            ),
            Case(
                "another ground stands: an open order older than the listing",
                "2025-05-30",
                given(
                    org(),
                    _YEARS,
                    inspection("rectification_order", "2024-05-20", deadline_on="2024-06-28"),
                    listing("2024-07-10", "AL-01"),
                    _LATE,
                ),
                ("abnormal_list listed AL-01 2024-07-10",),
                shows="AL-",
            ),
            Case(
                "a repair granted removes nothing by itself",
                "2025-05-30",
                given(
                    org(),
                    _YEARS,
                    listing("2024-07-10", "AL-01", listing_id="L"),
                    exemption("repair", "L", "2025-03-01"),
                ),
                ("abnormal_list listed AL-01 2024-07-10",),
                shows="AL-",
            ),
        ),
    ),
    Rule(
        id="AL-R2",
        zh="无需整改或者履行义务的（如警告），自列入之日起满{stay_warning}个月移出",
        en="removed after {stay_warning} full months where there is nothing to rectify (a warning, for instance)",
        citation=O60.at(14),
        works="removal",
        works_zh="由名单机制适用",
        certainty="R",
        parameters=(STAY_WARNING, STAY_FINE),
        clauses=(
            Clause(
                "six_months",
                "列入的期限已于{since}届满，无需整改，别无其他列入情形",
                "the months of the stay were over on {since}, with nothing to rectify and no other ground",
            ),
        ),
        cases=(
            Case(
                "one day short of six months",
                "2025-05-31",
                given(org(), _YEARS, report(2023), penalty("warning", "2024-11-20"), listing("2024-12-01", "AL-05a")),
                ("abnormal_list listed AL-05a 2024-12-01",),
                shows="AL-",
            ),
            Case(
                "six months on the day",
                "2025-06-01",
                given(
                    org(),
                    _YEARS,
                    report(2023),
                    report(2024),
                    penalty("warning", "2024-11-20"),
                    listing("2024-12-01", "AL-05a"),
                ),
                ("abnormal_list listed AL-05a 2024-12-01", "abnormal_list recommend_removal AL-05a 2025-06-01"),
                shows="AL-",
            ),
            Case(
                "a term that began again runs from the relisting",
                "2025-06-01",
                given(
                    org(),
                    _YEARS,
                    report(2023),
                    report(2024),
                    penalty("warning", "2024-11-20"),
                    listing("2024-12-01", "AL-05a"),
                    penalty("warning", "2025-02-20"),
                    listing("2025-03-01", "AL-05a", "relisted"),
                ),
                (
                    "abnormal_list listed AL-05a 2025-03-01",
                    "serious_dishonesty_list recommend_listing SL-05 2025-02-20",
                ),
                shows="*list",
            ),
        ),
    ),
    Rule(
        id="AL-R3",
        zh="在活动异常名录期间再次出现应当列入情形的，期限重新计算",
        en="a new situation while on the abnormal list starts the term again",
        citation=O60.at(13),
        works="lists",
        works_zh="由名单机制适用",
        cases=(
            Case(
                "on the list for an open order; a warning comes",
                "2025-05-30",
                given(
                    org(),
                    reports(2021, 2022, 2023, 2024),
                    inspection("rectification_order", "2024-01-08", deadline_on="2024-02-08"),
                    listing("2024-02-20", "AL-03"),
                    penalty("warning", "2025-05-12"),
                ),
                ("abnormal_list listed AL-03 2024-02-20", "abnormal_list restart AL-05a 2025-05-12"),
                shows="AL-",
            ),
            Case(
                "a ground as old as the listing is covered by it",
                "2025-05-30",
                given(
                    org(),
                    reports(2021, 2022, 2023, 2024),
                    inspection("rectification_order", "2024-01-08", deadline_on="2024-02-08"),
                    penalty("warning", "2025-02-20"),
                    listing("2025-02-20", "AL-03"),
                ),
                ("abnormal_list listed AL-03 2025-02-20",),
                shows="AL-",
            ),
        ),
    ),
    Rule(
        id="AL-R4",
        zh="因满{years_on_abnormal_list}年被列入严重违法失信名单的，同时移出活动异常名录",
        en="off the abnormal list on the day {years_on_abnormal_list} full years on it led to the serious list",
        parameters=(YEARS_ABNORMAL,),
        citation=O60.at(15, 1),
        works="removal",
        works_zh="由名单机制适用",
        clauses=(
            Clause(
                "escalated",
                "已于{since}因期限届满列入严重违法失信名单，同时移出",
                "put on the serious list for the full years on this one on {since}, and off this one the same day",
            ),
        ),
        cases=(
            Case(
                "on the serious list, and not taken off the other",
                "2025-07-30",
                given(
                    org(),
                    reports(2020, 2021, 2023, 2024),
                    listing("2023-06-30", "AL-01"),
                    listing("2025-07-01", "SL-01"),
                ),
                (
                    "abnormal_list listed AL-01 2023-06-30",
                    "abnormal_list recommend_removal AL-01 2025-07-01",
                    "serious_dishonesty_list listed SL-01 2025-07-01",
                ),
                shows="*list",
            ),
            Case(
                "on the serious list for something else: the stay on the other goes on",
                "2025-06-29",
                given(
                    org(),
                    reports(2020, 2021, 2023, 2024),
                    listing("2023-06-30", "AL-01"),
                    penalty("suspension", "2025-04-15"),
                    listing("2025-04-20", "SL-03"),
                ),
                ("abnormal_list listed AL-01 2023-06-30", "serious_dishonesty_list listed SL-03 2025-04-20"),
                shows="*list",
            ),
        ),
    ),
)
