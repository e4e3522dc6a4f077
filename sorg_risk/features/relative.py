"""Features of an organisation against its peers, as of the same day."""

from __future__ import annotations

from collections.abc import Iterator

from .declare import Example, Feature

PEERS = {
    "type": (("org_type",), "同类", "its type"),
    "county": (("district_number",), "同区", "its district"),
    "peers": (("org_type", "size_class", "district_number"), "同类同规模同区", "its type, size and district"),
}
"""Who is compared: the features in which peers agree, and their name in Chinese and English."""


def relative(
    base: str,
    zh: str,
    en: str,
    direction: int = 0,
    *,
    table: str,
    among: tuple[str, ...] = ("type", "peers"),
    more: str = "高于",
    less: str = "lower",
) -> Iterator[Feature]:
    """The share of peers below the organisation in a feature ``base``, ties counted half; empty where peers are few.

    ``more`` and ``less``: how one is above the others, in Chinese, and the others below it, in English.

    >>> [one.name for one in relative("total_income", "总收入", "income", table="filings", among=("type",))]
    ['total_income_vs_type']
    """
    for name in among:
        peers, of_zh, of_en = PEERS[name]
        yield Feature(
            name=f"{base}_vs_{name}",
            table=table,
            aggregate="percentile",
            base=base,
            peers=peers,
            unit="share",
            direction=direction,
            zh=f"{zh}{more}{{value}}的{of_zh}组织",
            en=f"share of organisations of {of_en} with {less} {en}: {{value}}",
            examples=(
                Example(0.9, own=9, peers=(1, 2, 3, 4)),
                Example(0.5, own=2, peers=(2, 2, 2, 2, 2)),
                Example(None, own=None, peers=(1, 2, 3, 4, 5)),
            ),
        )
