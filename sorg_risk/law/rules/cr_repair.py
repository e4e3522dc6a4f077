"""CR: credit repair and objection as procedures of their own clocks (NDRC 58, NDRC 36, Shenzhen Regulations on Social Credit)."""

from __future__ import annotations

from ..instruments import REPAIR_2023, REPAIR_2026, SZ_CREDIT
from ..repair import PUBLICATION
from ..rule import Rule

RULES = (
    Rule(
        id="CR-01",
        zh="失信信息按轻微、一般、严重分类公示和修复（最短、最长公示期自文书日起算）",
        en="bad-credit information is published and repaired by class, counted from the date of the document",
        citation=REPAIR_2026.at(),
        works="person",
        parameters=(PUBLICATION,),
        works_zh="须由人决定；公示期另行计算（repair），与名单期限互不影响",
        certainty="R",
    ),
    Rule(
        id="CR-02",
        zh="行政处罚信息公示期最短3个月、最长3年，满足条件可申请修复",
        en="penalties are published for three months to three years and can be repaired on conditions",
        citation=REPAIR_2023.at(),
        works="person",
        parameters=(PUBLICATION,),
        works_zh="须由人决定；公示期另行计算（repair），与名单期限互不影响",
        certainty="M",
    ),
    Rule(
        id="CR-03",
        zh="异议当即标注，1个工作日核查、2个工作日（可延3个）处理；修复3个工作日（可延3个）决定",
        en="an objection is marked at once, checked in one and decided in two working days (plus three); a repair in three (plus three)",
        citation=SZ_CREDIT.at(48),
        works="person",
        works_zh="须由人办理：深圳经济特区内的程序期限",
        certainty="R",
    ),
)
