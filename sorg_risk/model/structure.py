"""What LightGBM trusts blindly, checked before it sees a byte.

LightGBM's parser ends the process on many damaged texts and loads others silently wrong, so this reads the text strictly: the header, the byte
length of every tree, the length and range of every array, that the children form one tree, that every number is finite. Only what is needed to
score is kept in a bundle: header and trees. Whatever is odd is refused with its place.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

from .boosting import MAX_DEPTH

LARGEST = 1e30
_HEADER = (
    "version",
    "num_class",
    "num_tree_per_iteration",
    "label_index",
    "max_feature_idx",
    "objective",
    "feature_names",
    "monotone_constraints",
    "feature_infos",
    "tree_sizes",
)
_OPTIONAL = {"monotone_constraints"}
_INFO = re.compile(r"none|\[-?[0-9.e+-]+:-?[0-9.e+-]+\]|-?\d{1,9}(:-?\d{1,9})*")
_INTEGER = re.compile(r"-?\d{1,10}")
_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?")
_END = "end of trees\n"


class Broken(ValueError):  # noqa: N818 - reads as what it says
    """A text that is not a sound model; the message says where."""


def trimmed(text: str) -> str:
    """A booster's text up to the end of its trees: no importances and no training parameters, which scoring does not need.

    >>> trimmed("tree\\nversion=v4\\n\\nTree=0\\n...\\n\\nend of trees\\n\\nparameters:\\n[num_threads: 2]")
    'tree\\nversion=v4\\n\\nTree=0\\n...\\n\\nend of trees\\n'
    """
    return text[: text.index(_END) + len(_END)]


def sound(text: str, features: int) -> None:
    """Raise `Broken` unless the text is a sound binary model of LightGBM with so many features."""
    if not text.isascii() or "\r" in text or "\0" in text:
        raise Broken("it is not plain text with plain line ends")
    head, found, body = text.partition("\n\n")
    if not found:
        raise Broken("the header has no end")
    sizes = _header(head, features)
    if body[sum(sizes) :] != _END:
        raise Broken("the trees do not end where the header says")
    start = 0
    for i, size in enumerate(sizes):
        _tree(body[start : start + size], i, features)
        start += size


def _header(head: str, features: int) -> list[int]:
    """Check the header; returns the byte length of each tree."""
    lines = head.split("\n")
    if lines[0] != "tree":
        raise Broken("it does not begin as LightGBM text")
    told = _fields(lines[1:], "the header")
    if [k for k in _HEADER if k in told] != list(told) or set(_HEADER) - _OPTIONAL - set(told):
        raise Broken("the header lacks a line or has a strange one")
    expected = {
        "version": "v4",
        "num_class": "1",
        "num_tree_per_iteration": "1",
        "label_index": "0",
        "max_feature_idx": str(features - 1),
        "objective": "binary sigmoid:1",
        "feature_names": " ".join(f"f{i}" for i in range(features)),
    }
    for name, value in expected.items():
        if told[name] != value:
            raise Broken(f"{name} in the header is not {value[:40]!r}")
    infos = told["feature_infos"].split(" ")
    if len(infos) != features or not all(_INFO.fullmatch(info) for info in infos):
        raise Broken("feature_infos in the header")
    if "monotone_constraints" in told:
        _integers(told["monotone_constraints"], features, -1, 1, "monotone_constraints")
    sizes = told["tree_sizes"].split(" ")
    return _integers(told["tree_sizes"], len(sizes), 1, 10**8, "tree_sizes")


def _tree(text: str, number: int, features: int) -> None:
    """Check one tree."""
    where = f"tree {number}"
    lines = text.split("\n")
    if lines[0] != f"Tree={number}" or lines[-3:] != ["", "", ""]:
        raise Broken(f"{where} does not begin or end as it should")
    told = _fields(lines[1:-3], where)
    leaves = _integers(told.get("num_leaves", ""), 1, 1, 2**MAX_DEPTH, f"num_leaves of {where}")[0]
    categories = _integers(told.get("num_cat", ""), 1, 0, leaves, f"num_cat of {where}")[0]
    if told.get("is_linear") != "0":
        raise Broken(f"{where} is not a plain tree")
    for name, check in _columns(leaves, features).items():
        if name not in told:
            raise Broken(f"{where} lacks {name}")
        check(told[name], f"{name} of {where}")
    _numbers(told.get("shrinkage", ""), 1, f"shrinkage of {where}")
    if leaves > 1:
        _shape(told, where)
    _categories(told, leaves, categories, where)
    known = {*_columns(leaves, features), "num_leaves", "num_cat", "is_linear", "shrinkage"}
    if set(told) - known - ({"cat_boundaries", "cat_threshold"} if categories else set()):
        raise Broken(f"{where} holds a strange line")


def _columns(leaves: int, features: int) -> dict[str, Callable[[str, str], object]]:
    """The arrays of a tree, each with its check of length and range."""
    inner, whole = leaves - 1, 2**31 - 1
    outer = leaves if leaves > 1 else 0  # a tree of one leaf writes no weight

    def integers(count: int, low: int, high: int) -> Callable[[str, str], object]:
        return lambda text, where: _integers(text, count, low, high, where)

    def numbers(count: int) -> Callable[[str, str], object]:
        return lambda text, where: _numbers(text, count, where)

    return {
        "split_feature": integers(inner, 0, features - 1),
        "split_gain": numbers(inner),
        "threshold": lambda text, where: _thresholds(text, inner, where),
        "decision_type": integers(inner, 0, 15),
        "left_child": integers(inner, -leaves, inner - 1),
        "right_child": integers(inner, -leaves, inner - 1),
        "leaf_value": numbers(leaves),
        "leaf_weight": numbers(outer),
        "leaf_count": integers(leaves, 0, whole),
        "internal_value": numbers(inner),
        "internal_weight": numbers(inner),
        "internal_count": integers(inner, 0, whole),
    }


def _shape(told: dict[str, str], where: str) -> None:
    """Every inner node and leaf has one parent, a parent comes before its children, counts add up, and no leaf lies too deep."""
    left, right = ([int(c) for c in told[side].split(" ")] for side in ("left_child", "right_child"))
    counts = {i: int(c) for i, c in enumerate(told["internal_count"].split(" "))}
    counts |= {-1 - i: int(c) for i, c in enumerate(told["leaf_count"].split(" "))}
    depth = {0: 1}
    for node, children in enumerate(zip(left, right, strict=True)):
        for child in children:
            if node not in depth or child in depth or 0 <= child <= node:
                raise Broken(f"the children of {where} are not a tree")
            depth[child] = depth[node] + 1
        if counts[node] != sum(counts[child] for child in children):
            raise Broken(f"the counts of {where} do not add up")
    if max(depth.values()) > MAX_DEPTH + 1:
        raise Broken(f"{where} is deeper than {MAX_DEPTH}")


def _categories(told: dict[str, str], leaves: int, categories: int, where: str) -> None:
    """Category splits point into their table, and number splits do not."""
    kinds = [int(k) & 1 for k in told["decision_type"].split(" ")] if leaves > 1 else []
    if sum(kinds) != categories:
        raise Broken(f"num_cat of {where} is not the number of its category splits")
    if not categories:
        return
    edges = _integers(told.get("cat_boundaries", ""), categories + 1, 0, 2**20, f"cat_boundaries of {where}")
    if edges[0] != 0 or any(b <= a for a, b in pairwise(edges)):
        raise Broken(f"cat_boundaries of {where} do not rise")
    _integers(told.get("cat_threshold", ""), edges[-1], 0, 2**32 - 1, f"cat_threshold of {where}")
    places = [float(t) for t, kind in zip(told["threshold"].split(" "), kinds, strict=True) if kind]
    if sorted(places) != [float(i) for i in range(categories)]:
        raise Broken(f"the category splits of {where} do not point to their sets")


def _fields(lines: list[str], where: str) -> dict[str, str]:
    """``name=value`` lines, each name once."""
    found: dict[str, str] = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or name in found:
            raise Broken(f"{where} holds a line that is none, or twice")
        found[name] = value
    return found


def _integers(text: str, count: int, low: int, high: int, where: str) -> list[int]:
    words = text.split(" ") if text else []
    if len(words) != count or not all(_INTEGER.fullmatch(w) for w in words):
        raise Broken(f"{where} is not {count} whole numbers")
    found = [int(w) for w in words]
    if any(not low <= v <= high for v in found):
        raise Broken(f"{where} lies outside {low} to {high}")
    return found


def _thresholds(text: str, count: int, where: str) -> list[float]:
    """Cut points; ``inf`` is LightGBM's word for "known or missing"."""
    words = ["0" if w == "inf" else w for w in text.split(" ")] if text else []
    return _numbers(" ".join(words), count, where)


def _numbers(text: str, count: int, where: str) -> list[float]:
    words = text.split(" ") if text else []
    if len(words) != count or not all(_NUMBER.fullmatch(w) for w in words):
        raise Broken(f"{where} is not {count} numbers")
    found = [float(w) for w in words]
    if any(not math.isfinite(v) or abs(v) > LARGEST for v in found):
        raise Broken(f"{where} holds a number without bounds")
    return found
