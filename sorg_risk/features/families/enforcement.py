"""What the authority found and decided: penalties, inspections, orders to rectify, listings of the past."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..declare import Feature, example, row
from ..ingredients import Condition

_penalty = partial(Feature, table="penalties")
_inspection = partial(Feature, table="inspections")
_STATUTE = "社会组织信用信息管理办法（民政部令第60号）"
_ADVERSE = ("problem", "rejected", "unsigned", "unmet")
_GRAVE = ("suspension", "certificate_revoked", "registration_revoked", "change_revoked")


def _penalties(days: int) -> Iterator[Feature]:
    yield _penalty(
        name=f"penalty_decisions_{days}d",
        aggregate="distinct",
        window_days=days,
        by="decision",
        direction=1,
        zh=f"近{days}天受到处罚决定{{value}}件",
        en=f"penalty decisions within {days} days: {{value}}",
        examples=(
            example(2, row(1, decision_id="a"), row(1, decision_id="a", kind="fine"), row(5, decision_id="b")),
            example(3, row(1, decision_id="a"), row(2), row(3, kind="fine")),
            example(0, row(days, decision_id="a")),
        ),
    )
    yield _penalty(
        name=f"warnings_{days}d",
        aggregate="count",
        window_days=days,
        where={"kind": "warning"},
        direction=1,
        ground="AL-05" if days <= 365 else "",
        statute=f"{_STATUTE}第十一条第五项" if days <= 365 else "",
        zh=f"近{days}天受到警告{{value}}次",
        en=f"formal warnings within {days} days: {{value}}",
        examples=(example(1, row(1, kind="warning"), row(2, kind="fine")), example(0, row(days, kind="warning"))),
    )
    yield _penalty(
        name=f"fines_{days}d",
        aggregate="sum",
        window_days=days,
        value="amount",
        where={"kind": ("fine", "confiscation")},
        unit="yuan",
        direction=1,
        zh=f"近{days}天罚没{{value}}元",
        en=f"CNY fined or confiscated within {days} days: {{value}}",
        examples=(
            example(700, row(1, kind="fine", amount=500), row(2, kind="confiscation", amount=200), row(3, amount=9)),
            example(0, row(days, kind="fine", amount=500)),
        ),
    )
    yield _penalty(
        name=f"fine_max_{days}d",
        aggregate="max",
        window_days=days,
        value="amount",
        where={"kind": "fine"},
        unit="yuan",
        direction=1,
        zh=f"近{days}天最高一笔罚款{{value}}元",
        en=f"largest fine within {days} days, CNY: {{value}}",
        examples=(
            example(500, row(1, kind="fine", amount=500), row(2, kind="fine", amount=20)),
            example(None, row(1, kind="confiscation", amount=500)),
        ),
    )


def _inspections(days: int) -> Iterator[Feature]:
    yield _inspection(
        name=f"inspections_{days}d",
        aggregate="count",
        window_days=days,
        zh=f"近{days}天被检查或发函{{value}}次",
        en=f"inspections, orders or letters within {days} days: {{value}}",
        examples=(example(2, row(0), row(days - 1), row(days)), example(0)),
    )
    yield _inspection(
        name=f"inspection_problems_{days}d",
        aggregate="count",
        window_days=days,
        where={"outcome": _ADVERSE},
        direction=1,
        zh=f"近{days}天检查不利结果{{value}}次",
        en=f"adverse outcomes of inspections within {days} days: {{value}}",
        examples=(
            example(2, row(1, outcome="problem"), row(2, outcome="unsigned"), row(3, outcome="clean"), row(4)),
            example(0, row(days, outcome="problem")),
        ),
    )
    yield _inspection(
        name=f"inspection_problem_share_{days}d",
        aggregate="share",
        window_days=days,
        where={"kind": "spot_check"},
        part={"outcome": "problem"},
        unit="share",
        direction=1,
        zh=f"近{days}天抽查发现问题的占{{value}}",
        en=f"share of spot checks within {days} days that found problems: {{value}}",
        examples=(
            example(0.5, row(1, kind="spot_check", outcome="problem"), row(2, kind="spot_check", outcome="clean")),
            example(None, row(1, kind="special_letter")),
        ),
    )
    for kind, name, zh, en in (
        ("rectification_order", "rectification_orders", "责令整改", "orders to rectify"),
        ("special_letter", "special_letters", "发出专用信函", "special letters"),
    ):
        yield _inspection(
            name=f"{name}_{days}d",
            aggregate="count",
            window_days=days,
            where={"kind": kind},
            direction=1,
            zh=f"近{days}天{zh}{{value}}次",
            en=f"{en} within {days} days: {{value}}",
            examples=(example(1, row(1, kind=kind), row(2, kind="spot_check")), example(0, row(days, kind=kind))),
        )


def _listings(name: str, zh: str, en: str, **where: Condition) -> Feature:
    cells = {column: wanted[0] if isinstance(wanted, tuple) else wanted for column, wanted in where.items()}
    others = {"list": "abnormal", "action": "removed" if cells["action"] == "listed" else "listed"}
    return Feature(
        name=name,
        table="listings",
        aggregate="count",
        window_days=1825,
        where=where,
        direction=1,
        zh=f"近1825天{zh}{{value}}次",
        en=f"{en} within 1825 days: {{value}}",
        examples=(
            example(1, row(30, **{"list": "abnormal", **cells}), row(20, **others)),
            example(0, row(1825, **{"list": "abnormal", **cells})),
        ),
    )


FEATURES = (
    *(one for days in (365, 1095) for one in _penalties(days)),
    *(one for days in (365, 1095) for one in _inspections(days)),
    _penalty(
        name="penalty_recency",
        aggregate="recency",
        unit="days",
        direction=-1,
        zh="距最近一次处罚{value}天",
        en="days since the latest penalty: {value}",
        examples=(example(40, row(40), row(300)), example(None)),
    ),
    _inspection(
        name="inspection_recency",
        aggregate="recency",
        unit="days",
        zh="距最近一次检查或发函{value}天",
        en="days since the latest inspection, order or letter: {value}",
        examples=(example(3, row(3), row(300)), example(None)),
    ),
    _inspection(
        name="problem_recency",
        aggregate="recency",
        where={"outcome": _ADVERSE},
        unit="days",
        direction=-1,
        zh="距最近一次检查不利结果{value}天",
        en="days since the latest adverse outcome of an inspection: {value}",
        examples=(example(30, row(30, outcome="problem"), row(3, outcome="clean")), example(None, row(3))),
    ),
    _inspection(
        name="orders_open",
        aggregate="count",
        where={"kind": "rectification_order"},
        until="settled_on",
        direction=1,
        zh="尚未完成并通过验收的整改{value}项",
        en="orders to rectify not completed and accepted: {value}",
        examples=(
            example(
                2,
                row(90, kind="rectification_order"),
                row(85, kind="rectification_order", completed_on=5, outcome="rejected"),
                row(80, kind="rectification_order", completed_on=5, outcome="accepted"),
            ),
            example(0, row(90, kind="spot_check"), row(80, kind="rectification_order", outcome="accepted")),
        ),
    ),
    _inspection(
        name="orders_overdue",
        aggregate="count",
        where={"kind": "rectification_order"},
        clock="overdue_from",
        until="settled_on",
        direction=1,
        ground="AL-03",
        statute=f"{_STATUTE}第十一条第三项",
        zh="逾期未完成的整改{value}项",
        en="orders to rectify past their deadline: {value}",
        examples=(
            example(1, row(90, kind="rectification_order", deadline_on=1)),
            example(0, row(90, kind="rectification_order", deadline_on=0)),
        ),
    ),
    _penalty(
        name="court_dishonest_now",
        aggregate="count",
        where={"kind": "court_dishonest"},
        until="lifted_on",
        direction=1,
        ground="SL-06",
        statute=f"{_STATUTE}第十五条第六项",
        zh="现为失信被执行人的记录{value}条",
        en="standing court records of a dishonest debtor: {value}",
        examples=(
            example(1, row(400, kind="court_dishonest"), row(300, kind="court_dishonest", lifted_on=10)),
            example(0, row(400, kind="warning")),
        ),
    ),
    _penalty(
        name="suspensions_730d",
        aggregate="count",
        window_days=730,
        where={"kind": _GRAVE},
        direction=1,
        ground="SL-03",
        statute=f"{_STATUTE}第十五条第二、三、七项",
        zh="近730天受到限期停止活动以上处罚{value}次",
        en="suspensions or revocations within 730 days: {value}",
        examples=(
            example(2, row(9, kind="suspension"), row(8, kind="change_revoked"), row(7, kind="fine")),
            example(0, row(730, kind="suspension")),
        ),
    ),
    _listings(
        "abnormal_listings_1825d",
        "列入活动异常名录",
        "times put on the abnormal list",
        list="abnormal",
        action=("listed", "relisted"),
    ),
    _listings(
        "serious_listings_1825d",
        "列入严重违法失信名单",
        "times put on the serious-dishonesty list",
        list="serious_dishonesty",
        action=("listed", "relisted"),
    ),
    _listings("removals_1825d", "移出名录或名单", "times removed from a list", action="removed"),
    Feature(
        name="removal_recency",
        table="listings",
        aggregate="recency",
        where={"action": "removed"},
        unit="days",
        direction=-1,
        zh="距最近一次移出名录或名单{value}天",
        en="days since the latest removal from a list: {value}",
        examples=(
            example(60, row(60, list="abnormal", action="removed"), row(20, list="abnormal", action="listed")),
            example(None, row(20, list="abnormal", action="listed")),
        ),
    ),
    Feature(
        name="objections_granted_1825d",
        table="exemptions",
        aggregate="count",
        window_days=1825,
        where={"kind": "objection", "outcome": "granted"},
        zh="近1825天异议成立{value}次",
        en="objections granted within 1825 days: {value}",
        examples=(
            example(1, row(9, kind="objection", outcome="granted"), row(8, kind="objection", outcome="pending")),
            example(0, row(9, kind="repair", outcome="granted")),
        ),
    ),
    Feature(
        name="repairs_granted_1825d",
        table="exemptions",
        aggregate="count",
        window_days=1825,
        where={"kind": "repair", "outcome": "granted"},
        zh="近1825天信用修复成立{value}次",
        en="repairs of credit granted within 1825 days: {value}",
        examples=(
            example(1, row(9, kind="repair", outcome="granted")),
            example(0, row(9, kind="repair", outcome="rejected")),
        ),
    ),
)
