"""What holds for every published run, whatever went in: one function that lists what is wrong with a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sorg_risk.records import TABLES, View

COLUMNS = {
    "scores": ["org_id", "as_of", "score", "grade", "probability", "horizon_days", "warning", "rank", "provisional"],
    "flags": [
        *("flag_id", "org_id", "as_of", "flag", "status", "basis", "ground", "citation", "since", "next_step"),
        *("next_step_due", "provisional", "clears_on", "evidence"),
    ],
    "reasons": [
        *(
            "org_id",
            "as_of",
            "flag_id",
            "part",
            "feature",
            "value",
            "contribution",
            "unit",
            "rank",
            "text_zh",
            "text_en",
        ),
    ],
    "quarantine": ["table", "source", "row", "primary_key", "column", "rule", "reason", "value"],
}
ORDER = {
    "scores": ["org_id"],
    "flags": ["org_id", "flag", "status", "ground"],
    "reasons": ["org_id", "flag_id", "rank"],
    "quarantine": ["table", "source", "row"],
}
WORDS = {
    "grade": {"A", "B", "C", "D"},
    "warning": {"none", "blue", "yellow", "orange", "red"},
    "flag": {"abnormal_list", "serious_dishonesty_list", "exit_candidate", "alert", "early_warning"},
    "status": {"recommend_listing", "listed", "restart", "recommend_removal", "attention"},
    "basis": {"statutory", "model"},
    "next_step": {"issue_notice", "await_statement", "decide", "list", "remove", "inspect", "none"},
    "part": {"model", "rule"},
    "unit": {"points", "log_odds", "flag"},
}
NEAR = 1e-9


def problems(folder: Path, view: View) -> list[str]:
    """Sentences about what breaks the contract; empty when nothing does."""
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in COLUMNS}
    return [
        *_shape(folder, tables),
        *_scores(tables["scores"], view),
        *_flags(tables["flags"], tables["scores"], view),
        *_reasons(tables["reasons"], tables["flags"], tables["scores"]),
        *_manifest(folder, view),
    ]


def _shape(folder: Path, tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    for name, frame in tables.items():
        missing = [column for column in COLUMNS[name] if column not in frame]
        if missing:
            yield f"{name} lacks {missing}"
        if not frame.equals(frame.sort_values(ORDER[name], kind="stable", ignore_index=True)):
            yield f"{name} is not in order of {ORDER[name]}"
        for column in WORDS.keys() & set(frame.columns):
            strange = set(frame[column].dropna()) - WORDS[column]
            if strange:
                yield f"{name}.{column} holds {strange}"
        for field in pq.read_schema(folder / f"{name}.parquet"):
            yield from _kind(name, field)


def _kind(name: str, field: pa.Field) -> Iterator[str]:
    if field.name in {"as_of", "since", "next_step_due", "clears_on"} and field.type != pa.date32():
        yield f"{name}.{field.name} is {field.type}, not a day"
    if field.name == "evidence" and field.type not in (
        pa.list_(pa.string()),
        pa.list_(pa.field("element", pa.string())),
    ):
        yield f"{name}.{field.name} is {field.type}"
    if pa.types.is_floating(field.type) and field.type != pa.float64():
        yield f"{name}.{field.name} is {field.type}"


def _scores(scores: pd.DataFrame, view: View) -> Iterator[str]:
    if scores["org_id"].tolist() != list(view.active):
        yield "scores are not the active organisations, one row each"
    if sorted(scores["rank"]) != list(range(1, len(scores) + 1)):
        yield "ranks are not 1 to n"
    best_first = scores.sort_values("rank")["score"]
    if not best_first.is_monotonic_increasing:
        yield "rank 1 is not the lowest score"
    if scores["provisional"].dtype != bool:
        yield "provisional is not true or false"
    if not scores["probability"].between(0, 1).all():
        yield "a probability lies outside 0 to 1"


def _flags(flags: pd.DataFrame, scores: pd.DataFrame, view: View) -> Iterator[str]:
    if flags["flag_id"].duplicated().any():
        yield "a flag_id occurs twice"
    if flags.duplicated(["org_id", "flag", "status", "ground"]).any():
        yield "two rows for one organisation, flag, status and ground"
    model = flags["basis"] == "model"
    if not (flags.loc[model, "flag"].eq("early_warning") & flags.loc[model, "status"].eq("attention")).all():
        yield "the model said more than early_warning / attention"
    if flags.loc[model, ["ground", "citation"]].notna().any(axis=None):
        yield "a warning of the model has a ground or a citation"
    law = flags.loc[~model]
    if law[["ground", "citation", "since"]].isna().any(axis=None) or (law["evidence"].str.len() == 0).any():
        yield "a statutory flag lacks ground, citation, since or evidence"
    if (pd.to_datetime(flags["since"]) > pd.Timestamp(view.day)).any():
        yield "since lies after the as-of day"
    known = {f"{name}:{key}" for name in TABLES for key in view.table(name)[TABLES[name].key]}
    unused = set(view.withheld["reference"])
    refused = {f"quarantine:{table}:{row}" for table, row in view.quarantine[["table", "row"]].itertuples(index=False)}
    if strange := {one for one in unused if one.startswith("quarantine:")} - refused:
        yield f"rows that are not used and not quarantined: {sorted(strange)[:3]}"
    strange = {key for keys in flags["evidence"] for key in keys} - known - unused
    if strange:
        yield f"evidence that was not known: {sorted(strange)[:3]}"
    doubtful = flags[flags["evidence"].map(lambda keys: not unused.isdisjoint(keys))]
    if not doubtful["provisional"].all() or not doubtful["next_step"].eq("inspect").all():
        yield "a flag that rests on a row that is not used is sure, or asks for no look"
    yield from _warnings(flags, scores)


def _warnings(flags: pd.DataFrame, scores: pd.DataFrame) -> Iterator[str]:
    listed = flags.loc[flags["status"].isin(["listed"]), "org_id"]
    asked = scores.loc[scores["warning"].isin(["yellow", "orange", "red"]) & ~scores["org_id"].isin(listed), "org_id"]
    warned = flags.loc[flags["flag"] == "early_warning", "org_id"]
    unsure = set(scores.loc[scores["provisional"], "org_id"])
    wrong = (flags["flag"] == "early_warning") & (flags["provisional"] != flags["org_id"].isin(unsure))
    if wrong.any():
        yield "an early warning is not provisional as its score is"
    if set(asked) != set(warned):
        yield f"early warnings differ from the levels: {sorted(set(asked) ^ set(warned))[:3]}"


def _reasons(reasons: pd.DataFrame, flags: pd.DataFrame, scores: pd.DataFrame) -> Iterator[str]:
    of_flags = reasons.dropna(subset="flag_id").groupby("flag_id")["contribution"].sum()
    of_scores = reasons[reasons["flag_id"].isna()].groupby("org_id")["contribution"].sum()
    points = scores.set_index("org_id")["score"]
    if set(of_flags.index) != set(flags["flag_id"]) or set(of_scores.index) != set(points.index):
        yield "reasons are not those of exactly the flags and scores"
        return
    if len(points) and (of_scores - points).abs().max() > NEAR:
        yield "reasons of a score do not sum to it"
    wanted = flags.set_index("flag_id")
    value = wanted["org_id"].map(points).where(wanted["basis"] == "model", 1.0)
    if len(value) and (of_flags - value).abs().max() > NEAR:
        yield "reasons of a flag do not sum to what they explain"
    bases = reasons[reasons["feature"] == "(base)"].groupby(["org_id", "flag_id"], dropna=False).size()
    if len(bases) != len(of_flags) + len(of_scores) or (bases != 1).any():
        yield "a flag or score has not exactly one (base) row"
    if (reasons[["text_zh", "text_en"]].isna() | reasons[["text_zh", "text_en"]].eq("")).any(axis=None):
        yield "a reason lacks a sentence"


def _manifest(folder: Path, view: View) -> Iterator[str]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for key in ("as_of", "run_id", "decision", "delivery", "outputs", "calendar_until", "engine", "warnings"):
        if key not in manifest:
            yield f"the manifest lacks {key}"
    if manifest["as_of"] != view.day.isoformat() or manifest["run_id"] != folder.name or len(folder.name) != 12:
        yield "the manifest names another run"
    for name, digest in manifest["outputs"].items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            yield f"{name} differs from its digest"
    if set(manifest["outputs"]) != {path.name for path in folder.iterdir()} - {"manifest.json"}:
        yield "the manifest does not name every file"
    for name, counts in manifest["delivery"]["tables"].items():
        if counts["accepted"] + counts["quarantined"] != counts["read"]:
            yield f"{name}: accepted + quarantined is not read"
