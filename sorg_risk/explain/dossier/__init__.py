"""The dossier of one organisation: what the law says and why, the score and its reasons, what changed, what would help.

It is made from the tables of a run, in memory or published, so a run read back years later shows the same page. It prints as text, shows as
HTML in a notebook or as a page of its own, and exports as JSON; everything exists in Chinese and English.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from ...errors import NotFound, UsageError
from ...law.remedies import remedies
from ...records.pii import mask_within
from . import page, parts, text
from .evening import Evening, plain_rows
from .words import LANGS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dossier", "Evening"]


@dataclass(frozen=True)
class Dossier:
    """One organisation as published.

    Attributes
    ----------
    content : dict
        Everything it shows, as plain data: organisation, score, caps, flags (with facts, sufficient reasons, clearing sets, remedies), reasons,
        concepts, history, changes, lost records, measures.
    lang : str
        ``"zh"`` or ``"en"``.
    """

    content: dict[str, Any]
    lang: str = "zh"

    @classmethod
    def made(
        cls,
        org_id: str,
        now: Evening,
        *,
        earlier: Sequence[Evening] = (),
        organization: Mapping[str, Any] | None = None,
        clauses: pd.DataFrame | None = None,
        acts: pd.DataFrame | None = None,
        records: Mapping[str, Sequence[str]] | None = None,
        lost: Sequence[Mapping[str, Any]] = (),
        lang: str = "zh",
    ) -> Self:
        """Put a dossier together.

        Parameters
        ----------
        org_id, now
            The organisation and what is said of it this evening.
        earlier
            What was said on evenings before, in any order: for the history, and the latest of them for what changed.
        organization
            Its row of the register: name, type and the like.
        clauses, acts
            The facts of its flags and the lawful acts that would end them, as the law layer gives them.
        records
            Feature -> records behind its value.
        lost
            Its records that are no longer delivered or were rewritten in place.
        lang
            Language of text and HTML; JSON holds both.

        Raises
        ------
        UsageError
            Another language.
        """
        if lang not in LANGS:
            raise UsageError.choice("lang", lang, LANGS)
        register = dict(organization or {})
        before = sorted((one for one in earlier if one.as_of < now.as_of), key=lambda one: one.as_of)
        flags = parts.flag_parts(now, clauses, acts)
        reasons = parts.reason_parts(now, records or {})
        content = {
            "org_id": org_id,
            "name": register.get("name") or (now.score or {}).get("name") or "",
            "as_of": now.as_of,
            "organization": register,
            "score": now.score,
            "caps": parts.caps(flags),
            "flags": flags,
            "reasons": reasons,
            "concepts": parts.concept_parts(reasons),
            "history": parts.history_parts([*before, now]),
            "changes": parts.change_parts(now, before[-1] if before else None),
            "lost": [dict(one) for one in lost],
            "measures": parts.measure_parts(
                register.get("org_type"),
                (now.score or {}).get("grade"),
                provisional=bool((now.score or {}).get("provisional")),
            ),
        }
        return cls(mask_within(content), lang)

    @classmethod
    def of(
        cls, org_id: str, *, run: Any, organizations: pd.DataFrame, lang: str = "zh", earlier: Sequence[Any] = ()
    ) -> Self:
        """The dossier of a run in memory; ``earlier`` are runs of evenings before."""
        row = plain_rows(organizations.loc[organizations["org_id"] == org_id])
        now = Evening.of(org_id, run.view.day, run.scores, run.flags, run.reasons_of([org_id]))
        named = [r["feature"] for r in now.reasons.get("", []) if r["feature"] not in parts.UNNAMED]
        return cls.made(
            org_id,
            now,
            earlier=[
                Evening.of(org_id, one.view.day, one.scores, one.flags, one.score_reasons_of([org_id]))
                for one in earlier
            ],
            organization=row[0] if row else None,
            clauses=run.law.clauses,
            acts=run.law.remedies,
            records=records_behind(run.view, org_id, named),
            lang=lang,
        )

    @classmethod
    def of_tables(
        cls,
        org_id: str,
        scores: pd.DataFrame,
        flags: pd.DataFrame,
        reasons: pd.DataFrame,
        *,
        lang: str = "zh",
        **more: Any,
    ) -> Self:
        """The dossier from published tables; ``more`` as in `made`.

        The lawful acts follow from the flags themselves. Facts are those named in the reasons unless ``clauses`` are given.

        Raises
        ------
        NotFound
            The run says nothing of this organisation.
        """
        known = sorted({*scores["org_id"], *flags["org_id"]})
        if org_id not in known:
            raise NotFound.name("organisation", org_id, known)
        day = str([*scores["as_of"], *flags["as_of"]][0])[:10]
        mine = flags.loc[flags["org_id"] == org_id]
        acts = remedies(_dated(mine.loc[mine["basis"] == "statutory"]), _day(day))
        return cls.made(org_id, Evening.of(org_id, day, scores, flags, reasons), acts=acts, lang=lang, **more)

    @property
    def org_id(self) -> str:
        """Its code."""
        return str(self.content["org_id"])

    def __repr__(self) -> str:
        return f"<Dossier {self.org_id} as of {self.content['as_of']}: {len(self.content['flags'])} flags>"

    def __str__(self) -> str:
        return text.text(self.content, self.lang)

    def _repr_html_(self) -> str:
        return page.html(self.content, self.lang, whole=False)

    def to_html(self) -> str:
        """A page of its own, ready to print."""
        return page.html(self.content, self.lang, whole=True)

    def to_json(self) -> str:
        """Everything as JSON, both languages (days as text, missing as null)."""
        return json.dumps(self.content, ensure_ascii=False, indent=1)


def records_behind(view: Any, org_id: str, features: Sequence[str]) -> dict[str, list[str]]:
    """The records behind each feature of the catalogue, newest first."""
    import pandas as pd

    from ...features import CATALOGUE, evidence_keys

    known = [name for name in features if name in CATALOGUE]
    if not known or org_id not in set(view.orgs):
        return {}
    keys = evidence_keys(view, pd.DataFrame({"org_id": org_id, "feature": known}))
    return dict(zip(known, keys, strict=True))


def _dated(flags: pd.DataFrame) -> pd.DataFrame:
    """Days as days: published tables read back hold plain dates."""
    import pandas as pd

    return flags.assign(clears_on=pd.to_datetime(flags["clears_on"]).astype("datetime64[s]"))


def _day(day: str) -> Any:
    import datetime as dt

    return dt.date.fromisoformat(day)
