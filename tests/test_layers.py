"""Data moves one way through the folders: no module imports from a later one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ORDER = [
    "_version",
    "_compiled",
    "_stripped",
    "errors",
    "calendar",
    "portable",
    "records",
    "features",
    "law",
    "policy",
    "model",
    "explain",
    "flags",
    "watch",
    "report",
    "nightly",
    "cli",
    "__main__",
]
ASIDE = {"simulate": {"_version", "errors", "calendar", "records"}}  # may use these, and only the command line uses it
PACKAGE = Path(__file__).resolve().parent.parent / "sorg_risk"


def home(path: Path) -> str:
    """The folder (or top module) of a file."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The folders of the product a file imports from, late imports included."""
    module = ("sorg_risk", *path.relative_to(PACKAGE).with_suffix("").parts)
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = list(module[: len(module) - node.level]) if node.level else []
            target = [*base, *(node.module or "").split(".")] if node.module else base
            for name in node.names:
                whole = [*target, name.name]
                if whole[0] == "sorg_risk" and len(whole) > 1:
                    found.add(whole[1])
        elif isinstance(node, ast.Import):
            found |= {n.name.split(".")[1] for n in node.names if n.name.startswith("sorg_risk.")}
    return found


def allowed(folder: str) -> set[str]:
    if folder in ASIDE:
        return ASIDE[folder] | {folder}
    upto = set(ORDER[: ORDER.index(folder) + 1])
    return upto | {"simulate"} if folder in {"cli", "__main__"} else upto


MODULES = sorted(p for p in PACKAGE.rglob("*.py") if home(p) != "__init__")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_backwards(path: Path) -> None:
    names = {n for n in imported(path) if n in ORDER or n in ASIDE}
    assert names <= allowed(home(path)), f"{path.name} imports {sorted(names - allowed(home(path)))}"


def test_every_folder_has_its_place() -> None:
    homes = {home(p) for p in MODULES}
    assert homes <= set(ORDER) | set(ASIDE)


def test_the_check_can_fail(tmp_path: Path) -> None:
    assert "nightly" not in allowed("features")
    assert {"features", "law"} <= allowed("model")


def test_every_folder_with_modules_is_a_package() -> None:
    """Otherwise an installed copy would lack it, although the checkout works."""
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert [folder.name for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []
