"""Who runs the organisation: offices held, terms overstayed, officials, pay, kin, turnover, and its grade."""

from __future__ import annotations

from typing import Any

from ..declare import Feature
from ..ingredients import Condition

_NOW: dict[str, Any] = {"family": "governance", "table": "positions", "until": "ended_on"}
_ROLES = {
    "director": ("理事", "directors"),
    "supervisor": ("监事", "supervisors"),
    "legal_representative": ("法定代表人", "legal representatives"),
    "secretary_general": ("秘书长", "secretaries general"),
    "finance": ("财务负责人", "heads of finance"),
    "party_secretary": ("党组织书记", "party secretaries"),
}


def _role(role: str) -> Feature:
    zh, en = _ROLES[role]
    return Feature(
        **_NOW,
        name=f"{role}s_now",
        aggregate="distinct",
        by="person_id",
        where={"role": role},
        zh=f"现任{zh}{{value}}人",
        en=f"{{value}} {en} in office",
    )


def _share(name: str, zh: str, en: str, where: dict[str, Condition], part: dict[str, Condition]) -> Feature:
    return Feature(
        **_NOW,
        name=name,
        aggregate="share",
        where=where,
        part=part,
        unit="share",
        direction=1,
        zh=f"现任职务中{zh}占{{value}}",
        en=f"{{value}} of offices are held by {en}",
    )


def _turnover(days: int) -> tuple[Feature, ...]:
    common: dict[str, Any] = {"family": "governance", "table": "positions", "window_days": days, "aggregate": "count"}
    return (
        Feature(
            **common,
            name=f"offices_begun_{days}d",
            zh=f"近{days}天新任职务{{value}}个",
            en=f"{{value}} offices begun within {days} days",
        ),
        Feature(
            **common,
            name=f"offices_ended_{days}d",
            clock="ended_on",
            zh=f"近{days}天离任职务{{value}}个",
            en=f"{{value}} offices ended within {days} days",
        ),
        Feature(
            **common,
            name=f"representatives_changed_{days}d",
            where={"role": "legal_representative"},
            direction=1,
            zh=f"近{days}天新任法定代表人{{value}}人",
            en=f"{{value}} new legal representatives within {days} days",
        ),
    )


FEATURES = (
    *(_role(role) for role in _ROLES),
    *(one for days in (365, 1095) for one in _turnover(days)),
    Feature(**_NOW, name="offices_now", aggregate="count", zh="现任职务{value}个", en="{value} offices held"),
    Feature(
        **_NOW,
        name="persons_now",
        aggregate="distinct",
        by="person_id",
        zh="现任负责人{value}人",
        en="{value} persons in office",
    ),
    Feature(
        **_NOW,
        name="offices_doubled",
        aggregate="repeats",
        by="person_id",
        direction=1,
        zh="一人兼任的职务{value}个",
        en="{value} offices held on top of another by the same person",
    ),
    Feature(
        **_NOW,
        name="kin_among_officers",
        aggregate="repeats",
        by="kin_group",
        direction=1,
        zh="现任负责人中同一亲属组的多出{value}个职务",
        en="{value} offices beyond the first within one family",
    ),
    Feature(
        **_NOW,
        name="officials_now",
        aggregate="count",
        where={"is_official": True},
        direction=1,
        zh="公职人员任职{value}个",
        en="{value} offices held by public officials",
    ),
    Feature(
        **_NOW,
        name="offices_overstayed",
        aggregate="count",
        clock="overstays_from",
        direction=1,
        zh="任期届满仍在任的职务{value}个",
        en="{value} offices held beyond their term",
    ),
    Feature(
        **_NOW,
        name="office_overstay_newest",
        aggregate="recency",
        clock="overstays_from",
        unit="days",
        direction=1,
        zh="最近一次任期届满距今{value}天",
        en="{value} days since the latest term was overstayed",
    ),
    _share("paid_office_share", "领薪", "paid persons", {}, {"is_paid": True}),
    _share("official_office_share", "公职人员", "public officials", {}, {"is_official": True}),
    _share(
        "paid_supervisor_share",
        "领薪监事（占监事）",
        "paid supervisors (of supervisors)",
        {"role": "supervisor"},
        {"is_paid": True},
    ),
    Feature(
        name="grade",
        family="governance",
        table="assessments",
        aggregate="latest",
        value="grade",
        until="lapses_on",
        unit="category",
        zh="现行评估等级：{value}",
        en="assessment grade in force: {value}",
    ),
    Feature(
        name="grade_recency",
        family="governance",
        table="assessments",
        aggregate="recency",
        unit="days",
        zh="距最近一次等级评估{value}天",
        en="{value} days since the latest assessment",
    ),
    Feature(
        name="elections_1825d",
        family="governance",
        table="filings",
        window_days=1825,
        aggregate="count",
        where={"kind": "election"},
        direction=-1,
        zh="近五年报送换届材料{value}份",
        en="{value} election filings within five years",
    ),
    Feature(
        name="election_recency",
        family="governance",
        table="filings",
        aggregate="recency",
        where={"kind": "election"},
        unit="days",
        direction=1,
        zh="距最近一次换届{value}天",
        en="{value} days since the latest election",
    ),
)
