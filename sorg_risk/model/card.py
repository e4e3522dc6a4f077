"""The model card: what the model was made from, what it is worth, and what it must not be used for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .validation import table

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

FAIR = """Calibration and alarms by warning band, type, district and size, on later time the model has not seen: `ratio` is events observed over
events expected, with its exact Poisson interval; where the interval excludes 1 the group is over- or under-rated. `warned` is the share of the
group with a warning of yellow or above, `precision` how often such a warning came true."""


def card(model: RiskModel, panel: Panel, report: Report | None, *, simulated: bool = False) -> str:
    """The card as Markdown: data, period, choice, figures, groups, limits."""
    parts = [
        "# Model card",
        *([SIMULATED] if simulated else []),
        _data(model, panel),
        _choice(model),
        *_figures(report),
        NOT_FOR,
    ]
    return "\n\n".join(parts) + "\n"


def _data(model: RiskModel, panel: Panel) -> str:
    guarded = "\n".join(f"  - `{name}`: {why}" for name, why in sorted(panel.guarded.items())) or "  - none"
    return f"""## Data and target

- Target: a new listing ground (or the caller's event) within {panel.horizon_days} days after the as-of day.
- {panel.summary}.
- Base rate {panel.y.mean():.4f}; {panel.not_at_risk} rows left out because the organisation was already in a ground or on a list.
- Last knowledge day {getattr(model, "last_knowledge_day_", "not stated")}; {len(panel.X.columns)} features.
- Taken out because they are the ground itself:
{guarded}
- Labels exist only where somebody looked: missing a report is always seen, misconduct only where it was inspected or reported."""


def _choice(model: RiskModel) -> str:
    chosen = model.selection_
    parts = "\n".join(f"  - {_part(p)} weighs {p['weight']:.2f}" for p in chosen["parts"])
    losses = "; ".join(f"{name} {loss:.5f}" for name, loss in chosen["log_loss"].items()) or "too few events to compare"
    bands = ", ".join(f"{level} {cut:.1f}" for level, cut in model.bands_.warning.items())
    return f"""## What validation chose

- Averaged in log-odds, {model.seeds} seeds each:
{parts}
- Log-loss on {chosen["held_back_rows"]} held-back rows ({chosen["held_back_by"]}): {losses}.
- Points: {model.base_points:g} at {model.base_odds:g}:1, {model.pdo:g} double the odds; never clipped.
- Warnings at points below: {bands}; grade A from {model.bands_.grade_a:.1f}."""


def _part(part: dict[str, object]) -> str:
    return f"{part['name']}, {part['rounds']} rounds," if part["rounds"] else str(part["name"])


def _figures(report: Report | None) -> list[str]:
    if report is None:
        return ["## Figures\n\nThe panel was too small to hold anything back; the model's worth is unknown."]
    found = [
        f"""## Figures

Held back by later time (embargo of one horizon), by organisation, and by both; intervals of the AUC by bootstrap over organisations,
`p_against_ours` by the paired DeLong test. An AUC near the best possible one, or of .9, is to be doubted.

{report.to_markdown()}"""
    ]
    if report.lead or len(report.steady):
        found.append(f"## In use\n\n{_in_use(report)}")
    if len(report.groups):
        found.append(f"## Groups and fairness\n\n{FAIR}\n\n{table(report.groups)}")
    return found


def _in_use(report: Report) -> str:
    lines = []
    if report.lead:
        lines.append(
            f"- Warned (yellow or above) of {report.lead['warned_of']:.0f} of {report.lead['events']:.0f} events, "
            f"{report.lead['median_days']:.0f} days ahead in the median ({report.lead['lower_days']:.0f} to {report.lead['upper_days']:.0f})."
        )
    if len(report.steady):
        lines.append(
            f"- {report.steady['kept'].mean():.0%} of the list at capacity is kept from one as-of day to the next."
        )
    return "\n".join(lines)
