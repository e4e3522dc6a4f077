"""The rulebook and its pages: complete, in both languages, and fresh."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from sorg_risk.errors import LawError, NotFound, UsageError
from sorg_risk.law import registry, rulebook
from sorg_risk.law.doubts import doubted
from sorg_risk.law.page import LANGUAGES, page
from sorg_risk.law.registry import RULES, rule_of
from sorg_risk.law.rulebook import in_force
from sorg_risk.law.scope import Scope


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_are_fresh(root: Path, lang: str) -> None:
    written = (root / "docs" / f"rulebook.{lang}.md").read_text(encoding="utf-8")
    assert written == page(lang), "python -m sorg_risk.law.page writes docs/rulebook.*.md again"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_is_on_the_page(lang: str) -> None:
    text = page(lang)
    for rule in RULES:
        assert f"## {rule.id} " in text
        assert all((cited.zh if lang == "zh" else cited.en) in text for cited in rule.texts)


def test_the_command_writes_both_pages(tmp_path: Path, root: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "sorg_risk.law.page", str(tmp_path)], check=True, cwd=root, capture_output=True
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rulebook.en.md", "rulebook.zh.md"]
    assert (tmp_path / "rulebook.zh.md").read_text(encoding="utf-8") == page("zh")


def test_both_clocks_filter_the_rulebook() -> None:
    ids = {
        day: {rule.id for rule in in_force(dt.date.fromisoformat(day))}
        for day in ("2018-01-23", "2018-01-24", "2025-12-31", "2026-01-01", "2026-04-27")
    }
    assert "AL-05a" not in ids["2018-01-23"]
    assert "AL-05a" in ids["2018-01-24"]
    assert "AN-04" not in ids["2025-12-31"]
    assert "AN-04" in ids["2026-01-01"]
    assert "AL-04a" in ids["2025-12-31"]
    assert "CR-02" in ids["2025-12-31"]
    assert "CR-02" not in ids["2026-04-27"], "ended, and nothing is found by it"
    assert "MO-04" in ids["2026-04-27"], "what followed its text was not seen: the last one is read on"
    assert "MO-09" not in ids["2026-01-01"], "in force for the year, but not promulgated yet"
    assert "MO-09" in ids["2026-04-27"]


def test_json_and_markdown_name_the_same_rules() -> None:
    told = json.loads(rulebook("2026-10-31", format="json"))
    text = rulebook("2026-10-31")
    assert told["on"] == "2026-10-31"
    assert [rule["id"] for rule in told["rules"]] == [
        line.split()[1] for line in text.splitlines() if line.startswith("## ")
    ]
    assert all(
        rule["citation"]["zh"] and rule["citation"]["en"] and rule["zh"] and rule["en"] for rule in told["rules"]
    )
    assert {rule["id"] for rule in told["rules"] if rule["needs_person"]} >= {
        "AL-07",
        "SL-08",
        "AN-08",
        "GO-08",
        "GO-09",
        "FE-03",
        "ZO-04",
    }


def test_money_is_printed_as_money() -> None:
    text = rulebook("2026-10-31")
    assert "2,000,000; 4,000,000; 8,000,000 元" in text
    assert "≥ 60,000,000: 6% / 12%" in text
    assert "e+0" not in text


def test_a_text_that_may_have_been_amended_unseen_carries_its_doubt() -> None:
    marks = {
        day: {rule["id"]: rule["certainty"] for rule in json.loads(rulebook(day, format="json"))["rules"]}
        for day in ("2026-03-19", "2026-03-20")
    }
    assert {name: marks["2026-03-19"][name] for name in ("AN-01", "GO-05s", "GO-07", "GO-08", "ZO-01")} == {
        "AN-01": "R",
        "GO-05s": "R",
        "GO-07": "R",
        "GO-08": "R",
        "ZO-01": "R",
    }
    for name in ("AN-01", "GO-05s", "GO-07", "GO-08", "ZO-01", "AN-07"):
        assert marks["2026-03-20"][name].endswith("/U"), name
    assert marks["2026-03-20"]["GO-09"] == "R"
    assert "2026年3月疑有修改" in rulebook("2026-10-31")


def test_doubts_are_told_behind_a_sentence() -> None:
    assert doubted("", "zh") == ""
    assert doubted("rule:AL-01;calendar;rule:AL-01", "zh").startswith("（待核实：AL-01的条文依据未经核实；")
    assert doubted("rule:AL-01", "en") == " (provisional: the text behind AL-01 is unconfirmed)"


def test_an_unknown_rule_is_answered_with_the_near_one() -> None:
    with pytest.raises(NotFound, match=r"unknown rule 'AL-O1'\. Did you mean 'AL-R1'"):
        rule_of("AL-O1")


def test_a_file_of_rules_without_a_rule_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.pkgutil, "iter_modules", lambda _path: [SimpleNamespace(name="al_99_nothing")])
    monkeypatch.setattr(registry, "import_module", lambda _name: SimpleNamespace())
    with pytest.raises(LawError, match=r"law/rules/al_99_nothing\.py holds no RULE or RULES; add it"):
        list(registry._found())


def test_a_scope_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(LawError, match="scope: type 'asociation' is not one of association"):
        Scope(types=("asociation",))


def test_unknown_format_and_unreadable_day() -> None:
    with pytest.raises(UsageError, match="html"):
        rulebook("2026-10-31", format="html")
    with pytest.raises(UsageError, match="2026-13-01"):
        rulebook("2026-13-01")


CATALOGUE = [
    "AL-01",
    "AL-02",
    "AL-03",
    "AL-04a",
    "AL-04b",
    "AL-05a",
    "AL-05b",
    "AL-06",
    "AL-07",
    "EX-01",
    "AL-R1",
    "AL-R2",
    "AL-R3",
    "SL-01",
    "SL-02",
    "SL-03",
    "SL-04",
    "SL-05",
    "SL-06",
    "SL-07",
    "SL-08",
    "SL-R1",
    "SL-R2",
    "SL-R3",
    "PR-01",
    "PR-02",
    "CR-01",
    "CR-02",
    "CR-03",
    "AN-01",
    "AN-02",
    "AN-03",
    "AN-04",
    "AN-05",
    "AN-06",
    "AN-07",
    "AN-08",
    "MO-01",
    "MO-02",
    "MO-03",
    "MO-04",
    "MO-05",
    "MO-06",
    "MO-07",
    "MO-08",
    "MO-09",
    "MO-10",
    "MO-11",
    "MO-12",
    "MO-13",
    "MO-14",
    "FE-01",
    "FE-02",
    "FE-03",
    "FE-04",
    "FE-05",
    "GO-01",
    "GO-02",
    "GO-03",
    "GO-04",
    "GO-05",
    "GO-06",
    "GO-07",
    "GO-08",
    "GO-09",
    "GO-10",
    "GO-11",
    "SZ-01",
    "SZ-02",
    "SZ-03",
    "ZO-01",
    "ZO-02",
    "ZO-03",
    "ZO-04",
    "GR-01",
    "GR-02",
    "GR-03",
    "GR-04",
]
NEEDS_A_PERSON = [
    "AL-07",
    "SL-08",
    "AN-08",
    "MO-13",
    "FE-03",
    "FE-04",
    "FE-05",
    "GO-08",
    "GO-09",
    "ZO-04",
    "PR-02",
    "CR-01",
    "CR-02",
    "CR-03",
]


def test_the_whole_catalogue_is_carried() -> None:
    assert set(CATALOGUE) <= {rule.id for rule in RULES}


@pytest.mark.parametrize("name", NEEDS_A_PERSON)
def test_what_a_person_decides_never_finds_facts(name: str) -> None:
    assert all(rule.person_decides and rule.facts is None for rule in RULES if rule.id == name)
