"""What the register says: type, place, field, age and standing of the organisation itself."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..declare import Feature, example

_register = partial(Feature, table="organizations")


def _said(value: str, zh: str, en: str, example_value: Any, unit: str = "category", **cells: Any) -> Feature:
    """A cell of the register as it stands; the example is an organisation with such a cell, and one without."""
    known, unknown = cells or {value: example_value}, {"district": "0"} if cells else {value: None}
    shown = float(example_value) if isinstance(example_value, bool) else example_value
    return _register(
        name=value,
        aggregate="latest",
        value=value,
        unit=unit,
        zh=f"{zh}：{{value}}",
        en=f"{en}: {{value}}",
        examples=(example(shown, **known), example(None, **unknown)),
    )


FEATURES = (
    _register(
        name="org_type",
        aggregate="latest",
        value="form",
        unit="category",
        zh="组织类型：{value}",
        en="type of organisation: {value}",
        examples=(example("foundation", org_type="foundation"), example("association", org_type=None)),
    ),
    _said("registration", "登记方式", "manner of registration", "dual"),
    _said("field", "领域", "field", "ecology"),
    _said("province", "省级区划", "province (digits 1-2 of the district)", "44", district="440304"),
    _said("county", "县级区划（代码第5-6位）", "county (digits 5-6 of the district)", "04", district="440304"),
    _said("is_industry_association", "行业协会商会", "industry association", True, "flag"),
    _said("is_charity", "慈善组织", "charity", False, "flag"),
    _said("has_public_fundraising", "公开募捐资格", "licence for public fundraising", True, "flag"),
    _said("is_community", "社区社会组织", "community organisation", True, "flag"),
    _said("registered_capital", "注册资金（元）", "registered capital, CNY", 30_000.0, "yuan"),
    _register(
        name="organisation_age",
        aggregate="age",
        value="registered_on",
        unit="days",
        zh="成立登记至今{value}天",
        en="days since registration: {value}",
        examples=(example(366, registered_on="2025-10-30"), example(None, registered_on=None)),
    ),
    _register(
        name="register_recency",
        aggregate="recency",
        unit="days",
        zh="登记信息最近一次变更入库距今{value}天",
        en="days since the register last recorded this organisation anew: {value}",
        examples=(example(200, recorded_at=200), example(3, recorded_at=3)),
    ),
)
