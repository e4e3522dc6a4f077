"""What the policies of all types share: party duty, and the measures of the national credit rules."""

from __future__ import annotations

from typing import Final

from .policy import Measure

ROUTES: Final = {"AL-02": "party_body", "MO": "finance_and_audit"}

_O60_20 = "《社会组织信用信息管理办法》（民政部令第60号）第二十条"
_O60_21 = "《社会组织信用信息管理办法》（民政部令第60号）第二十一条"
_SPOT = "《社会组织抽查暂行办法》（民发〔2017〕45号）"
_PLAN = "《深圳市民政事业发展“十四五”规划》第六章"

MEASURES: Final = {
    "A": (
        Measure(
            "优先承接政府授权和委托事项、政府购买服务",
            "first in line for government commissions and purchases",
            _O60_20,
        ),
        Measure(
            "优先推荐表彰奖励，优先获得资金资助和政策扶持", "first in line for honours, funding and support", _O60_20
        ),
    ),
    "B": (Measure("按规定比例随机抽查", "random spot checks at the prescribed rate", _SPOT),),
    "C": (
        Measure("提高抽查比例，督促限期改正", "more spot checks, pressed to correct in time", _SPOT),
        Measure("分类约谈，预警提示", "called in for a talk and warned", _PLAN),
    ),
    "D": (
        Measure("列为重点监督管理对象", "a key object of supervision", _O60_21),
        Measure("不给予资金资助，不向其购买服务", "no funding, no purchase of services", _O60_21),
        Measure(
            "不予授予荣誉，作为取消或者降低评估等级的重要参考",
            "no honours; weighs in lowering the grade assessment",
            _O60_21,
        ),
    ),
}
