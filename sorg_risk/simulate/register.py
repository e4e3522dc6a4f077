"""The register itself: one row an organisation, and a second version for those that left."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .causes import Causes
from .clock import END, FAR, NONE, START, Bools, Texts, chance
from .knowledge import frame, lag, versions
from .population import ASSOCIATION, FOUNDATION, TYPES, Population

_TOPICS = np.array(
    ["教育", "科技", "环保", "养老", "文化", "医疗", "物流", "电子", "社区", "助学", "体育", "志愿"], dtype=object
)
_SUFFIX = np.array(["协会", "服务中心", "基金会"], dtype=object)
_TIES = np.array(["direct", "dual", "decoupled"], dtype=object)
STORY_NAMES = ("模拟深圳流水公益基金会", "模拟深圳静默联谊协会", "模拟深圳收费行业协会")


def draw_register(population: Population, causes: Causes, seed: int) -> pd.DataFrame:
    """The table ``organizations``; every name begins with 模拟 (simulated)."""
    rng = chance(seed, "register")
    count = len(population)
    topic = rng.choice(_TOPICS, count)
    name = [
        f"模拟深圳{t}{'行业' if i else ''}{s}{n:05d}号"
        for n, (t, i, s) in enumerate(zip(topic, population.industry, _SUFFIX[population.kind], strict=True), 1)
    ]
    name[-len(STORY_NAMES) :] = STORY_NAMES
    tie = np.where(population.industry, 2, rng.choice(3, count, p=(0.45, 0.55, 0.0)))
    capital = np.where(
        population.kind == FOUNDATION, 2_000_000.0, np.where(population.kind == ASSOCIATION, 30_000.0, 100_000.0)
    )
    industry = _where(population.industry, "（模拟）市行业主管部门")
    columns = {
        "org_id": population.org_id,
        "name": np.array(name, dtype=object),
        "org_type": TYPES[population.kind],
        "is_industry_association": population.industry,
        "is_charity": population.charity,
        "has_public_fundraising": population.fundraising,
        "is_community": population.community,
        "registration": _TIES[tie],
        "supervising_unit": _where(tie == 1, "（模拟）业务主管单位"),
        "industry_department": industry,
        "district": population.district,
        "authority": population.district,
        "field": population.field,
        "registered_on": population.registered,
        "registered_capital": capital,
        "status": np.full(count, "active", dtype=object),
        "status_on": population.registered,
        "recorded_at": np.where(population.registered < START, START, population.registered + lag(rng, count, 2.0)),
    }
    left = causes.ended < FAR
    later = {
        **columns,
        "status": np.where(causes.revoked, "revoked", "deregistered").astype(object),
        "status_on": np.where(left, causes.ended, NONE),
        "recorded_at": np.where(left, causes.ended + lag(rng, count, 4.0), END + 1),
    }
    return versions(frame(columns, "org_id"), frame(later, "org_id"), "org_id")


def _where(chosen: Bools, text: str) -> Texts:
    """The text where chosen, nothing elsewhere."""
    out = np.full(len(chosen), None, dtype=object)
    out[chosen] = text
    return out
