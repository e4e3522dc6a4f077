"""The definition of a feature in a line, and its worked examples, written from the declaration.

>>> from sorg_risk.features import CATALOGUE
>>> definition(CATALOGUE["related_share_365d"])
'share of amount; rows: direction = out; part: is_related_party true; booked_on within 365 days'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from .declare import Example, Feature, Row
from .ingredients import KNOWN, Condition


def definition(one: Feature) -> str:
    """Aggregate, column, rows, window: everything a second opinion needs, together with the words of the aggregate."""
    if one.base:
        return f"percentile of {one.base} among equal {', '.join(one.peers)}"
    what = " ".join(filter(None, [one.aggregate, _of(one)]))
    rows = _conditions(one.where)
    parts = [
        what,
        f"rows: {rows}" if rows else "",
        f"part: {_conditions(one.part)}" if one.part else "",
        _window(one),
        f"until {one.until}" if one.until else "",
        f"bands: {', '.join(f'{word} from {bound:,}' for word, bound in one.bands.items())}" if one.bands else "",
    ]
    return "; ".join(filter(None, parts))


def _of(one: Feature) -> str:
    named = [
        f"of {one.value}" if one.value else "",
        f"over {one.over}" if one.over else "",
        f"by {one.by}" if one.by else "",
    ]
    return " ".join(filter(None, named))


def _window(one: Feature) -> str:
    if one.aggregate == "missing_years":
        return f"latest years due: {(one.window_days or 365) // 365}"
    if one.table == "organizations" and one.aggregate in ("latest", "age"):
        return "as the register stands"
    return f"{one.event} within {one.window_days} days" if one.window_days else f"{one.event} ever"


def _conditions(conditions: Mapping[str, Condition]) -> str:
    return ", ".join(f"{name} {_said(wanted)}" for name, wanted in conditions.items())


def _said(wanted: Condition) -> str:
    if wanted == KNOWN:
        return "known"
    if isinstance(wanted, bool):
        return "true" if wanted else "false"
    if isinstance(wanted, str):
        return f"= {wanted}"
    if isinstance(wanted[-1], int | float):
        return f"{wanted[0]} {wanted[1]}"
    return f"= {' or '.join(wanted)}"


def examples(one: Feature) -> str:
    """Worked examples in a line: value, arrow, rows."""
    return " · ".join(_example(each) for each in one.examples)


def _example(each: Example) -> str:
    value = "empty" if each.value is None else f"{each.value:.6g}" if not isinstance(each.value, str) else each.value
    if each.peers:
        return f"{value} ← {each.own} among {', '.join(f'{peer:g}' for peer in each.peers)}"
    counted = Counter(_row(cells) for cells in each.rows)
    rows = [text if times == 1 else f"{times} × {text}" for text, times in counted.items()]
    org = [f"organisation ({_cells(each.org)})"] if each.org else []
    return f"{value} ← {', '.join([*rows, *org]) or 'no rows'}"


def _row(cells: Row) -> str:
    ago = [f"{cells['ago']} days ago"] if "ago" in cells else []
    return f"({'; '.join([*ago, *filter(None, [_cells(cells)])])})"


def _cells(cells: Row) -> str:
    return "; ".join(f"{name} {_cell(value)}" for name, value in cells.items() if name != "ago")


def _cell(value: object) -> str:
    if value is None:
        return "empty"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
