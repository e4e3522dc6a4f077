"""The parts of a dossier as plain data: what text, HTML and JSON all show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ...features import CATALOGUE
from ...policy import BODIES, measures
from ...policy.registry import POLICIES
from .. import rules
from ..game import clearing, shares, sufficient
from ..table import shown
from .evening import Evening, plain_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

GROUPS: Final = 6
"""So many groups of facts are shown where there are more."""
CAPS: Final = {"serious_dishonesty_list": "D", "abnormal_list": "C"}
"""Graver first."""
GRAVITY: Final = (*CAPS, "exit_candidate", "alert", "early_warning")
STANDING: Final = ("recommend_listing", "listed", "restart", "recommend_removal")
UNNAMED: Final = ("(base)", "(rest)")
CHANGED: Final = 6
"""So many changed reasons are told."""
SEEN: Final = 0.05
"""A smaller change in points is none."""


def flag_parts(evening: Evening, clauses: pd.DataFrame | None, remedies: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Every flag, the gravest first, with the body that handles it, its facts, what suffices, what would clear it, and the lawful acts."""
    acts: dict[str, list[dict[str, Any]]] = {}
    for row in [] if remedies is None else plain_rows(remedies):
        acts.setdefault(row.pop("flag_id"), []).append(row)
    return [
        flag
        | {"handler_zh": _body(flag)[0], "handler_en": _body(flag)[1], "remedies": acts.get(flag["flag_id"], [])}
        | {"overdue": flag["next_step_due"] is not None and flag["next_step_due"] < evening.as_of}
        | _foundation(flag, evening, clauses)
        for flag in sorted(evening.flags, key=lambda flag: GRAVITY.index(flag["flag"]))
    ]


def caps(flags: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The law's cap on the grade, as a line of its own: the gravest list with a standing ground."""
    for name, grade in CAPS.items():
        found = [flag for flag in flags if flag["flag"] == name and flag["status"] in STANDING]
        if found:
            first = found[0]
            return [{"grade": grade, "flag": name, "ground": first["ground"], "citation": first["citation"]}]
    return []


def reason_parts(evening: Evening, records: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The reasons of the score, each with its subject and source records."""
    return [
        row | {"concept": concept(row["feature"]), "records": list(records.get(row["feature"], ()))}
        for row in evening.reasons.get("", [])
    ]


def concept(feature: str) -> str:
    """The subject of a feature (its family); empty for the base and the rest.

    >>> concept("complaints_90d"), concept("(base)"), concept("my_own")
    ('complaints', '', 'other')
    """
    if feature in UNNAMED:
        return ""
    return CATALOGUE[feature].family if feature in CATALOGUE else "other"


def concept_parts(reasons: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Contributions added up by subject, the largest first; what is not named apart stays apart."""
    sums: dict[str, float] = {}
    for row in reasons:
        if row["feature"] != "(base)":
            name = row["concept"] or "(rest)"
            sums[name] = sums.get(name, 0.0) + row["contribution"]
    found = [{"concept": name, "contribution": points} for name, points in sums.items()]
    return sorted(found, key=lambda row: (row["concept"] == "(rest)", -abs(row["contribution"])))


def history_parts(evenings: Sequence[Evening]) -> list[dict[str, Any]]:
    """Score, grade and warning of every evening on which there was one, the oldest first."""
    told = ("score", "grade", "warning", "rank")
    return [
        {"as_of": one.as_of} | {name: one.score[name] for name in told}
        for one in sorted(evenings, key=lambda one: one.as_of)
        if one.score is not None
    ]


def change_parts(now: Evening, before: Evening | None) -> dict[str, Any] | None:
    """What is new, cleared and changed since the evening before; None where there is none.

    Each changed reason is told with its effect then and now; ``rest`` is the part of the change of the score that no single reason named on
    both evenings accounts for, so that everything adds up.
    """
    if before is None:
        return None
    features = _changed_features(now, before)
    moved = _moved(now, before, "score")
    return {
        "since": before.as_of,
        "score": moved,
        "grade": _moved(now, before, "grade"),
        "warning": _moved(now, before, "warning"),
        "new": [flag for flag in now.flags if _key(flag) not in {_key(f) for f in before.flags}],
        "cleared": [flag for flag in before.flags if _key(flag) not in {_key(f) for f in now.flags}],
        "features": features[:CHANGED],
        "rest": None if moved is None else moved["change"] - sum(row["change"] for row in features[:CHANGED]),
    }


def measure_parts(org_type: str | None, grade: str | None, *, provisional: bool = False) -> list[dict[str, str]]:
    """Measures of supervision for the type and grade; none for a grade by the points of a provisional score."""
    if org_type not in POLICIES or grade is None or (provisional and grade not in CAPS.values()):
        return []
    return [{"text_zh": one.zh, "text_en": one.en, "citation": one.citation} for one in measures(str(org_type), grade)]


def _body(flag: Mapping[str, Any]) -> tuple[str, str]:
    code = flag.get("handler") or ""
    return BODIES.get(code, (code, code))


def _foundation(flag: Mapping[str, Any], evening: Evening, clauses: pd.DataFrame | None) -> dict[str, Any]:
    """What a statutory flag rests on: facts numbered by the size of their share, and groups of those numbers."""
    if flag["basis"] != "statutory":
        return {"facts": [], "sufficient": [], "clearing": [], "groups_left_out": [0, 0]}
    mine = None if clauses is None else clauses.loc[clauses["flag_id"] == flag["flag_id"]]
    if mine is None or mine.empty:
        named = [row for row in evening.reasons.get(flag["flag_id"], []) if row["feature"] != "(base)"]
        facts = [_fact(place, row, row["contribution"], []) for place, row in enumerate(named, 1)]
        return {"facts": facts, "sufficient": [], "clearing": [], "groups_left_out": [0, 0]}
    return _from_clauses(str(flag["flag_id"]), mine)


def _from_clauses(flag_id: str, clauses: pd.DataFrame) -> dict[str, Any]:
    terms = rules.formulas(clauses)[flag_id]
    share = shares(terms)
    order = sorted(share, key=lambda fact: (-round(share[fact], 12), fact))
    place = {fact: i for i, fact in enumerate(order, 1)}
    known = rules.numbered(clauses).drop_duplicates("fact").set_index("fact")
    facts = [
        _fact(
            place[fact],
            {**known.loc[fact], "feature": known.loc[fact, "code"]},
            share[fact],
            known.loc[fact].get("records", []),
        )
        for fact in order
    ]
    enough, falls = (
        [sorted(place[fact] for fact in group) for group in groups] for groups in (sufficient(terms), clearing(terms))
    )
    return {
        "facts": facts,
        "sufficient": enough[:GROUPS],
        "clearing": falls[:GROUPS],
        "groups_left_out": [max(0, len(groups) - GROUPS) for groups in (enough, falls)],
    }


def _fact(place: int, row: Mapping[str, Any], share: float, records: Any) -> dict[str, Any]:
    return {
        "place": place,
        "code": row["feature"],
        "value": shown(row["value"]),
        "share": float(share),
        "records": [records] if isinstance(records, str) else [str(one) for one in records],
        "text_zh": row["text_zh"],
        "text_en": row["text_en"],
    }


def _key(flag: Mapping[str, Any]) -> tuple[Any, ...]:
    return flag["flag"], flag["status"], flag["ground"]


def _moved(now: Evening, before: Evening, name: str) -> dict[str, Any] | None:
    """A column of the score then and now, where both evenings have one and it differs."""
    if now.score is None or before.score is None or now.score[name] == before.score[name]:
        return None
    found = {"before": before.score[name], "now": now.score[name]}
    return found | ({"change": found["now"] - found["before"]} if name == "score" else {})


def _changed_features(now: Evening, before: Evening) -> list[dict[str, Any]]:
    """Reasons named on both evenings whose effect differs, the largest change first."""
    then = {row["feature"]: row for row in before.reasons.get("", []) if row["feature"] != "(rest)"}
    found = []
    for row in now.reasons.get("", []):
        old = then.get(row["feature"])
        change = 0.0 if old is None else row["contribution"] - old["contribution"]
        if old is not None and abs(change) >= SEEN:
            found.append(
                {"feature": row["feature"], "value_before": old["value"], "value": row["value"], "change": change}
                | {"before": old["contribution"], "now": row["contribution"]}
                | {"text_zh": row["text_zh"], "text_en": row["text_en"]}
            )
    return sorted(found, key=lambda row: (-abs(row["change"]), row["feature"]))
