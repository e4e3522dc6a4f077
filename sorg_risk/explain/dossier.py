"""The dossier of one organisation: statutory state, score, reasons as signed bars, evidence, next lawful step.

It is made from the published tables alone, so a run read back years later shows the same page. Everything in the HTML is escaped; the bars
are inline SVG without script.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import Any, Self

import pandas as pd

from ..errors import NotFound, UsageError

LANGS = ("zh", "en")
WORDS = {
    "zh": {
        "title": "社会组织风险档案",
        "as_of": "截至",
        "score": "信用分",
        "grade": "等级",
        "warning": "预警",
        "probability": "一年内出现新情形的估计概率",
        "rank": "检查顺序",
        "not_scored": "不评分（非存续状态）",
        "law": "法定状态",
        "none": "无",
        "since": "起于",
        "step": "下一步",
        "due": "期限",
        "provisional": "暂定",
        "clears": "期满日",
        "evidence": "证据",
        "reasons": "评分理由",
        "facts": "事实",
        "model_note": "预警来自模型，只提示关注；列入名录须有法定情形、证据和程序。",
    },
    "en": {
        "title": "Risk dossier",
        "as_of": "as of",
        "score": "score",
        "grade": "grade",
        "warning": "warning",
        "probability": "estimated probability of a new ground within the horizon",
        "rank": "inspection rank",
        "not_scored": "not scored (not active)",
        "law": "Statutory state",
        "none": "none",
        "since": "since",
        "step": "next step",
        "due": "due",
        "provisional": "provisional",
        "clears": "clears on",
        "evidence": "evidence",
        "reasons": "Reasons of the score",
        "facts": "facts",
        "model_note": "An early warning comes from the model and only asks for a look; listing needs a ground, evidence and due process.",
    },
}
LABELS = {
    "zh": {
        "abnormal_list": "活动异常名录",
        "serious_dishonesty_list": "严重违法失信名单",
        "exit_candidate": "退出候选",
        "alert": "提示",
        "early_warning": "预警",
        "recommend_listing": "建议列入",
        "listed": "已列入",
        "restart": "重新计算期限",
        "recommend_removal": "建议移出",
        "attention": "关注",
        "issue_notice": "发出告知书",
        "await_statement": "等待陈述申辩",
        "decide": "作出决定",
        "list": "列入",
        "remove": "移出",
        "inspect": "检查",
        "red": "红",
        "orange": "橙",
        "yellow": "黄",
        "blue": "蓝",
    }
}


def label(word: str, lang: str) -> str:
    """A code as officers say it: Chinese words, or the code with spaces."""
    return LABELS.get(lang, {}).get(word, word if lang == "zh" else word.replace("_", " "))


@dataclass(frozen=True)
class Dossier:
    """One organisation as published; prints as text, shows as HTML, exports as JSON."""

    org_id: str
    name: str
    as_of: str
    score: dict[str, Any] | None
    flags: list[dict[str, Any]]
    reasons: dict[str, list[dict[str, Any]]]
    lang: str = "zh"

    @classmethod
    def of(cls, org_id: str, *, run: Any, organizations: pd.DataFrame, lang: str = "zh") -> Self:
        """The dossier of a run in memory."""
        row = organizations.loc[organizations["org_id"] == org_id, "name"]
        name = "" if row.empty or pd.isna(row.iloc[0]) else str(row.iloc[0])
        return cls._made(org_id, name, str(run.view.day), run.scores, run.flags, run.reasons, lang)

    @classmethod
    def of_tables(
        cls, org_id: str, scores: pd.DataFrame, flags: pd.DataFrame, reasons: pd.DataFrame, *, lang: str = "zh"
    ) -> Self:
        """The dossier from published tables.

        Raises
        ------
        NotFound
            The run says nothing of this organisation.
        """
        known = sorted({*scores["org_id"], *flags["org_id"]})
        if org_id not in known:
            raise NotFound.name("organisation", org_id, known)
        mine = scores.loc[scores["org_id"] == org_id]
        name = str(mine["name"].iloc[0]) if len(mine) and "name" in mine and pd.notna(mine["name"].iloc[0]) else ""
        day = str(pd.concat([scores["as_of"], flags["as_of"]]).iloc[0])[:10]
        return cls._made(org_id, name, day, scores, flags, reasons, lang)

    @classmethod
    def _made(
        cls,
        org_id: str,
        name: str,
        day: str,
        scores: pd.DataFrame,
        flags: pd.DataFrame,
        reasons: pd.DataFrame,
        lang: str,
    ) -> Self:
        if lang not in LANGS:
            raise UsageError.choice("lang", lang, LANGS)
        mine = _rows(scores.loc[scores["org_id"] == org_id])
        why = reasons.loc[reasons["org_id"] == org_id]
        grouped: dict[str, list[dict[str, Any]]] = {
            "" if pd.isna(key) else str(key): _rows(part.sort_values("rank"))
            for key, part in why.groupby("flag_id", dropna=False)
        }
        stands = _rows(flags.loc[flags["org_id"] == org_id])
        return cls(org_id, name, day, mine[0] if mine else None, stands, grouped, lang)

    def __str__(self) -> str:
        w = self._words
        lines = [
            f"{w['title']}: {self.name} {self.org_id} ({w['as_of']} {self.as_of})",
            self._standing(),
            "",
            f"{w['law']}:",
        ]
        lines += [f"  - {line}" for flag in self.flags for line in self._flag_lines(flag)] or [f"  {w['none']}"]
        if "" in self.reasons:
            lines += ["", f"{w['reasons']}:"]
            lines += [f"  {row['contribution']:+9.1f}  {row[f'text_{self.lang}']}" for row in self.reasons[""]]
        return "\n".join([*lines, "", w["model_note"]])

    def __repr__(self) -> str:
        return f"<Dossier {self.org_id} as of {self.as_of}: {len(self.flags)} flags>"

    def to_json(self) -> str:
        """The dossier as JSON (days as text, missing as null)."""
        data = {
            "org_id": self.org_id,
            "name": self.name,
            "as_of": self.as_of,
            "score": None if self.score is None else _plain(self.score),
            "flags": [
                _plain(flag) | {"reasons": [_plain(r) for r in self.reasons.get(str(flag["flag_id"]), [])]}
                for flag in self.flags
            ],
            "reasons": [_plain(row) for row in self.reasons.get("", [])],
        }
        return json.dumps(data, ensure_ascii=False, indent=1)

    def _repr_html_(self) -> str:
        w = self._words
        flags = "".join(
            f"<li>{'<br>'.join(escape(line) for line in self._flag_lines(flag))}</li>" for flag in self.flags
        )
        nothing = f"<li>{w['none']}</li>"
        rows = [row for row in self.reasons.get("", []) if row["feature"] != "(base)"]
        return (
            f"<h3>{escape(self.name)} <small>{escape(self.org_id)} · {w['as_of']} {self.as_of}</small></h3>"
            f"<p>{escape(self._standing())}</p><h4>{w['law']}</h4><ul>{flags or nothing}</ul>"
            f"<h4>{w['reasons']}</h4>{bars(rows, self.lang)}<p><small>{escape(w['model_note'])}</small></p>"
        )

    @property
    def _words(self) -> dict[str, str]:
        return WORDS[self.lang]

    def _standing(self) -> str:
        """The line of the score."""
        w, s = self._words, self.score
        if s is None:
            return w["not_scored"]
        warning = w["none"] if s["warning"] == "none" else label(str(s["warning"]), self.lang)
        return (
            f"{w['score']} {s['score']:.1f} · {w['grade']} {s['grade']} · {w['warning']} {warning} · "
            f"{w['probability']} {s['probability']:.1%} · {w['rank']} {s['rank']}"
        )

    def _flag_lines(self, flag: dict[str, Any]) -> list[str]:
        """A flag in words: what, on which ground, since when, what is next, and the facts with their evidence."""
        w, lang = self._words, self.lang
        ground = "" if pd.isna(flag["ground"]) else f" {flag['ground']} {flag['citation']}"
        head = (
            f"{label(flag['flag'], lang)} · {label(flag['status'], lang)}{ground} ({w['since']} {_day(flag['since'])})"
        )
        step = "" if flag["next_step"] == "none" else f"{w['step']}: {label(flag['next_step'], lang)}"
        due = f"{w['due']} {_day(flag['next_step_due'])}" if pd.notna(flag["next_step_due"]) else ""
        clears = f"{w['clears']} {_day(flag['clears_on'])}" if pd.notna(flag["clears_on"]) else ""
        unsure = w["provisional"] if flag["provisional"] else ""
        clock = " · ".join(part for part in (step, due, clears, unsure) if part)
        facts = [
            f"    {row[f'text_{lang}']}"
            for row in self.reasons.get(str(flag["flag_id"]), [])
            if flag["basis"] == "statutory" and row["feature"] != "(base)"
        ]
        evidence = f"    {w['evidence']}: {', '.join(flag['evidence'])}"
        return [head, *([f"    {clock}"] if clock else []), *facts, evidence]


def bars(rows: list[dict[str, Any]], lang: str) -> str:
    """Signed bars as inline SVG: to the left what lowers the score, to the right what raises it; sign and number beside the colour."""
    if not rows:
        return ""
    largest = max(abs(float(row["contribution"])) for row in rows) or 1.0
    lines = []
    for i, row in enumerate(rows):
        points = float(row["contribution"])
        width = 110 * abs(points) / largest
        x, colour = (120 - width, "#b3261e") if points < 0 else (120, "#1a6e3c")
        y = 22 * i
        lines.append(
            f'<rect x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="14" fill="{colour}"/>'
            f'<text x="245" y="{y + 15}">{points:+.1f}</text><text x="305" y="{y + 15}">{escape(str(row[f"text_{lang}"]))}</text>'
        )
    height = 22 * len(rows)
    axis = f'<line x1="120" y1="0" x2="120" y2="{height}" stroke="#888"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{height}" viewBox="0 0 900 {height}" '
        f'font-size="12" font-family="sans-serif" role="img">{axis}{"".join(lines)}</svg>'
    )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def _day(value: Any) -> str:
    return str(value)[:10]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON can hold it."""
    return {str(k): _value(v) for k, v in row.items()}


def _value(value: Any) -> Any:
    if hasattr(value, "tolist") and not isinstance(value, str):
        value = value.tolist()
    if isinstance(value, list):
        return [str(v) for v in value]
    if value is None or value is pd.NaT or pd.isna(value):
        return None
    return value if isinstance(value, str | bool | int | float) else _day(value)
