"""Every reason code, feature or clause, reads right in both languages, at the edges too."""

from __future__ import annotations

import re
import string

import pytest

from sorg_risk.explain import words
from sorg_risk.explain.words import clause_title, effect, rest, said, title, without_effect
from sorg_risk.features import CATALOGUE
from sorg_risk.law.registry import RULES

CLAUSES = [(rule.key, clause) for rule in RULES for clause in rule.clauses]
CHINESE = re.compile("[\u4e00-\u9fff]")
EDGES = [0.0, 1.0, 2.0, None, float("nan"), 1e15, -3.0, 0.125]


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_feature_has_a_sentence_for_every_value(name: str) -> None:
    one = CATALOGUE[name]
    values = [*one.categories, None] if one.unit == "category" else EDGES
    for value in values:
        zh, en = said(name, value, "zh"), said(name, value, "en")
        for text in (zh, en):
            assert text.strip() == text
            assert "  " not in text
            assert not re.search(r"\bnan\b|None|\{|\}|<NA>|e\+", text), text
        assert CHINESE.search(zh)
        assert not CHINESE.search(en), en
        missing = value is None or value != value
        assert ("（无资料）" in zh, "(not on file)" in en) == (missing, missing)
    if one.unit != "category" and one.unit != "flag":
        assert said(name, 0.0, "en") != said(name, 1e15, "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_titles_are_short_unlike_and_without_a_value(lang: str) -> None:
    titles = {name: title(name, lang) for name in CATALOGUE}
    assert len(set(titles.values())) == len(titles)
    for text in titles.values():
        assert text
        assert "{" not in text
        assert text[-1] not in "：:，,"
        assert bool(CHINESE.search(text)) == (lang == "zh")


@pytest.mark.parametrize(("key", "clause"), CLAUSES, ids=[f"{key}-{clause.code}" for key, clause in CLAUSES])
def test_every_fact_of_every_rule_has_both_sentences(key: str, clause: object) -> None:
    zh, en = clause.zh, clause.en  # type: ignore[attr-defined]
    assert CHINESE.search(zh), key
    assert not CHINESE.search(en), key
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
    plain = [{re.sub("_(zh|en)$", "", name) for name in one} for one in fields]
    assert plain[1] <= plain[0] or plain[0] <= plain[1], f"{key}: the two sentences name different things"
    for lang in ("zh", "en"):
        assert clause_title(clause.code, lang)  # type: ignore[attr-defined]
        assert "{" not in clause_title(clause.code, lang)  # type: ignore[attr-defined]


@pytest.mark.parametrize("clause", words.OF_DECISIONS, ids=lambda clause: clause.code)
def test_facts_of_decisions_have_titles(clause: object) -> None:
    assert CHINESE.search(clause_title(clause.code, "zh"))  # type: ignore[attr-defined]


def test_effects_at_the_edges() -> None:
    assert effect(0.0, "en") == "raises the score by 0.0 points"
    assert effect(0.04, "zh") == "使评分提高不到0.1分"
    assert effect(-0.05, "en") == "lowers the score by 0.1 points"
    assert effect(-1e6, "zh") == "使评分降低1000000.0分"


def test_one_other_feature_and_several() -> None:
    assert rest(1, effect(-2.0, "en"), "en") == "the one other feature: lowers the score by 2.0 points"
    assert rest(2, effect(-2.0, "en"), "en") == "the other 2 features together: lower the score by 2.0 points"
    assert rest(2, effect(2.0, "en"), "en") == "the other 2 features together: raise the score by 2.0 points"
    assert rest(1, effect(2.0, "zh"), "zh") == "其余1项指标，使评分提高2.0分"
    assert rest(9, effect(2.0, "zh"), "zh") == "其余9项指标合计，使评分提高2.0分"


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_effect_comes_off_again(name: str) -> None:
    for lang in ("zh", "en"):
        text = said(name, 1.0 if CATALOGUE[name].unit != "category" else None, lang)
        assert without_effect(text + words.LINK[lang] + effect(-1.0, lang), lang) == text
