"""The model card: what the model was made from, what it is worth, and what it must not be used for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .metrics import auc

if TYPE_CHECKING:
    from .panel import Panel
    from .risk_model import RiskModel
    from .validation import Report

NOT_FOR = """## Not to be used for 不得用于

- Listing, delisting, penalising or refusing anything. A listing is a statutory act with a ground, evidence and due process; this score only says where to look first.
  本模型不得作为列入、移出名录或处罚的依据，只用于提示关注和安排检查顺序。
- Publishing a grade of an organisation without prior notice, a way to object and a legal basis.
- Organisations of a kind, region or period the training data does not hold; days before the last knowledge day (the model knew the future there).
- Judging people: no feature describes a person, and no conclusion about one may be drawn."""

SIMULATED = """> **Trained on a simulated registry 以模拟数据训练.** It shows how the product works. Its figures say nothing about real organisations;
> train on your own records (`sorg-risk train`) before acting on a score."""


def card(model: RiskModel, panel: Panel, report: Report | None, *, simulated: bool = False) -> str:
    """The card as Markdown: data, period, choice, figures, groups, limits."""
    parts = [
        "# Model card",
        *([SIMULATED] if simulated else []),
        _data(model, panel),
        _choice(model),
        _figures(report),
        _groups(model, panel),
        NOT_FOR,
    ]
    return "\n\n".join(parts) + "\n"


def _data(model: RiskModel, panel: Panel) -> str:
    guarded = ", ".join(f"`{g}`" for g in panel.guarded) or "none"
    return f"""## Data and target

- Target: a new listing ground (or the caller's event) within {panel.horizon_days} days after the as-of day.
- {panel!r}.
- Base rate {panel.y.mean():.4f}; {panel.not_at_risk} rows left out because the organisation was already in a ground or on a list.
- Last knowledge day {getattr(model, "last_knowledge_day_", "not stated")}; {len(panel.X.columns)} features.
- Taken out because they are the ground itself: {guarded}.
- Labels exist only where somebody looked: missing a report is always seen, misconduct only where it was inspected or reported."""


def _choice(model: RiskModel) -> str:
    chosen = model.selection_
    losses = (
        "; ".join(f"{name}: {loss:.5f}" for name, loss in chosen["log_loss"].items()) or "too few events to compare"
    )
    return f"""## What validation chose

- Trees of {chosen["leaves"]} leaves, {chosen["rounds"]} rounds, {model.seeds} seeds; the scorecard weighs {chosen["scorecard_weight"]:.1f}.
- Log-loss on {chosen["held_back_rows"]} held-back rows: {losses}.
- Points: {model.base_points:g} at {model.base_odds:g}:1, {model.pdo:g} double the odds; never clipped.
- Warnings at points below: {", ".join(f"{k} {v:.1f}" for k, v in model.bands_.warning.items())}; grade A from {model.bands_.grade_a:.1f}."""


def _figures(report: Report | None) -> str:
    if report is None:
        return "## Figures\n\nThe panel was too small to hold anything back; the model's worth is unknown."
    return f"""## Figures

Held back by later time (embargo of one horizon), by organisation, and by both; intervals of the AUC by bootstrap over organisations,
`p_against_ours` by the paired DeLong test. An AUC near the best possible one, or of .9, is to be doubted.

{report.to_markdown()}"""


def _groups(model: RiskModel, panel: Panel) -> str:
    """Share warned of and AUC by type and by size of the group, on the training panel (fitted values)."""
    if "org_type" not in panel.X:
        return "## Groups\n\nNo type among the features."
    warned = np.isin(model.warning(panel.X), ["red", "orange", "yellow"])
    frame = pd.DataFrame({"type": panel.X["org_type"].astype("str").to_numpy(), "y": panel.y, "warned": warned})
    margin = model.margin(panel.X)
    lines = ["| type | rows | event rate | share warned | AUC (fitted) |", "|---|---|---|---|---|"]
    for kind, rows in frame.groupby("type").groups.items():
        part = frame.loc[rows]
        area = auc(part["y"], margin[np.asarray(rows)])
        lines.append(f"| {kind} | {len(part)} | {part['y'].mean():.4f} | {part['warned'].mean():.4f} | {area:.3f} |")
    return "## Groups\n\n" + "\n".join(lines)
