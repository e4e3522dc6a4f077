"""Is it still true? Drift of the scores, differences of two nights with their causes, outcomes, officers' verdicts.

Read in this order: `diff` (what changed and why), `drift` (has the population moved), `outcomes` (did warnings come
true, and alike for everybody), `verdicts` (what officers said).
"""

from .diff import CAUSES, NightDiff, Steps, night_diff
from .drift import drift, ks, psi
from .outcomes import calibration, fairness, happened
from .verdicts import beside, verdicts

__all__ = [
    "CAUSES",
    "NightDiff",
    "Steps",
    "beside",
    "calibration",
    "drift",
    "fairness",
    "happened",
    "ks",
    "night_diff",
    "psi",
    "verdicts",
]
