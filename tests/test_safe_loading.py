"""Nothing in the package can run code out of a data or model file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "sorg_risk"
MODULES = {"pickle", "joblib", "marshal", "shelve", "dill", "cloudpickle", "skops"}
CALLS = {"eval", "exec", "compile", "__import__", "read_pickle", "to_pickle"}


def dangers(source: str) -> list[str]:
    """Imports of serialisers that run code, calls that do, and numpy's pickle switch."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found += [n.name for n in names if n.name.split(".")[0] in MODULES]
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in MODULES:
                found.append(module)
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                found.append(name)
            case ast.Call(func=ast.Attribute(attr=("read_pickle" | "to_pickle") as name)):
                found.append(name)
            case ast.keyword(arg="allow_pickle", value=ast.Constant(value=True)):
                found.append("allow_pickle")
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_unsafe_loading(path: Path) -> None:
    assert dangers(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source", ["import pickle", "from joblib import load", "eval('1')", "pd.read_pickle('x')", "f(allow_pickle=True)"]
)
def test_the_scan_sees(source: str) -> None:
    assert dangers(source)
