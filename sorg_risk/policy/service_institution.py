"""Service institutions 社会服务机构 (民办非企业单位): they serve the public, so the department of their industry inspects beside."""

from __future__ import annotations

from .common import MEASURES, ROUTES
from .policy import Measure, Policy

_JOINT = Measure(
    "会同行业管理部门联合检查服务质量和收费",
    "service and charges inspected together with the industry department",
    "《民办非企业单位登记管理暂行条例》第二十条",
)

POLICY = Policy(
    org_type="service_institution",
    zh="社会服务机构",
    en="service institution",
    families=("AL", "SL", "AN", "MO", "GO", "ZO", "GR"),
    routes=ROUTES,
    measures={**MEASURES, "C": (*MEASURES["C"], _JOINT)},
)
