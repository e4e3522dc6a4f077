"""What the pattern says: the panel, the risk model, its points, its worth, and its bundle on disk.

Read in this order: `panel` with `cohort` and `guard` (what is learnt from), `splits` (what may be learnt from what), `risk_model` with
`boosting`, `scorecard` and `selection` (what is learnt), `points` (what is shown), `metrics`, `operating`, `validation`, `backtest`,
`comparison` and `card` (what it is worth), `bundle` with `structure`, `signature` and `untrusted` (how it is kept), `hazard` (when).
"""

from .backtest import Backtest, backtest
from .bundle import digest, fingerprint
from .comparison import Comparison, compare
from .default import default_bundle
from .hazard import Hazard
from .panel import Panel, month_ends, panel
from .risk_model import Member, RiskModel
from .signature import sign
from .training import Trained, train
from .validation import Report, validate

__all__ = [
    "Backtest",
    "Comparison",
    "Hazard",
    "Member",
    "Panel",
    "Report",
    "RiskModel",
    "Trained",
    "backtest",
    "compare",
    "default_bundle",
    "digest",
    "fingerprint",
    "month_ends",
    "panel",
    "sign",
    "train",
    "validate",
]
