"""Filings in time or late, returned, repeated, and how long they take: within a window, or ever."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...declare import Feature, example, row
from ...ingredients import KNOWN
from .rows import REPORT, due, feature, report


def timely(days: int | None) -> Iterator[Feature]:
    """Lateness within a window, or ever."""
    ending, zh, en = (f"{days}d", f"近{days}天", f" within {days} days") if days else ("ever", "历来", " ever")
    old = (due(5, days),) if days else ()
    late_report, before, earlier = (partial(due, kind="annual_report", fiscal_year=year) for year in (2025, 2024, 2023))
    yield feature(
        name=f"filings_late_{ending}",
        aggregate="count",
        window_days=days,
        where={"days_late": (">", 0)},
        direction=1,
        zh=f"{zh}迟报材料{{value}}份",
        en=f"filings after their deadline{en}: {{value}}",
        examples=(example(1, due(1, 20), due(0, 21), row(22, kind="election"), *old), example(0)),
    )
    yield feature(
        name=f"reports_late_{ending}",
        aggregate="count",
        window_days=days,
        where={**REPORT, "days_late": (">", 0)},
        direction=1,
        zh=f"{zh}迟报年度工作报告{{value}}份",
        en=f"annual reports after their deadline{en}: {{value}}",
        examples=(example(1, late_report(1, 20), before(0, 21), due(9, 22)), example(0, due(1, 1))),
    )
    yield feature(
        name=f"report_late_share_{ending}",
        aggregate="share",
        window_days=days,
        where={**REPORT, "days_late": KNOWN},
        part={"days_late": (">", 0)},
        unit="share",
        direction=1,
        zh=f"{zh}年度工作报告中迟报的占{{value}}",
        en=f"share of late ones among annual reports{en}: {{value}}",
        examples=(example(0.5, late_report(1, 20), before(0, 21)), example(None, due(9, 22))),
    )
    yield feature(
        name=f"reports_near_deadline_{ending}",
        aggregate="count",
        window_days=days,
        where={**REPORT, "days_late": (">", -8)},
        direction=1,
        zh=f"{zh}在截止前7天内或截止后报送的年度工作报告{{value}}份",
        en=f"annual reports filed in the last 7 days before their deadline or after it{en}: {{value}}",
        examples=(example(2, late_report(-7, 22), before(5, 17), earlier(-8, 23)), example(0)),
    )
    yield feature(
        name=f"days_late_mean_{ending}",
        aggregate="mean",
        window_days=days,
        value="days_late",
        unit="days",
        direction=1,
        zh=f"{zh}报送平均迟于截止日{{value}}天（负数为提前）",
        en=f"mean days from deadline to filing{en} (negative: before it): {{value}}",
        examples=(example(-2, due(6, 20), due(-10, 21), row(22, kind="election"), *old), example(None)),
    )
    yield feature(
        name=f"days_late_max_{ending}",
        aggregate="max",
        window_days=days,
        value="days_late",
        unit="days",
        direction=1,
        zh=f"{zh}报送最迟晚于截止日{{value}}天（负数为提前）",
        en=f"most days from deadline to filing{en} (negative: before it): {{value}}",
        examples=(example(6, due(6, 20), due(-10, 21)), example(-3, due(-3, 20))),
    )
    yield feature(
        name=f"days_late_range_{ending}",
        aggregate="range",
        window_days=days,
        where=REPORT,
        value="days_late",
        unit="days",
        direction=1,
        zh=f"{zh}年度工作报告报送时间相差{{value}}天",
        en=f"days between the earliest and the latest annual report, counted from their deadlines{en}: {{value}}",
        examples=(example(16, late_report(6, 16), before(-10, 21)), example(0, late_report(6, 16))),
    )
    yield feature(
        name=f"filings_returned_{ending}",
        aggregate="count",
        window_days=days,
        clock="returned_on",
        direction=1,
        zh=f"{zh}被退回材料{{value}}份",
        en=f"filings returned{en}: {{value}}",
        examples=(example(1, row(20, returned_on=2), row(10)), example(0, row(1))),
    )
    yield feature(
        name=f"reports_repeated_{ending}",
        aggregate="repeats",
        window_days=days,
        where=REPORT,
        by="report_year",
        zh=f"{zh}同一年度重复报送的年度工作报告{{value}}份",
        en=f"annual reports filed again for the same year{en}: {{value}}",
        examples=(example(1, report(2025, 20), report(2025, 5), report(2024, 21)), example(0, report(2025, 5))),
    )
    yield feature(
        name=f"days_to_accept_mean_{ending}",
        aggregate="mean",
        window_days=days,
        value="days_to_accept",
        unit="days",
        zh=f"{zh}报送到受理平均{{value}}天",
        en=f"mean days from filing to acceptance{en}: {{value}}",
        examples=(example(6, row(20, accepted_on=12), row(10, accepted_on=6), row(5)), example(None, row(5))),
    )
    yield feature(
        name=f"days_to_record_mean_{ending}",
        aggregate="mean",
        window_days=days,
        value="days_to_record",
        unit="days",
        zh=f"{zh}报送到入库平均{{value}}天",
        en=f"mean days from filing to recording{en}: {{value}}",
        examples=(example(6, row(20, recorded_at=12), row(10, recorded_at=6)), example(None)),
    )
