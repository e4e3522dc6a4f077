"""What `check` says of unknown words and of features that nothing feeds."""

from __future__ import annotations

import pandas as pd

from sorg_risk.cli.app import app
from sorg_risk.features.coverage import coverage
from sorg_risk.records import open
from sorg_risk.records.unknown_words import mapping_lines, unknown_words

from .made import A, B, flows, organizations


def folder(path):
    organizations(A, B).assign(registration=["双重", "双重"]).to_csv(path / "organizations.csv", index=False)
    strange = flows(60).assign(
        purpose=["捐款"] * 50 + ["donatoin"] * 9 + ["13800138000"], amount=["1", "2", "viel"] * 20
    )
    strange.to_csv(path / "fund_flows.csv", index=False)
    return path


def test_distinct_words_with_counts_and_the_lines_that_translate_them(tmp_path):
    words = unknown_words(open(folder(tmp_path)))
    counts = words.set_index(["table", "column", "word"])["cells"].to_dict()
    assert counts[("organizations", "registration", "双重")] == 2
    assert counts[("fund_flows", "purpose", "捐款")] == 50
    assert counts[("fund_flows", "amount", "viel")] == 20
    assert "13800138000" not in words["word"].tolist()
    assert words.set_index("word")["nearest"][["双重", "donatoin"]].tolist() == ["dual", "donation"]
    assert any('"双重" = "dual"' in line for line in mapping_lines(words))


def test_check_prints_words_instead_of_rows(tmp_path, capsys):
    app(["check", str(folder(tmp_path)), "--values"], result_action="return_value")
    said = capsys.readouterr().out
    assert "unknown words of fund_flows.purpose (code) 未知取值: 3 distinct, 60 cells" in said
    assert "\nrows:" not in said
    app(["check", str(tmp_path)], result_action="return_value")
    assert "unknown words of" not in capsys.readouterr().out


def test_coverage_names_the_absent_columns(root, tmp_path, capsys):
    source = open(root / "data" / "sample")
    full = coverage(source.as_of("2026-10-31"))
    tables = {name: frame.copy() for name, frame in source.tables.items()}
    tables["filings"]["filed_on"] = pd.NaT
    without = coverage(open(tables).as_of("2026-10-31"))
    assert without.share > full.share
    causes = without.causes.set_index("absent")["features"]
    assert causes["filings.filed_on"] >= 20
    assert not full.causes["absent"].str.contains("filed_on").any()
    for name, frame in tables.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")
    app(["check", str(tmp_path), "--coverage", "--as-of", "2026-10-31"], result_action="return_value")
    said = capsys.readouterr().out
    assert "coverage as of 2026-10-31" in said
    assert "filings.filed_on" in said
