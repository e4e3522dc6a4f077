"""PR: due process before a listing, and the duty to enter credit information (O60 art. 8, 10)."""

from __future__ import annotations

from ..instruments import O60
from ..procedure_terms import STATEMENT_DAYS, VERIFY_DAYS
from ..rule import Case, Rule
from ..worked import given, org, reports

RULES = (
    Rule(
        id="PR-01",
        zh="除行政处罚外，列入前应当书面告知；社会组织可在{statement_days}个工作日内陈述申辩，登记管理机关{verify_days}个工作日内核实并决定",
        en="other than for a penalty: notice first, {statement_days} working days for a statement, {verify_days} more to verify and decide",
        citation=O60.at(10),
        works="procedure",
        works_zh="由程序机制适用：决定下一步及其期限",
        certainty="M",
        parameters=(STATEMENT_DAYS, VERIFY_DAYS),
        cases=(
            Case(
                "nothing was served yet",
                "2023-06-10",
                given(org(), reports(2020, 2021)),
                ("abnormal_list recommend_listing AL-01 2023-06-01",),
                shows="AL-01",
            ),
        ),
    ),
    Rule(
        id="PR-02",
        zh="信用信息应当自形成或者取得之日起5个工作日内录入",
        en="credit information is entered within five working days of forming or obtaining it",
        citation=O60.at(8),
        works="person",
        works_zh="登记管理机关自身义务，须由人核对",
    ),
)
