"""What an organisation looked like on a day: declared features, computed in one sweep over its records."""

from .declare import Feature
from .evidence import evidence, evidence_keys
from .matrix import features
from .registry import CATALOGUE, catalogue
from .words import sentence
from .writing import write

__all__ = ["CATALOGUE", "Feature", "catalogue", "evidence", "evidence_keys", "features", "sentence", "write"]
