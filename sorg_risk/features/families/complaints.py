"""Complaints and reports by the public: how many, how grave, about the same thing again, answered when."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..declare import Feature, example, row
from ..ingredients import KNOWN
from ..relative import relative

_feature = partial(Feature, table="complaints")
_CHANNELS = {
    "hotline": ("热线", "by hotline"),
    "letter": ("来信", "by letter"),
    "visit": ("来访", "in person"),
    "online": ("网络", "online"),
    "transfer": ("转办", "passed on by other bodies"),
    "media": ("媒体", "in the media"),
}


def _counted(days: int) -> Iterator[Feature]:
    yield _feature(
        name=f"complaints_{days}d",
        aggregate="count",
        window_days=days,
        direction=1,
        zh=f"近{days}天收到投诉举报{{value}}件",
        en=f"complaints received within {days} days: {{value}}",
        examples=(example(2, row(0), row(days - 1), row(days)), example(0)),
    )
    yield _feature(
        name=f"complaints_grave_{days}d",
        aggregate="count",
        window_days=days,
        where={"severity": (">=", 4)},
        direction=1,
        zh=f"近{days}天收到严重投诉举报（4级及以上）{{value}}件",
        en=f"grave complaints (severity 4 or 5) within {days} days: {{value}}",
        examples=(
            example(2, row(1, severity=4), row(2, severity=5), row(3, severity=3), row(days, severity=5)),
            example(0, row(1), row(2, severity=1)),
        ),
    )
    yield _feature(
        name=f"complaints_substantiated_{days}d",
        aggregate="count",
        window_days=days,
        where={"substantiated": True},
        direction=1,
        zh=f"近{days}天收到并查实的投诉举报{{value}}件",
        en=f"complaints received within {days} days and substantiated: {{value}}",
        examples=(
            example(1, row(1, substantiated=True), row(2, substantiated=False), row(3)),
            example(0, row(days, substantiated=True)),
        ),
    )
    yield _feature(
        name=f"complaint_severity_mean_{days}d",
        aggregate="mean",
        window_days=days,
        value="severity",
        unit="index",
        direction=1,
        zh=f"近{days}天投诉举报平均严重程度{{value}}（1至5）",
        en=f"mean severity of complaints within {days} days (1 to 5): {{value}}",
        examples=(
            example(2.5, row(1, severity=1), row(2, severity=4), row(3), row(days, severity=5)),
            example(None, row(1)),
        ),
    )
    yield _feature(
        name=f"complaint_repeats_{days}d",
        aggregate="repeats",
        window_days=days,
        by="category",
        direction=1,
        zh=f"近{days}天同类问题重复投诉举报{{value}}件",
        en=f"repeated complaints of the same category within {days} days: {{value}}",
        examples=(
            example(2, row(1, category="fees"), row(2, category="fees"), row(3, category="fees"), row(4, category="x")),
            example(0, row(1), row(2), row(3, category="fees"), row(days, category="fees")),
        ),
    )


def _shaped(days: int) -> Iterator[Feature]:
    yield _feature(
        name=f"complaint_severity_max_{days}d",
        aggregate="max",
        window_days=days,
        value="severity",
        unit="index",
        direction=1,
        zh=f"近{days}天投诉举报最高严重程度{{value}}（1至5）",
        en=f"highest severity of a complaint within {days} days (1 to 5): {{value}}",
        examples=(example(4, row(1, severity=2), row(2, severity=4), row(days, severity=5)), example(None)),
    )
    yield _feature(
        name=f"complaint_categories_{days}d",
        aggregate="distinct",
        window_days=days,
        by="category",
        direction=1,
        zh=f"近{days}天投诉举报涉及{{value}}类问题",
        en=f"categories of complaints within {days} days: {{value}}",
        examples=(
            example(2, row(1, category="fees"), row(2, category="fees"), row(3, category="staff")),
            example(0, row(1), row(days, category="fees")),
        ),
    )
    yield _feature(
        name=f"complaint_channels_{days}d",
        aggregate="distinct",
        window_days=days,
        by="channel",
        direction=1,
        zh=f"近{days}天投诉举报来自{{value}}种渠道",
        en=f"channels of complaints within {days} days: {{value}}",
        examples=(
            example(2, row(1, channel="letter"), row(2, channel="media"), row(3, channel="media")),
            example(0, row(1)),
        ),
    )
    yield _feature(
        name=f"complaints_change_{days}d",
        aggregate="change",
        window_days=days,
        unit="ratio",
        direction=1,
        zh=f"近{days}天投诉举报较此前{days}天的变化{{value}}（-1至1）",
        en=f"change of complaints, last {days} days against the {days} days before (-1 to 1): {{value}}",
        examples=(
            example(1 / 3, row(1), row(days - 1), row(days), row(2 * days)),
            example(None, row(2 * days)),
        ),
    )
    yield _feature(
        name=f"complaints_trend_{days}d",
        aggregate="trend",
        window_days=days,
        unit="ratio",
        direction=1,
        zh=f"近{days}天投诉举报走势{{value}}（-1至1，越大越集中于近期）",
        en=f"trend of complaints within {days} days (-1 all long ago, 1 all lately): {{value}}",
        examples=(example(0.8, row(0), row(days // 6 + 1)), example(-1, row(days - 1))),
    )
    yield _feature(
        name=f"complaint_substantiated_share_{days}d",
        aggregate="share",
        window_days=days,
        where={"substantiated": KNOWN},
        part={"substantiated": True},
        unit="share",
        direction=1,
        zh=f"近{days}天收到且已有结论的投诉举报查实率{{value}}",
        en=f"substantiated share of the decided complaints within {days} days: {{value}}",
        examples=(
            example(0.5, row(1, substantiated=True), row(2, substantiated=False), row(3)),
            example(None, row(1)),
        ),
    )
    yield _feature(
        name=f"complaint_days_to_close_{days}d",
        aggregate="mean",
        window_days=days,
        value="days_to_close",
        unit="days",
        zh=f"近{days}天收到且已办结的投诉举报平均用时{{value}}天",
        en=f"mean days to close a complaint received within {days} days: {{value}}",
        examples=(
            example(15, row(30, closed_on=20), row(25, closed_on=5), row(3)),
            example(None, row(1)),
        ),
    )


def _channel(channel: str) -> Feature:
    zh, en = _CHANNELS[channel]
    other = "media" if channel == "letter" else "letter"
    return _feature(
        name=f"complaints_{channel}_365d",
        aggregate="count",
        window_days=365,
        where={"channel": channel},
        direction=1,
        zh=f"近365天经{zh}收到投诉举报{{value}}件",
        en=f"complaints received {en} within 365 days: {{value}}",
        examples=(
            example(1, row(1, channel=channel), row(2, channel=other), row(365, channel=channel)),
            example(0, row(1)),
        ),
    )


FEATURES = (
    *(one for days in (30, 90, 365, 1095) for one in _counted(days)),
    *(one for days in (365, 1095) for one in _shaped(days)),
    *(_channel(channel) for channel in _CHANNELS),
    _feature(
        name="complaints_open",
        aggregate="count",
        until="closed_on",
        direction=1,
        zh="尚未办结的投诉举报{value}件",
        en="complaints still open: {value}",
        examples=(example(1, row(500), row(20, closed_on=1)), example(0, row(3, closed_on=0))),
    ),
    _feature(
        name="complaint_recency",
        aggregate="recency",
        unit="days",
        direction=-1,
        zh="距最近一次投诉举报{value}天",
        en="days since the latest complaint: {value}",
        examples=(example(7, row(7), row(300)), example(None)),
    ),
    *relative(
        "complaints_365d",
        "近365天投诉举报",
        "complaints within 365 days",
        1,
        table="complaints",
        among=("type", "county", "peers"),
        more="多于",
        less="fewer",
    ),
)
