"""EX: what takes a fact out: a certificate of no direct responsibility (O60 art. 12), a granted objection (art. 18)."""

from __future__ import annotations

from typing import Any

from ..instruments import O60
from ..rule import Case, Clause, Rule
from ..worked import Rows, exemption, given, inspection, listing, org, penalty, reports

_YEARS = reports(2020, 2021)
_MISSING = ("abnormal_list recommend_listing AL-01 2023-06-01",)


def _certificate(outcome: str = "granted", **more: Any) -> Rows:
    return given(
        org(), _YEARS, exemption("no_direct_responsibility", "AL-01:2022", "2023-06-20", outcome=outcome, **more)
    )


RULES = (
    Rule(
        id="EX-01",
        zh="业务主管单位或者有关部门书面证明不负直接责任的，可以不列入活动异常名录",
        en="left off the abnormal list on a written certificate of no direct responsibility",
        citation=O60.at(12),
        works="person",
        works_zh="须由人决定：不负直接责任证明成立后，该事实不作为列入活动异常名录的情形",
        clauses=(
            Clause(
                "excused",
                "列入所依据的事实，自{since}起有不负直接责任的书面证明",
                "there is a certificate of no direct responsibility for what the listing rested on, since {since}",
            ),
        ),
        certainty="R",
        cases=(
            Case("granted", "2023-06-28", _certificate(), shows="AL-"),
            Case("pending", "2023-06-28", _certificate("pending"), _MISSING, shows="AL-"),
            Case("rejected", "2023-06-28", _certificate("rejected"), _MISSING, shows="AL-"),
            Case(
                "counts from the day it was recorded",
                "2023-06-28",
                _certificate(recorded_at="2023-06-29"),
                _MISSING,
                shows="AL-",
            ),
            Case(
                "of another year",
                "2023-06-28",
                given(org(), _YEARS, exemption("no_direct_responsibility", "AL-01:2021", "2023-06-20")),
                _MISSING,
                shows="AL-",
            ),
            Case(
                "it does not touch the serious list",
                "2025-06-30",
                given(
                    org(),
                    penalty("suspension", "2025-04-15"),
                    exemption("no_direct_responsibility", "PEN1", "2025-05-20"),
                ),
                ("serious_dishonesty_list recommend_listing SL-03 2025-04-15",),
                shows="SL-",
            ),
            Case(
                "of an order, by its key",
                "2025-07-30",
                given(
                    org(),
                    inspection("rectification_order", "2025-05-20", deadline_on="2025-06-30"),
                    exemption("no_direct_responsibility", "INS1", "2025-07-20"),
                ),
                shows="AL-03",
            ),
        ),
    ),
    Rule(
        id="EX-02",
        zh="异议成立的，所指记录不再计入，据此作出的列入应当移出",
        en="a granted objection: the record counts nowhere, and a listing that rests on it is undone",
        citation=O60.at(18),
        works="removal",
        works_zh="由名单机制适用",
        clauses=(
            Clause(
                "baseless",
                "列入所依据的事实，据现有记录不成立（自{since}起：异议成立，或者记录被撤销、更正、补录）",
                "what the listing rested on does not stand as known since {since} (objection, annulment, correction or late record)",
            ),
        ),
        cases=(
            Case(
                "granted: the warning is gone",
                "2025-06-30",
                given(org(), penalty("warning", "2025-04-10"), exemption("objection", "PEN1", "2025-05-20")),
                shows="AL-05",
            ),
            Case(
                "pending: it stands",
                "2025-06-30",
                given(
                    org(),
                    penalty("warning", "2025-04-10"),
                    exemption("objection", "PEN1", "2025-05-20", outcome="pending"),
                ),
                ("abnormal_list recommend_listing AL-05a 2025-04-10",),
                shows="AL-05",
            ),
            Case(
                "a listing that rests on it",
                "2025-06-30",
                given(
                    org(),
                    penalty("warning", "2025-04-10"),
                    listing("2025-04-12", "AL-05a"),
                    exemption("objection", "PEN1", "2025-05-20"),
                ),
                ("abnormal_list listed AL-05a 2025-04-12", "abnormal_list recommend_removal AL-05a 2025-05-20"),
                shows="AL-05",
            ),
            Case(
                "a listing that rests on another warning too",
                "2025-06-30",
                given(
                    org(),
                    penalty("warning", "2025-04-10"),
                    penalty("warning", "2025-04-11"),
                    listing("2025-04-12", "AL-05a"),
                    exemption("objection", "PEN1", "2025-05-20"),
                ),
                ("abnormal_list listed AL-05a 2025-04-12",),
                shows="AL-05",
            ),
            Case(
                "an annulled decision: the warning is voided after the listing",
                "2025-06-30",
                given(
                    org(),
                    penalty("warning", "2025-04-10", penalty_id="P"),
                    penalty("warning", "2025-04-10", penalty_id="P", recorded_at="2025-05-20", voided=True),
                    listing("2025-04-12", "AL-05a"),
                ),
                ("abnormal_list listed AL-05a 2025-04-12", "abnormal_list recommend_removal AL-05a 2025-05-20"),
                shows="AL-05",
            ),
        ),
    ),
)
