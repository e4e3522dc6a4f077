"""What the register says: type, place, field, age and standing of the organisation itself."""

from __future__ import annotations

from ..declare import Feature


def _said(value: str, zh: str, en: str, unit: str = "category") -> Feature:
    return Feature(
        name=value,
        family="organisation",
        table="organizations",
        aggregate="latest",
        value=value,
        unit=unit,
        zh=f"{zh}：{{value}}",
        en=f"{en}: {{value}}",
    )


FEATURES = (
    _said("org_type", "组织类型", "type of organisation"),
    _said("registration", "登记方式", "manner of registration"),
    _said("field", "领域", "field"),
    _said("province", "省级区划", "province (code)"),
    _said("county", "县级区划（代码第5-6位）", "district (digits 5-6 of the code)"),
    _said("is_industry_association", "行业协会商会", "industry association", "flag"),
    _said("is_charity", "慈善组织", "charity", "flag"),
    _said("has_public_fundraising", "公开募捐资格", "licence for public fundraising", "flag"),
    _said("is_community", "社区社会组织", "community organisation", "flag"),
    _said("registered_capital", "注册资金（元）", "registered capital, CNY", "yuan"),
    Feature(
        name="organisation_age",
        family="organisation",
        table="organizations",
        aggregate="age",
        value="registered_on",
        unit="days",
        zh="成立登记至今{value}天",
        en="{value} days since registration",
    ),
)
