"""What the README shows runs as it stands, and what it names exists."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sorg_risk.cli import app

README = Path(__file__).resolve().parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


def test_the_scripts_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    shutil.copytree(root / "data" / "sample", tmp_path / "data" / "sample")
    monkeypatch.chdir(tmp_path)
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    assert (tmp_path / "out" / "CURRENT").is_file()
    assert (tmp_path / "out" / "my-model" / "manifest.json").is_file()


def test_every_link_leads_somewhere(root: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links
    assert [link for link in links if not (root / link).exists()] == []


def test_every_folder_of_the_package_is_named(root: Path) -> None:
    folders = {p.name for p in (root / "sorg_risk").iterdir() if (p / "__init__.py").is_file()}
    assert folders
    assert {name for name in folders if f"`{name}/`" not in TEXT} == set()


def test_every_command_named_exists() -> None:
    named = set(
        re.findall(r"`(?:sorg-risk )?(check|nightly|explain|diff|verify|replay|law|train|backtest|simulate)\b", TEXT)
    )
    assert named <= {name for name in app if not name.startswith("-")}
    assert len(named) == 10


def test_make_targets_named_exist(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"^make (\w+)", TEXT, flags=re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
