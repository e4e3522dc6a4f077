"""What the pattern says: the panel, the risk model, its points, its worth, and its bundle on disk.

Read in this order: `panel` (what is learnt from), `splits` (what may be learnt from what), `risk_model` with `boosting`, `scorecard` and
`selection` (what is learnt), `points` (what is shown), `validation` and `card` (what it is worth), `bundle` (how it is kept).
"""

from .bundle import digest, fingerprint
from .default import default_bundle
from .panel import Panel, month_ends, panel
from .panel_files import write_panel
from .risk_model import Member, RiskModel
from .training import Trained, train
from .validation import Report, validate

__all__ = [
    "Member",
    "Panel",
    "Report",
    "RiskModel",
    "Trained",
    "default_bundle",
    "digest",
    "fingerprint",
    "month_ends",
    "panel",
    "train",
    "validate",
    "write_panel",
]
