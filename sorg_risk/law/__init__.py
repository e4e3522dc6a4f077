"""What the law says: dated parameters, one rule a file, the lists as a function of what was known."""

from ..calendar.workdays import WorkCalendar
from .flows import looked_at
from .portions import LawTables, statutory_of_all
from .rulebook import rulebook
from .statute import Statutory, apply_law, grounds, standing, statutory

__all__ = [
    "LawTables",
    "Statutory",
    "WorkCalendar",
    "apply_law",
    "grounds",
    "looked_at",
    "rulebook",
    "standing",
    "statutory",
    "statutory_of_all",
]
