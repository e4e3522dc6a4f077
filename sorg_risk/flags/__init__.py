"""Law beside model: the decision of an evening, with the two kept apart by type.

`Statutory` (from the law) and `Attention` (from the model) are different types with different doors: only the law can make a row that
speaks of a list, and whatever the model says becomes an early warning that asks for a look. `score` brings both into one `Run`.
"""

from .attention import Attention
from .run import Run
from .score import score

__all__ = ["Attention", "Run", "score"]
