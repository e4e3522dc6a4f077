"""The dossier as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..words import without_effect
from .words import label, numbered, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def text(d: Mapping[str, Any], lang: str) -> str:
    """All parts, one after the other."""
    lines = [
        f"{word('title', lang)}: {d['name']} {d['org_id']} ({word('as_of', lang)} {d['as_of']})",
        standing(d["score"], lang),
        *([word("provisional_score", lang)] if (d["score"] or {}).get("provisional") else []),
        *(f"{word('caps', lang)}: {cap(one, lang)}" for one in d["caps"]),
    ]
    sections = {
        "law": _flags(d, "statutory", lang),
        "model": _flags(d, "model", lang),
        "reasons": _reasons(d, lang),
        "concepts": _concepts(d, lang),
        "history": _history(d, lang),
        "changes": changes(d["changes"], lang),
        "lost": (row for one in d["lost"] for row in lost(one, lang)),
        "measures": (f"{one[f'text_{lang}']} {one['citation']}" for one in d["measures"]),
    }
    for title, part in sections.items():
        rows = list(part) or ([word("no_flags", lang)] if title == "law" else [])
        if rows:
            lines += ["", f"{word(title, lang)}:", *(f"  {row}" for row in rows)]
    return "\n".join([*lines, "", word("model_note", lang)])


def standing(score: Mapping[str, Any] | None, lang: str) -> str:
    """The line of the score."""
    if score is None:
        return word("not_scored", lang)
    within = word("within", lang).format(days=score["horizon_days"])
    return (
        f"{word('score', lang)} {score['score']:.1f} · {word('grade', lang)} {score['grade']} · "
        f"{word('warning', lang)} {label(score['warning'], lang)} · "
        f"{word('probability', lang)} ({within}) {score['probability']:.1%} · {word('rank', lang)} {score['rank']}"
    )


def cap(one: Mapping[str, Any], lang: str) -> str:
    """The law's cap on the grade in words, with its citation."""
    said = word("cap", lang).format(flag=label(one["flag"], lang), ground=one["ground"], grade=one["grade"])
    return f"{said} {one['citation'] or ''}".rstrip()


def group(places: list[int]) -> str:
    """A group of facts by their signs."""
    return "".join(numbered(place) for place in places)


def groups(places: list[list[int]], left_out: int, lang: str) -> str:
    """Several groups, and how many are not shown."""
    more = [word("more", lang).format(count=left_out)] if left_out else []
    return " / ".join([group(one) for one in places] + more)


def changes(found: Mapping[str, Any] | None, lang: str) -> Iterator[str]:
    """What changed since the evening before, a line each."""
    if found is None:
        return
    yield word("changes_since", lang).format(day=found["since"])
    lines = [
        *_moves(found, lang),
        *(f"{word('new', lang)}: {headline(flag, lang)}" for flag in found["new"]),
        *(f"{word('cleared', lang)}: {headline(flag, lang)}" for flag in found["cleared"]),
    ]
    yield from lines or [word("unchanged", lang)]
    for row in found["features"]:
        yield word("feature_change", lang).format(
            text=without_effect(row[f"text_{lang}"], lang),
            before=f"{row['before']:+.1f}",
            now=f"{row['now']:+.1f}",
            change=f"{row['change']:+.1f}",
        )


def lost(record: Mapping[str, Any], lang: str) -> Iterator[str]:
    """A record that is no longer delivered or was rewritten: since when, what it said, which flags fell with it, and what to do."""
    name = (
        f"{record['table_zh']} {record['table']}:{record['key']}"
        if lang == "zh"
        else f"{record['table']}:{record['key']}"
    )
    how = record["how"] if record["since"] else f"{record['how']}_before"
    yield word(how, lang).format(record=name, **{day: record[day] for day in ("since", "last")})
    comma = "；" if lang == "zh" else "; "
    if said := comma.join(_cell(one, record["how"], lang) for one in record["cells"]):
        yield word(f"{record['how']}_cells", lang) + said
    for flag in record["cleared"]:
        yield f"{word('fell', lang)}{headline(flag, lang)}"
    yield word(f"{record['how']}_step", lang)


def _cell(cell: Mapping[str, Any], how: str, lang: str) -> str:
    """A cell of a lost record in words."""
    ending = "_zh" if lang == "zh" else ""
    name, value, now = cell["zh" if lang == "zh" else "column"], cell[f"value{ending}"], cell[f"now{ending}"]
    empty = word("empty", lang)
    shown, after = (empty if one is None else one for one in (value, now))
    return (
        f"{name} {shown}" if how == "vanished" else word("cell_change", lang).format(name=name, before=shown, now=after)
    )


def headline(flag: Mapping[str, Any], lang: str) -> str:
    """What, on which ground."""
    ground = f" {flag['ground']} {flag['citation'] or ''}".rstrip() if flag["ground"] else ""
    return f"{label(flag['flag'], lang)} · {label(flag['status'], lang)}{ground}"


def clock(flag: Mapping[str, Any], lang: str) -> str:
    """Next step, who takes it, by when, and when the flag falls by time alone."""
    parts = []
    if flag["next_step"] != "none":
        parts.append(f"{word('step', lang)}: {label(flag['next_step'], lang)} ({flag[f'handler_{lang}']})")
    if flag["next_step_due"]:
        late = f" {word('overdue', lang)}" if flag["overdue"] else ""
        parts.append(f"{word('due', lang)} {flag['next_step_due']}{late}")
    if flag["clears_on"]:
        parts.append(f"{word('clears', lang)} {flag['clears_on']}")
    if flag["provisional"]:
        parts.append(word("provisional", lang))
    return " · ".join(parts)


def _flags(d: Mapping[str, Any], basis: str, lang: str) -> Iterator[str]:
    for flag in d["flags"]:
        if flag["basis"] == basis:
            yield f"- {headline(flag, lang)} ({word('since', lang)} {flag['since']})"
            yield from (f"    {line}" for line in _details(flag, lang) if line)


def _details(flag: Mapping[str, Any], lang: str) -> Iterator[str]:
    yield clock(flag, lang)
    for fact in flag["facts"]:
        yield f"{numbered(fact['place'])} {fact['share']:.0%}  {fact[f'text_{lang}']}"
    for name, left_out in zip(("sufficient", "clearing"), flag["groups_left_out"], strict=True):
        if flag[name] and max(len(flag[name]), len(flag["facts"]) * (name == "clearing")) > 1:
            yield f"{word(name, lang)} ({word(f'{name}_note', lang)}): {groups(flag[name], left_out, lang)}"
    if flag["remedies"]:
        yield f"{word('remedies', lang)} ({word('remedies_note', lang)}):"
        yield from (f"  {act['from_day']}  {act[f'text_{lang}']}" for act in flag["remedies"])
    yield f"{word('evidence', lang)}: {', '.join(flag['evidence'])}"


def _reasons(d: Mapping[str, Any], lang: str) -> Iterator[str]:
    for row in d["reasons"]:
        yield f"{row['contribution']:+9.1f}  {row[f'text_{lang}']}"


def _concepts(d: Mapping[str, Any], lang: str) -> Iterator[str]:
    for row in d["concepts"]:
        yield f"{row['contribution']:+9.1f}  {label(row['concept'], lang)}"


def _history(d: Mapping[str, Any], lang: str) -> Iterator[str]:
    for row in d["history"]:
        yield f"{row['as_of']}  {row['score']:.1f}  {row['grade']}  {label(row['warning'], lang)}"


def _moves(found: Mapping[str, Any], lang: str) -> Iterator[str]:
    if found["score"]:
        told = {name: f"{value:.1f}" for name, value in found["score"].items()} | {
            "change": f"{found['score']['change']:+.1f}"
        }
        yield word("score_change", lang).format(**told)
    for name in ("grade", "warning"):
        if found[name]:
            told = {when: label(value, lang) for when, value in found[name].items()}
            yield word(f"{name}_change", lang).format(**told)
