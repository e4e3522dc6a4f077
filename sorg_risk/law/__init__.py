"""What the law says: dated parameters, one rule a file, the lists as a function of what was known."""

from .evaluate import grounds, standing
from .rulebook import rulebook
from .statute import Statutory, apply_law, statutory

__all__ = ["Statutory", "apply_law", "grounds", "rulebook", "standing", "statutory"]
