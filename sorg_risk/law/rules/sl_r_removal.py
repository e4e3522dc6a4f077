"""SL-R1 to SL-R3: how a stay on the serious list begins again or ends (O60 art. 16, 17)."""

from __future__ import annotations

from ..instruments import O60
from ..rule import Case, Clause, Rule
from ..stays import YEARS_SERIOUS
from ..worked import exemption, given, listing, org, penalty, report, reports, step

_YEARS = reports(2021, 2022, 2023, 2024)
_LISTED = (
    org(registered="2021-01-08"),
    _YEARS,
    penalty("suspension", "2023-05-20"),
    listing("2023-06-30", "SL-03", listing_id="L"),
)
_GONE = (
    "serious_dishonesty_list listed SL-03 2023-06-30",
    "serious_dishonesty_list recommend_removal SL-03 2025-06-30",
)
_STAYS = ("serious_dishonesty_list listed SL-03 2023-06-30",)

RULES = (
    Rule(
        id="SL-R1",
        zh="在严重违法失信名单期间再次出现应当列入活动异常名录或者严重违法失信名单情形的，期限重新计算",
        en="a new situation of either list while on the serious list starts its term again",
        citation=O60.at(16),
        works="lists",
        works_zh="由名单机制适用",
        certainty="M",
        cases=(
            Case(
                "a missing report while on the serious list: its term again, and no second list",
                "2025-06-30",
                given(
                    org(registered="2021-01-08"),
                    reports(2021, 2022, 2023),
                    penalty("suspension", "2024-05-20"),
                    listing("2024-06-30", "SL-03"),
                ),
                (
                    "serious_dishonesty_list listed SL-03 2024-06-30",
                    "serious_dishonesty_list restart AL-01 2025-06-04",
                ),
                shows="*list",
            ),
        ),
    ),
    Rule(
        id="SL-R2",
        zh="列入严重违法失信名单满{years_on_serious_list}年且期间未再出现列入情形的，可以申请移出；因异常名录期满列入的还应当已履行义务或者完成整改",
        en="removal on application after {years_on_serious_list} full clean years; if listed after the full years on the other list, the duties must be done too",
        parameters=(YEARS_SERIOUS,),
        citation=O60.at(17),
        works="removal",
        works_zh="由名单机制适用",
        clauses=(
            Clause(
                "clean_years",
                "至{since}期限已满，期间未再出现列入情形",
                "the full years were over on {since}, with no new situation",
            ),
        ),
        cases=(
            Case("one day short", "2025-06-29", given(*_LISTED), _STAYS, shows="SL-"),
            Case("two full years on the day", "2025-06-30", given(*_LISTED), _GONE, shows="SL-"),
            Case(
                "applied for",
                "2025-07-10",
                given(*_LISTED, step("removal_applied", "2025-07-01", "SL-03", on="serious_dishonesty")),
                _GONE,
                shows="SL-",
            ),
            Case(
                "a repair granted before the two years removes nothing",
                "2025-06-29",
                given(*_LISTED, exemption("repair", "L", "2024-09-01")),
                _STAYS,
                shows="SL-",
            ),
            Case(
                "not clean: a warning in between",
                "2025-07-10",
                given(*_LISTED, penalty("warning", "2024-08-01")),
                _STAYS,
                shows="SL-",
            ),
            Case(
                "listed after two years on the other list, report still missing",
                "2026-05-30",
                given(
                    org(registered="2021-01-08"),
                    reports(2022, 2023, 2024),
                    listing("2022-06-10", "AL-01"),
                    listing("2024-05-20", "SL-01"),
                    listing("2024-05-20", "AL-01", "removed"),
                ),
                ("serious_dishonesty_list listed SL-01 2024-05-20",),
                shows="SL-",
            ),
            Case(
                "the same, with the report filed since",
                "2026-05-30",
                given(
                    org(registered="2021-01-08"),
                    reports(2022, 2023, 2024),
                    report(2021, filed="2025-01-10", accepted_on="2025-01-20", recorded_at="2025-01-20"),
                    listing("2022-06-10", "AL-01"),
                    listing("2024-05-20", "SL-01"),
                    listing("2024-05-20", "AL-01", "removed"),
                ),
                (
                    "serious_dishonesty_list listed SL-01 2024-05-20",
                    "serious_dishonesty_list recommend_removal SL-01 2026-05-20",
                ),
                shows="SL-",
            ),
        ),
    ),
    Rule(
        id="SL-R3",
        zh="因吊销、撤销登记列入的，注销登记后移出",
        en="listed after revocation: removed once deregistered",
        citation=O60.at(17),
        works="removal",
        works_zh="由名单机制适用",
        clauses=(Clause("deregistered", "{since}已注销登记", "deregistered on {since}"),),
        cases=(
            Case(
                "listed for a suspension, and deregistered: nothing is said",
                "2025-07-30",
                given(
                    org(
                        registered="2021-01-08", status="deregistered", status_on="2025-07-01", recorded_at="2025-07-01"
                    ),
                    *_LISTED[1:],
                ),
                shows="SL-",
            ),
        ),
    ),
)
