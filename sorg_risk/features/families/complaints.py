"""Complaints and reports by the public: how many, how grave, about the same thing again, answered when."""

from __future__ import annotations

from typing import Any

from ..declare import Feature

_CHANNELS = {
    "hotline": ("热线", "by hotline"),
    "letter": ("来信", "by letter"),
    "visit": ("来访", "in person"),
    "online": ("网络", "online"),
    "transfer": ("转办", "passed on by other bodies"),
    "media": ("媒体", "in the media"),
}


def _complaints(days: int) -> tuple[Feature, ...]:
    common: dict[str, Any] = {"family": "complaints", "table": "complaints", "window_days": days}
    return (
        Feature(
            **common,
            name=f"complaints_{days}d",
            aggregate="count",
            direction=1,
            zh=f"近{days}天收到投诉举报{{value}}件",
            en=f"{{value}} complaints received within {days} days",
        ),
        Feature(
            **common,
            name=f"complaints_grave_{days}d",
            aggregate="count",
            where={"severity": (">=", 4)},
            direction=1,
            zh=f"近{days}天收到严重投诉举报（4级及以上）{{value}}件",
            en=f"{{value}} grave complaints (severity 4 or 5) within {days} days",
        ),
        Feature(
            **common,
            name=f"complaints_substantiated_{days}d",
            aggregate="count",
            where={"substantiated": True},
            direction=1,
            zh=f"近{days}天经查实的投诉举报{{value}}件",
            en=f"{{value}} substantiated complaints within {days} days",
        ),
        Feature(
            **common,
            name=f"complaint_severity_mean_{days}d",
            aggregate="mean",
            value="severity",
            unit="index",
            direction=1,
            zh=f"近{days}天投诉举报平均严重程度{{value}}",
            en=f"mean severity of complaints within {days} days: {{value}}",
        ),
        Feature(
            **common,
            name=f"complaint_repeats_{days}d",
            aggregate="repeats",
            by="category",
            direction=1,
            zh=f"近{days}天同类问题重复投诉{{value}}件",
            en=f"{{value}} repeated complaints on the same matter within {days} days",
        ),
    )


def _longer(days: int) -> tuple[Feature, ...]:
    common: dict[str, Any] = {"family": "complaints", "table": "complaints", "window_days": days}
    return (
        Feature(
            **common,
            name=f"complaint_severity_max_{days}d",
            aggregate="max",
            value="severity",
            unit="index",
            direction=1,
            zh=f"近{days}天投诉举报最高严重程度{{value}}",
            en=f"highest severity of a complaint within {days} days: {{value}}",
        ),
        Feature(
            **common,
            name=f"complaint_categories_{days}d",
            aggregate="distinct",
            by="category",
            direction=1,
            zh=f"近{days}天投诉举报涉及{{value}}类问题",
            en=f"complaints within {days} days concern {{value}} kinds of matter",
        ),
        Feature(
            **common,
            name=f"complaint_channels_{days}d",
            aggregate="distinct",
            by="channel",
            direction=1,
            zh=f"近{days}天投诉举报来自{{value}}种渠道",
            en=f"complaints within {days} days came through {{value}} channels",
        ),
        Feature(
            **common,
            name=f"complaints_change_{days}d",
            aggregate="change",
            unit="ratio",
            direction=1,
            zh=f"近{days}天投诉举报较此前同长时段的变化{{value}}（-1至1）",
            en=f"complaints of the last {days} days against the {days} days before: {{value}} (from -1 to 1)",
        ),
        Feature(
            **common,
            name=f"complaints_trend_{days}d",
            aggregate="trend",
            unit="ratio",
            direction=1,
            zh=f"近{days}天投诉举报走势{{value}}（-1至1，越大越集中于近期）",
            en=f"trend of complaints within {days} days: {{value}} (from -1 to 1)",
        ),
        Feature(
            **common,
            name=f"complaint_substantiated_share_{days}d",
            aggregate="share",
            where={"substantiated": (">=", 0)},
            part={"substantiated": True},
            unit="share",
            direction=1,
            zh=f"近{days}天已有结论的投诉举报查实率{{value}}",
            en=f"{{value}} of the decided complaints within {days} days were substantiated",
        ),
        Feature(
            **common,
            name=f"complaint_days_to_close_{days}d",
            aggregate="mean",
            value="days_to_close",
            unit="days",
            zh=f"近{days}天投诉举报平均办结用时{{value}}天",
            en=f"complaints within {days} days took {{value}} days to close on average",
        ),
    )


def _channel(channel: str) -> Feature:
    zh, en = _CHANNELS[channel]
    return Feature(
        name=f"complaints_{channel}_365d",
        family="complaints",
        table="complaints",
        window_days=365,
        aggregate="count",
        where={"channel": channel},
        direction=1,
        zh=f"近365天经{zh}收到投诉举报{{value}}件",
        en=f"{{value}} complaints received {en} within 365 days",
    )


FEATURES = (
    *(one for days in (30, 90, 365, 1095) for one in _complaints(days)),
    *(one for days in (365, 1095) for one in _longer(days)),
    *(_channel(channel) for channel in _CHANNELS),
    Feature(
        name="complaints_open",
        family="complaints",
        table="complaints",
        aggregate="count",
        until="closed_on",
        direction=1,
        zh="尚未办结的投诉举报{value}件",
        en="{value} complaints still open",
    ),
    Feature(
        name="complaint_recency",
        family="complaints",
        table="complaints",
        aggregate="recency",
        unit="days",
        direction=-1,
        zh="距最近一次投诉举报{value}天",
        en="{value} days since the latest complaint",
    ),
    Feature(
        name="complaints_365d_vs_type",
        family="complaints",
        table="complaints",
        aggregate="percentile",
        base="complaints_365d",
        peers=("org_type",),
        unit="share",
        direction=1,
        zh="近365天投诉举报多于{value}的同类组织",
        en="more complaints within 365 days than {value} of organisations of its type",
    ),
    Feature(
        name="complaints_365d_vs_county",
        family="complaints",
        table="complaints",
        aggregate="percentile",
        base="complaints_365d",
        peers=("district_number",),
        unit="share",
        direction=1,
        zh="近365天投诉举报多于{value}的同区组织",
        en="more complaints within 365 days than {value} of organisations of its district",
    ),
)
