"""Who exists: organisations of the three types, their size, their district, and the day each was registered.

Nothing here is risky yet; :mod:`~sorg_risk.simulate.causes` adds what goes wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .clock import END, START, Bools, Floats, Ints, Texts, chance, day
from .codes import NUMBERS, credit_codes

ASSOCIATION, SERVICE, FOUNDATION = 0, 1, 2
TYPES = np.array(["association", "service_institution", "foundation"], dtype=object)
STORIES = 3
_DISTRICTS = np.array(
    ["440300", "440303", "440304", "440305", "440306", "440307", "440308", "440309", "440310", "440311"], dtype=object
)
_DISTRICT_SHARES = (0.46, 0.07, 0.08, 0.09, 0.09, 0.08, 0.02, 0.06, 0.03, 0.02)
FIELDS = np.array(
    [
        "party_building", "governance", "integrity", "talent", "community", "science", "international",
        "rural_revitalization", "pairing_assistance", "common_prosperity", "ecology", "culture_education_health",
    ],
    dtype=object,
)  # fmt: skip
_FIELD_SHARES = (0.03, 0.06, 0.02, 0.07, 0.22, 0.10, 0.03, 0.05, 0.04, 0.05, 0.06, 0.27)


@dataclass(frozen=True)
class Population:
    """One entry an organisation; all arrays have length ``orgs``.

    ``size`` is the natural logarithm of a typical year's income in yuan over one million; ``seen`` the first day of the
    decade on which the organisation exists.
    """

    org_id: Texts
    kind: Ints
    district: Texts
    field: Texts
    industry: Bools
    charity: Bools
    fundraising: Bools
    community: Bools
    registered: Ints
    size: Floats
    members: Ints

    def __len__(self) -> int:
        return len(self.org_id)

    @property
    def seen(self) -> Ints:
        """First day on which the organisation is on the simulated register."""
        return np.maximum(self.registered, START)

    @property
    def stories(self) -> Ints:
        """The places kept for the planted stories: pass-through foundation, zombie association, fee scandal."""
        return np.arange(len(self) - STORIES, len(self))


def populate(orgs: int, seed: int) -> Population:
    """Draw the organisations; the last three places are kept for the planted stories."""
    rng = chance(seed, "organizations")
    kind = rng.choice(3, orgs, p=(0.40, 0.51, 0.09)).astype(np.int64)
    district = rng.choice(_DISTRICTS, orgs, p=_DISTRICT_SHARES)
    registered = _registrations(rng, orgs)
    industry = (kind == ASSOCIATION) & (rng.random(orgs) < 0.28)
    charity = ((kind == FOUNDATION) & (rng.random(orgs) < 0.9)) | (rng.random(orgs) < 0.06)
    fundraising = charity & (rng.random(orgs) < 0.3)
    community = (kind != FOUNDATION) & (rng.random(orgs) < 0.18)
    field = rng.choice(FIELDS, orgs, p=_FIELD_SHARES)
    field[rng.random(orgs) < 0.1] = None
    size = rng.normal(np.array([-0.7, -0.1, 1.2])[kind], 1.2)
    members = np.where(kind == ASSOCIATION, np.clip(np.exp(rng.normal(4.7, 0.5, orgs)), 32, 3000), 0).astype(np.int64)

    place = np.arange(orgs - STORIES, orgs)
    kind[place] = (FOUNDATION, ASSOCIATION, ASSOCIATION)
    district[place] = "440300"
    registered[place] = (day("2014-05-20"), day("2009-08-12"), day("2006-03-28"))
    industry[place] = (False, False, True)
    charity[place] = (True, False, False)
    fundraising[place] = False
    community[place] = False
    size[place] = (2.5, -1.5, 1.5)
    members[place] = (0, 60, 480)

    category = np.array([1, 2, 3])[kind]
    org_id = credit_codes(category, district, rng.permutation(99_999 if orgs <= 99_999 else NUMBERS)[:orgs])
    return Population(
        org_id, kind, district, field, industry, charity, fundraising, community, registered, size, members
    )


def _registrations(rng: np.random.Generator, orgs: int) -> Ints:
    """Three quarters were there before the decade began; the rest come evenly until half a year before its end."""
    before = day("1992-01-01") + (START - day("1992-01-01")) * rng.beta(3.0, 1.3, orgs)
    during = rng.uniform(START + 5, END - 180, orgs)
    return np.where(rng.random(orgs) < 0.72, before, during).astype(np.int64)
