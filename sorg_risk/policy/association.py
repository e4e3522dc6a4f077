"""Associations 社会团体: fees of industry associations are the market regulator's, party duty the party-building body's."""

from __future__ import annotations

from .common import MEASURES, ROUTES
from .policy import Measure, Policy

_FEES = Measure(
    "行业协会商会开展收费自查自纠，公示收费标准",
    "industry associations check their own fees and publish them",
    "《国务院办公厅关于进一步规范行业协会商会收费的通知》（国办发〔2020〕21号）",
)

POLICY = Policy(
    org_type="association",
    zh="社会团体",
    en="association",
    families=("AL", "SL", "AN", "MO", "FE", "GO", "ZO", "GR", "SZ"),
    routes={**ROUTES, "FE": "market_regulator"},
    measures={**MEASURES, "C": (*MEASURES["C"], _FEES)},
)
