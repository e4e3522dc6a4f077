"""GO-04, GO-05: officials among the officers, and a legal representative of two organisations."""

from __future__ import annotations

from ...records.widespread import without_widespread
from ..facts import Facts, facts, recorded
from ..instruments import CADRES, REG_FD, REG_SG
from ..known import Known
from ..rule import ALERT, Case, Clause, Remedy, Rule
from ..scope import Scope
from ..worked import FD, SSI, A, given, org, post

OFFICERS = ("chair", "secretary_general", "legal_representative")
_STEP_DOWN = (Remedy("step_down", "辞去兼任职务并办理变更", "step down, and register the change"),)


def officials(known: Known, unconfirmed: str = "") -> Facts:
    """Officers who are officials in service."""
    posts = known.posts
    held = posts["role"].isin(OFFICERS) & posts["is_official"].fillna(False).astype(bool) & posts["started_on"].notna()
    posts = posts.loc[held].reset_index(drop=True)
    return facts(
        posts,
        "GO-04",
        posts["started_on"],
        evidence="positions",
        unconfirmed=unconfirmed,
        values={"day": posts["started_on"]},
    )


def _in_associations(known: Known) -> Facts:
    """In an association a post needs approval, which is not on record."""
    return officials(known, "reading:approval")


def two_posts(known: Known) -> Facts:
    """Legal representatives who hold the same post elsewhere: of a foundation anywhere, of an association in another association."""
    posts = without_widespread(known.view, known.representatives, "person_id")
    pairs = posts.merge(posts, on="person_id", suffixes=("", "_other"))
    pairs = pairs.loc[(pairs["org_id"] != pairs["org_id_other"])]
    pairs = pairs.loc[(pairs["org_type"] == "foundation") | (pairs["org_type_other"] == "association")]
    pairs = pairs.sort_values(["position_id", "position_id_other"], kind="stable", ignore_index=True)
    since = pairs["started_on"].where(pairs["started_on"] >= pairs["started_on_other"], pairs["started_on_other"])
    shown = [recorded("positions", pairs["position_id"]), recorded("positions", pairs["position_id_other"])]
    return facts(pairs, "GO-05", since, evidence=shown, values={"other": pairs["org_id_other"], "day": since})


_B = "51440300000000002Q"
_REP = "legal_representative"

RULES = (
    Rule(
        id="GO-04",
        zh="基金会理事长、秘书长不得由现职国家工作人员兼任",
        en="the chair and the secretary-general of a foundation are no officials in service",
        citation=REG_FD.at(23),
        flag=ALERT,
        facts=officials,
        reads=("positions",),
        scope=Scope(types=("foundation",)),
        certainty="R",
        clauses=(
            Clause(
                "official", "自{day}任职的负责人为现职国家工作人员", "an officer since {day} is an official in service"
            ),
        ),
        remedies=_STEP_DOWN,
        cases=(
            Case(
                "the chair",
                "2025-06-30",
                given(org(FD), post("chair", FD, is_official=True)),
                ("alert attention GO-04 2022-03-01",),
            ),
            Case("a mere director", "2025-06-30", given(org(FD), post("director", FD, is_official=True))),
            Case(
                "out of office",
                "2025-06-30",
                given(org(FD), post("chair", FD, is_official=True, ended_on="2025-06-30", recorded_at="2025-06-30")),
            ),
        ),
    ),
    Rule(
        id="GO-04s",
        zh="党政领导干部兼任社会团体负责人须经批准",
        en="officials hold posts in associations only with approval",
        citation=CADRES.at(),
        flag=ALERT,
        facts=_in_associations,
        reads=("positions",),
        scope=Scope(types=("association",)),
        certainty="M",
        clauses=(
            Clause("official", "自{day}任职的负责人为现职公职人员", "an officer since {day} is an official in service"),
        ),
        remedies=_STEP_DOWN,
        cases=(
            Case(
                "the chair of an association, provisionally",
                "2025-06-30",
                given(org(), post("chair", is_official=True)),
                ("alert attention GO-04 2022-03-01",),
                shows="GO-04",
            ),
        ),
    ),
    Rule(
        id="GO-05",
        zh="法定代表人不得同时担任其他组织（社会团体：其他社会团体）的法定代表人",
        en="a legal representative is not that of another organisation (of an association: of another association)",
        citation=REG_FD.at(23),
        flag=ALERT,
        facts=two_posts,
        reads=("positions",),
        scope=Scope(types=("foundation",)),
        certainty="R",
        clauses=(
            Clause(
                "two_posts",
                "{day}起其法定代表人同时任{other}的法定代表人",
                "since {day} its legal representative is that of {other} too",
            ),
        ),
        remedies=_STEP_DOWN,
        cases=(
            Case(
                "of a foundation, elsewhere too",
                "2025-06-30",
                given(org(FD), org(SSI), post(_REP, FD), post(_REP, SSI, started="2023-01-01")),
                ("alert attention GO-05 2023-01-01",),
            ),
            Case("another person", "2025-06-30", given(org(FD), org(SSI), post(_REP, FD), post(_REP, SSI, "P2"))),
        ),
    ),
    Rule(
        id="GO-05s",
        zh="社会团体的法定代表人不得同时担任其他社会团体的法定代表人",
        en="the legal representative of an association is not that of another association",
        citation=REG_SG.at(12),
        flag=ALERT,
        facts=two_posts,
        reads=("positions",),
        scope=Scope(types=("association",)),
        certainty="R",
        clauses=(
            Clause(
                "two_posts",
                "{day}起其法定代表人同时任{other}的法定代表人",
                "since {day} its legal representative is that of {other} too",
            ),
        ),
        remedies=_STEP_DOWN,
        cases=(
            Case(
                "of two associations: both",
                "2025-06-30",
                given(org(A), org(_B), post(_REP, A), post(_REP, _B, started="2023-01-01")),
                ("alert attention GO-05 2023-01-01", "alert attention GO-05 2023-01-01"),
                shows="GO-05",
            ),
            Case(
                "of an association and a service institution",
                "2025-06-30",
                given(org(A), org(SSI), post(_REP, A), post(_REP, SSI)),
                shows="GO-05",
            ),
            Case(
                "the other is gone",
                "2025-06-30",
                given(
                    org(A),
                    org(_B, status="deregistered", status_on="2024-01-02", recorded_at="2024-01-02"),
                    post(_REP, A),
                    post(_REP, _B),
                ),
                shows="GO-05",
            ),
        ),
    ),
)
