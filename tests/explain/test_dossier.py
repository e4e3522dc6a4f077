"""The dossier: what it holds, in both languages, as text, HTML and JSON."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from sorg_risk.errors import NotFound, UsageError
from sorg_risk.explain.dossier import Dossier, Evening, page, parts, records_behind
from sorg_risk.explain.dossier.words import CODES, WORDS, label, word
from sorg_risk.explain.rules import rule_reasons
from sorg_risk.features import CATALOGUE
from sorg_risk.law.rule import LISTS
from sorg_risk.policy import BODIES
from sorg_risk.records import open as open_source
from sorg_risk.simulate import simulate

ORG = "51440300MJM238069G"
NASTY = "<script>alert('x')</script>\u202e"


def score_rows(day: str, points: list[tuple[str, float]], score: float) -> pd.DataFrame:
    rows = [("(base)", 600.0), *points]
    return pd.DataFrame(
        {
            "org_id": ORG,
            "as_of": pd.Timestamp(day),
            "flag_id": None,
            "part": "model",
            "feature": [name for name, _ in rows],
            "value": "3",
            "contribution": [value for _, value in rows],
            "unit": "points",
            "rank": range(len(rows)),
            "text_zh": [f"{name}为3，使评分变化" for name, _ in rows],
            "text_en": [f"{name}: 3: changes the score" for name, _ in rows],
        }
    )


def evening(
    day: str = "2026-10-31", complaints: float = -20.0, score: float = 575.0, name: str = "协会", listed: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Scores, flags, reasons and clauses of one organisation."""
    scores = pd.DataFrame(
        {"org_id": [ORG], "as_of": [pd.Timestamp(day)], "score": [score], "grade": ["C"], "probability": [0.1]}
        | {"horizon_days": [365], "warning": ["yellow"], "rank": [1], "name": [name]}
    )
    flags = pd.DataFrame(
        {
            "flag_id": ["m", "f"],
            "org_id": ORG,
            "as_of": pd.Timestamp(day),
            "flag": ["early_warning", "abnormal_list"],
            "status": ["attention", "recommend_listing"],
            "basis": ["model", "statutory"],
            "ground": [None, "AL-01"],
            "citation": [None, "第十一条第一项"],
            "since": pd.Timestamp("2026-06-01"),
            "next_step": ["inspect", "issue_notice"],
            "next_step_due": [pd.NaT, pd.Timestamp("2026-10-30")],
            "provisional": False,
            "clears_on": pd.Series([pd.NaT, pd.NaT], dtype="datetime64[s]"),
            "evidence": [["complaints:1"], [f"filings:{i}" for i in range(12)]],
            "handler": "registration_authority",
        }
    ).iloc[: 2 if listed else 1]
    clauses = pd.DataFrame(
        {
            "flag_id": "f",
            "term": [0, 0, 1],
            "code": ["passed", "not_filed", "returned"],
            "value": ["year=2025", "", "id=7"],
            "records": [["filings:1"], ["filings:1"], ["filings:7"]],
            "text_zh": ["期限已过", "未报送", NASTY],
            "text_en": ["deadline passed", "nothing filed", NASTY],
        }
    )
    rest = score - 600 - complaints - 5
    told = score_rows(day, [("complaints_90d", complaints), ("staff", 5.0), ("(rest)", rest)], score)
    statutory = flags.loc[flags["basis"] == "statutory"]
    ruled = rule_reasons(statutory, clauses) if len(statutory) else told.iloc[:0]
    return scores, flags, pd.concat([told, told.assign(flag_id="m"), ruled], ignore_index=True), clauses


def made(lang: str = "zh", earlier: bool = True, **more: Any) -> Dossier:
    scores, flags, reasons, clauses = evening(**more)
    before = evening("2026-09-30", complaints=-8.0, score=587.0, listed=False)
    ago = evening("2026-08-31", complaints=-8.0, score=587.0, listed=False)
    return Dossier.of_tables(
        ORG,
        scores,
        flags,
        reasons,
        clauses=clauses,
        lang=lang,
        earlier=[
            Evening.of(ORG, day, *one[:3]) for day, one in (("2026-09-30", before), ("2026-08-31", ago)) if earlier
        ],
        organization={"org_id": ORG, "name": scores["name"][0], "org_type": "association", "status": "active"},
        records={"complaints_90d": ["complaints:1", "complaints:2"]},
    )


def test_flags_come_gravest_first_with_facts_shares_and_groups() -> None:
    flag, warning = made().content["flags"]
    assert (flag["flag"], warning["flag"]) == ("abnormal_list", "early_warning")
    assert [round(fact["share"], 4) for fact in flag["facts"]] == [0.6667, 0.1667, 0.1667]
    assert flag["facts"][0]["records"] == ["filings:7"]
    assert flag["sufficient"] == [[2, 3], [1]]
    assert flag["clearing"] == [[1, 2], [1, 3]]
    assert flag["overdue"]
    assert flag["handler_en"] == "registration authority"
    assert flag["remedies"][0]["act"]
    assert flag["remedies"][0]["from_day"] == "2026-10-31"
    assert warning["facts"] == []


def test_facts_without_clauses_come_from_the_reasons() -> None:
    scores, flags, reasons, _ = evening()
    flag = Dossier.of_tables(ORG, scores, flags, reasons).content["flags"][0]
    assert sum(fact["share"] for fact in flag["facts"]) == pytest.approx(1)
    assert flag["sufficient"] == flag["clearing"] == []


def test_many_groups_are_counted_not_shown() -> None:
    scores, flags, reasons, _ = evening()
    clauses = pd.DataFrame(
        [
            {
                "flag_id": "f",
                "term": t,
                "code": f"x{t}{i}",
                "value": "v",
                "text_zh": "事",
                "text_en": "fact",
                "records": [],
            }
            for t in range(4)
            for i in range(2)
        ]
    )
    flag = Dossier.of_tables(ORG, scores, flags, reasons, clauses=clauses).content["flags"][0]
    assert len(flag["clearing"]) == parts.GROUPS
    assert flag["groups_left_out"] == [0, 16 - parts.GROUPS]


def test_the_cap_is_a_line_of_its_own() -> None:
    assert made().content["caps"] == [
        {"grade": "C", "flag": "abnormal_list", "ground": "AL-01", "citation": "第十一条第一项"}
    ]
    assert made(listed=False).content["caps"] == []
    assert "分数不因此改变" in str(made())


def test_history_and_changes_add_up() -> None:
    content = made().content
    assert [row["as_of"] for row in content["history"]] == ["2026-08-31", "2026-09-30", "2026-10-31"]
    changes = content["changes"]
    assert changes["since"] == "2026-09-30"
    assert changes["score"] == {"before": 587.0, "now": 575.0, "change": -12.0}
    assert [flag["flag"] for flag in changes["new"]] == ["abnormal_list"]
    assert changes["cleared"] == []
    assert [(row["feature"], row["change"]) for row in changes["features"]] == [("complaints_90d", -12.0)]
    assert changes["rest"] == pytest.approx(0, abs=1e-12)
    assert made(earlier=False).content["changes"] is None


def test_concepts_add_up_to_the_distance_from_the_base() -> None:
    content = made().content
    assert sum(row["contribution"] for row in content["concepts"]) == pytest.approx(575 - 600)
    assert [row["concept"] for row in content["concepts"]] == ["complaints", "accounts", "(rest)"]


def test_measures_follow_type_and_grade() -> None:
    assert len(made().content["measures"]) >= 2
    assert parts.measure_parts(None, "A") == []
    assert parts.measure_parts("association", None) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_text_says_all_of_it(lang: str) -> None:
    text = str(made(lang))
    for wanted in (
        "575.0",
        "①",
        "②③ / ①",
        "2026-09-30",
        "filings:0",
        "AL-01",
        label("yellow", lang),
        word("overdue", lang),
    ):
        assert wanted in text
    assert word("provisional", lang) not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_flag_that_time_takes_and_a_deadline_in_doubt_are_told(lang: str) -> None:
    scores, flags, reasons, _ = evening()
    flags = flags.assign(clears_on=pd.Timestamp("2027-01-31"), provisional=True, next_step="none")
    text = str(Dossier.of_tables(ORG, scores, flags, reasons, lang=lang))
    assert f"{word('clears', lang)} 2027-01-31" in text
    assert word("provisional", lang) in text
    assert f"{word('step', lang)}: " not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_grade_and_a_warning_that_moved_are_told(lang: str) -> None:
    scores, flags, reasons, _ = evening()
    before = evening("2026-09-30", listed=False)
    was = before[0].assign(grade="B", warning="blue")
    text = str(
        Dossier.of_tables(
            ORG, scores, flags, reasons, lang=lang, earlier=[Evening.of(ORG, "2026-09-30", was, *before[1:3])]
        )
    )
    for name, old, new in (("grade", "B", "C"), ("warning", "blue", "yellow")):
        assert word(f"{name}_change", lang).format(before=label(old, lang), now=label(new, lang)) in text
    unscored = Evening.of(ORG, "2026-09-30", was.iloc[:0], *before[1:3])
    told = str(Dossier.of_tables(ORG, scores, flags, reasons, lang=lang, earlier=[unscored]))
    assert word("score_change", lang).partition("{")[0] not in told
    same = str(
        Dossier.of_tables(ORG, scores, flags, reasons, lang=lang, earlier=[Evening.of(ORG, "2026-09-30", *before[:3])])
    )
    assert label("blue", lang) not in same


def test_records_stand_behind_known_features_of_known_organisations_only() -> None:
    source = simulate(9, 1)
    view = open_source(dict(source.items())).as_of("2026-10-31")
    assert records_behind(view, "51440300000000001M", ["complaints_90d"]) == {}
    assert records_behind(view, view.orgs[0], ["(rest)"]) == {}
    assert set(records_behind(view, view.orgs[0], ["complaints_90d", "(rest)"])) == {"complaints_90d"}


def test_a_dossier_names_itself() -> None:
    assert repr(made()) == f"<Dossier {ORG} as of 2026-10-31: 2 flags>"


class _Tags(HTMLParser):
    """Fails on tags that do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        if tag not in {"meta", "br", "rect", "line", "circle", "polyline"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"rect", "line", "circle", "polyline"}:
            assert self.open.pop() == tag


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("earlier", [True, False])
def test_html_is_whole_and_escaped(lang: str, earlier: bool) -> None:
    dossier = made(lang, earlier, name=NASTY)
    for html in (dossier._repr_html_(), dossier.to_html()):
        tags = _Tags()
        tags.feed(html)
        assert tags.open == []
        assert "script" not in tags.seen
        assert "\u202e" not in html
        assert "http" not in html.replace("http-equiv", "")
    assert dossier.to_html().startswith("<!doctype html>")


def test_json_holds_both_languages() -> None:
    told = json.loads(made().to_json())
    assert told["reasons"][1]["text_zh"]
    assert told["reasons"][1]["text_en"]
    assert told["reasons"][1]["records"] == ["complaints:1", "complaints:2"]
    assert told["flags"][0]["since"] == "2026-06-01"
    assert told["flags"][0]["clears_on"] is None


def test_who_is_not_scored_has_flags_only() -> None:
    scores, flags, reasons, clauses = evening()
    reasons = reasons.loc[reasons["flag_id"] == "f"]
    dossier = Dossier.of_tables(ORG, scores.iloc[:0], flags.iloc[1:], reasons, clauses=clauses)
    assert word("not_scored", "zh") in str(dossier)
    assert dossier.content["history"] == []
    assert word("not_scored", "zh") in dossier._repr_html_()


def test_wrong_use_is_named() -> None:
    scores, flags, reasons, _ = evening()
    with pytest.raises(NotFound, match="51440300MJM238069X"):
        Dossier.of_tables("51440300MJM238069X", scores, flags, reasons)
    with pytest.raises(UsageError, match="lang"):
        Dossier.of_tables(ORG, scores, flags, reasons, lang="fr")


def test_bars_and_line_stay_inside_their_drawing() -> None:
    for row in page.bars([{"contribution": value} for value in (-3.0, 0.0, 1e9, 5.0)]):
        assert 0 <= row["bar_x"] <= row["bar_x"] + row["bar_width"] <= page.BAR
    assert page.bars([]) == []
    points = page.line([{"score": s, "grade": "A", "as_of": "x"} for s in (500.0, 500.0, 500.0)])
    assert all(0 < point["x"] < 640 and 0 < point["y"] < 110 for point in points)


def test_every_word_and_code_exists_in_both_languages() -> None:
    for zh, en in [*WORDS.values(), *CODES.values()]:
        assert zh
        assert en
    families = {one.family for one in CATALOGUE.values()}
    assert families <= set(CODES)
    assert set(LISTS) <= set(CODES)
    assert all(len(names) == 2 for names in BODIES.values())
