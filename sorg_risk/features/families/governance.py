"""Who runs the organisation: offices held, terms overstayed, officials, pay, kin, turnover, and its grade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from ..declare import Feature, example, row
from ..ingredients import Condition

_office = partial(Feature, table="positions")
_now = partial(_office, until="ended_on")
_ROLES = {
    "chair": ("会长（理事长）", "chairs"),
    "director": ("理事", "directors"),
    "supervisor": ("监事", "supervisors"),
    "legal_representative": ("法定代表人", "legal representatives"),
    "secretary_general": ("秘书长", "secretaries general"),
    "finance": ("财务负责人", "heads of finance"),
    "party_secretary": ("党组织书记", "party secretaries"),
}


def _role(role: str) -> Feature:
    zh, en = _ROLES[role]
    other = "director" if role != "director" else "finance"
    return _now(
        name=f"{role}s_now",
        aggregate="distinct",
        by="person_id",
        where={"role": role},
        zh=f"现任{zh}{{value}}人",
        en=f"{en} in office: {{value}}",
        examples=(
            example(
                1,
                row(900, role=role, person_id="a"),
                row(30, role=role, person_id="a"),
                row(30, role=other, person_id="b"),
                row(900, role=role, person_id="c", ended_on=1),
            ),
            example(0, row(30, role=other, person_id="a")),
        ),
    )


def _share(
    name: str, zh: str, en: str, where: Mapping[str, Condition], part: Mapping[str, Condition], direction: int = 1
) -> Feature:
    return _now(
        name=name,
        aggregate="share",
        where=where,
        part=part,
        unit="share",
        direction=direction,
        zh=f"现任职务中{zh}占{{value}}",
        en=f"share of {en} in the offices held: {{value}}",
        examples=(
            example(0.5, row(9, **where, **part), row(9, **where), row(9, **where, **part, ended_on=2)),
            example(None, row(9, **where, **part, ended_on=2)),
        ),
    )


def _turnover(days: int) -> Iterator[Feature]:
    counted = partial(_office, aggregate="count", window_days=days)
    yield counted(
        name=f"offices_begun_{days}d",
        zh=f"近{days}天新任职务{{value}}个",
        en=f"offices begun within {days} days: {{value}}",
        examples=(example(2, row(1), row(days - 1, ended_on=3), row(days)), example(1, row(recorded_at=5))),
    )
    yield counted(
        name=f"offices_ended_{days}d",
        clock="ended_on",
        zh=f"近{days}天离任职务{{value}}个",
        en=f"offices ended within {days} days: {{value}}",
        examples=(example(1, row(2000, ended_on=1), row(2000)), example(0, row(2000, ended_on=days))),
    )
    yield counted(
        name=f"representatives_changed_{days}d",
        where={"role": "legal_representative"},
        direction=1,
        zh=f"近{days}天新任法定代表人{{value}}人",
        en=f"new legal representatives within {days} days: {{value}}",
        examples=(
            example(1, row(1, role="legal_representative"), row(1, role="director")),
            example(0, row(days, role="legal_representative")),
        ),
    )
    yield counted(
        name=f"finance_heads_changed_{days}d",
        where={"role": "finance"},
        direction=1,
        zh=f"近{days}天新任财务负责人{{value}}人",
        en=f"new heads of finance within {days} days: {{value}}",
        examples=(
            example(2, row(1, role="finance"), row(9, role="finance")),
            example(0, row(days, role="finance")),
        ),
    )


FEATURES = (
    *(_role(role) for role in _ROLES),
    *(one for days in (365, 1095) for one in _turnover(days)),
    _now(
        name="offices_now",
        aggregate="count",
        zh="现任职务{value}个",
        en="offices held: {value}",
        examples=(example(2, row(9), row(800), row(900, ended_on=0)), example(0)),
    ),
    _now(
        name="persons_now",
        aggregate="distinct",
        by="person_id",
        zh="现任负责人{value}人",
        en="persons in office: {value}",
        examples=(
            example(1, row(9, person_id="a"), row(800, person_id="a"), row(900, person_id="b", ended_on=9)),
            example(0),
        ),
    ),
    _now(
        name="offices_doubled",
        aggregate="repeats",
        by="person_id",
        direction=1,
        zh="一人兼任的职务{value}个",
        en="offices held on top of another by the same person: {value}",
        examples=(
            example(1, row(9, person_id="a"), row(8, person_id="a"), row(7, person_id="b")),
            example(0, row(9, person_id="a"), row(800, person_id="a", ended_on=9)),
        ),
    ),
    _now(
        name="kin_among_officers",
        aggregate="repeats",
        by="kin_group",
        direction=1,
        zh="现任职务中同一亲属组的多出{value}个",
        en="offices beyond the first within one family: {value}",
        examples=(
            example(1, row(9, kin_group="k"), row(8, kin_group="k"), row(7)),
            example(0, row(9), row(8), row(7, kin_group="k")),
        ),
    ),
    _now(
        name="officials_now",
        aggregate="count",
        where={"is_official": True},
        direction=1,
        zh="公职人员任职{value}个",
        en="offices held by public officials: {value}",
        examples=(example(1, row(9, is_official=True), row(8, is_official=False), row(7)), example(0)),
    ),
    _now(
        name="offices_overstayed",
        aggregate="count",
        clock="overstays_from",
        direction=1,
        zh="任期届满仍在任的职务{value}个",
        en="offices held beyond their term: {value}",
        examples=(
            example(1, row(1500, term_ends_on=1), row(1500, term_ends_on=0)),
            example(0, row(1500, term_ends_on=30, ended_on=20)),
        ),
    ),
    _now(
        name="longest_overstay",
        aggregate="seniority",
        clock="overstays_from",
        unit="days",
        direction=1,
        zh="任期届满最久的现任职务已超期{value}天",
        en="days by which the longest overstayed office is past its term, less one: {value}",
        examples=(
            example(99, row(1500, term_ends_on=100), row(1500, term_ends_on=10)),
            example(None, row(1500, term_ends_on=-10)),
        ),
    ),
    _now(
        name="office_overstay_newest",
        aggregate="recency",
        clock="overstays_from",
        unit="days",
        direction=1,
        zh="最近一次任期届满仍在任距今{value}天",
        en="days since the latest of the overstayed terms ended, less one: {value}",
        examples=(
            example(9, row(1500, term_ends_on=100), row(1500, term_ends_on=10)),
            example(None, row(1500, term_ends_on=-10)),
        ),
    ),
    _now(
        name="longest_tenure",
        aggregate="seniority",
        where={"role": "legal_representative"},
        unit="days",
        zh="现任法定代表人任职{value}天",
        en="days the legal representative has been in office: {value}",
        examples=(
            example(3000, row(3000, role="legal_representative"), row(4000, role="director")),
            example(None, row(3000, role="legal_representative", ended_on=9)),
        ),
    ),
    _now(
        name="oldest_birth_year",
        aggregate="min",
        value="birth_year",
        unit="index",
        zh="现任负责人最早出生年份{value}",
        en="earliest birth year of the persons in office: {value}",
        examples=(example(1950, row(9, birth_year=1950), row(9, birth_year=1970)), example(None, row(9))),
    ),
    _share("paid_office_share", "领薪", "paid persons", {}, {"is_paid": True}),
    _share("official_office_share", "公职人员", "public officials", {}, {"is_official": True}),
    _share(
        "paid_supervisor_share",
        "领薪监事（占监事）",
        "paid supervisors (of supervisors)",
        {"role": "supervisor"},
        {"is_paid": True},
    ),
    Feature(
        name="grade",
        table="assessments",
        aggregate="latest",
        value="grade",
        until="lapses_on",
        unit="category",
        zh="现行评估等级：{value}",
        en="assessment grade in force: {value}",
        examples=(
            example("3A", row(300, grade="3A", expires_on=-30), row(900, grade="5A", expires_on=-90)),
            example("5A", row(900, grade="5A", expires_on=0)),
            example(None, row(900, grade="5A", expires_on=1)),
        ),
    ),
    Feature(
        name="grade_recency",
        table="assessments",
        aggregate="recency",
        unit="days",
        zh="距最近一次等级评估{value}天",
        en="days since the latest assessment: {value}",
        examples=(example(300, row(300, grade="3A"), row(900, grade="5A")), example(None)),
    ),
    Feature(
        name="elections_1825d",
        table="filings",
        aggregate="count",
        window_days=1825,
        where={"kind": "election"},
        direction=-1,
        zh="近1825天报送换届材料{value}份",
        en="election filings within 1825 days: {value}",
        examples=(example(1, row(9, kind="election"), row(8, kind="disclosure")), example(0)),
    ),
    Feature(
        name="election_recency",
        table="filings",
        aggregate="recency",
        where={"kind": "election"},
        unit="days",
        direction=1,
        zh="距最近一次换届{value}天",
        en="days since the latest election: {value}",
        examples=(example(9, row(9, kind="election"), row(8, kind="disclosure")), example(None)),
    ),
)
