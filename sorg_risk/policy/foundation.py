"""Foundations 基金会: money is the heart of it, so finance and audit see the spending and the related-party rules."""

from __future__ import annotations

from .common import MEASURES, ROUTES
from .policy import Measure, Policy

_AUDIT = Measure(
    "专项审计，核查关联交易和公益支出",
    "a special audit of related-party transactions and charitable spending",
    "《基金会管理条例》第三十四条、第三十七条",
)

POLICY = Policy(
    org_type="foundation",
    zh="基金会",
    en="foundation",
    families=("AL", "SL", "AN", "MO", "GO", "ZO", "GR"),
    routes=ROUTES,
    measures={**MEASURES, "C": (*MEASURES["C"], _AUDIT), "D": (*MEASURES["D"], _AUDIT)},
)
