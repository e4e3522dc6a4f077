"""What the authority found and decided: penalties, inspections, orders to rectify, listings of the past."""

from __future__ import annotations

from typing import Any

from ..declare import Feature
from ..ingredients import Condition


def _penalties(days: int) -> tuple[Feature, ...]:
    common: dict[str, Any] = {"family": "enforcement", "table": "penalties", "window_days": days}
    return (
        Feature(
            **common,
            name=f"penalty_decisions_{days}d",
            aggregate="distinct",
            by="decision_id",
            direction=1,
            zh=f"近{days}天受到处罚决定{{value}}件",
            en=f"{{value}} penalty decisions within {days} days",
        ),
        Feature(
            **common,
            name=f"warnings_{days}d",
            aggregate="count",
            where={"kind": "warning"},
            direction=1,
            ground="AL-05" if days <= 365 else "",
            zh=f"近{days}天受到警告{{value}}次",
            en=f"{{value}} formal warnings within {days} days",
        ),
        Feature(
            **common,
            name=f"fines_{days}d",
            aggregate="sum",
            value="amount",
            where={"kind": ("fine", "confiscation")},
            unit="yuan",
            direction=1,
            zh=f"近{days}天罚没{{value}}元",
            en=f"CNY {{value}} fined or confiscated within {days} days",
        ),
    )


def _inspections(days: int) -> tuple[Feature, ...]:
    common: dict[str, Any] = {"family": "enforcement", "table": "inspections", "window_days": days}
    return (
        Feature(
            **common,
            name=f"inspections_{days}d",
            aggregate="count",
            zh=f"近{days}天被检查或发函{{value}}次",
            en=f"{{value}} inspections, orders or letters within {days} days",
        ),
        Feature(
            **common,
            name=f"inspection_problems_{days}d",
            aggregate="count",
            where={"outcome": ("problem", "rejected", "unsigned", "unmet")},
            direction=1,
            zh=f"近{days}天检查不利结果{{value}}次",
            en=f"{{value}} adverse inspection outcomes within {days} days",
        ),
        Feature(
            **common,
            name=f"inspection_problem_share_{days}d",
            aggregate="share",
            where={"kind": "spot_check"},
            part={"outcome": "problem"},
            unit="share",
            direction=1,
            zh=f"近{days}天抽查发现问题的占{{value}}",
            en=f"{{value}} of spot checks within {days} days found problems",
        ),
        Feature(
            **common,
            name=f"rectification_orders_{days}d",
            aggregate="count",
            where={"kind": "rectification_order"},
            direction=1,
            zh=f"近{days}天责令整改{{value}}次",
            en=f"{{value}} orders to rectify within {days} days",
        ),
        Feature(
            **common,
            name=f"special_letters_{days}d",
            aggregate="count",
            where={"kind": "special_letter"},
            direction=1,
            zh=f"近{days}天发出专用信函{{value}}次",
            en=f"{{value}} special letters within {days} days",
        ),
    )


def _listings(name: str, zh: str, en: str, **where: Condition) -> Feature:
    return Feature(
        name=name,
        family="enforcement",
        table="listings",
        window_days=1825,
        aggregate="count",
        where=where,
        direction=1,
        zh=f"近五年{zh}{{value}}次",
        en=f"{{value}} times {en} within five years",
    )


FEATURES = (
    *(one for days in (365, 1095) for one in _penalties(days)),
    *(one for days in (365, 1095) for one in _inspections(days)),
    Feature(
        name="penalty_recency",
        family="enforcement",
        table="penalties",
        aggregate="recency",
        unit="days",
        direction=-1,
        zh="距最近一次处罚{value}天",
        en="{value} days since the latest penalty",
    ),
    Feature(
        name="inspection_recency",
        family="enforcement",
        table="inspections",
        aggregate="recency",
        unit="days",
        zh="距最近一次检查{value}天",
        en="{value} days since the latest inspection",
    ),
    Feature(
        name="orders_open",
        family="enforcement",
        table="inspections",
        aggregate="count",
        where={"kind": "rectification_order"},
        until="completed_on",
        direction=1,
        zh="尚未完成的整改{value}项",
        en="{value} orders to rectify not completed",
    ),
    Feature(
        name="orders_overdue",
        family="enforcement",
        table="inspections",
        aggregate="count",
        where={"kind": "rectification_order"},
        clock="overdue_from",
        until="completed_on",
        direction=1,
        ground="AL-03",
        zh="逾期未完成的整改{value}项",
        en="{value} orders to rectify past their deadline",
        statute="社会组织信用信息管理办法",
    ),
    Feature(
        name="court_dishonest_now",
        family="enforcement",
        table="penalties",
        aggregate="count",
        where={"kind": "court_dishonest"},
        until="lifted_on",
        direction=1,
        ground="SL-06",
        zh="现为失信被执行人记录{value}条",
        en="{value} standing court records of dishonest debtor",
        statute="社会组织信用信息管理办法",
    ),
    Feature(
        name="suspensions_730d",
        family="enforcement",
        table="penalties",
        window_days=730,
        aggregate="count",
        where={"kind": ("suspension", "certificate_revoked", "registration_revoked", "change_revoked")},
        direction=1,
        ground="SL-02",
        zh="近730天受到停止活动以上处罚{value}次",
        en="{value} suspensions or revocations within 730 days",
        statute="社会组织信用信息管理办法",
    ),
    _listings(
        "abnormal_listings_1825d",
        "列入活动异常名录",
        "on the abnormal list",
        list="abnormal",
        action=("listed", "relisted"),
    ),
    _listings(
        "serious_listings_1825d",
        "列入严重违法失信名单",
        "on the serious-dishonesty list",
        list="serious_dishonesty",
        action=("listed", "relisted"),
    ),
    _listings("removals_1825d", "移出名录或名单", "removed from a list", action="removed"),
)
