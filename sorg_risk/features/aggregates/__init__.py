"""How rows become one number: every aggregate in words, the ingredients it needs, and the formula over them.

A new aggregate is one function in one of these files. Formulas see whole numbers and divide last.
"""

from . import amounts, newest, shapes
from .recipes import AGGREGATES

__all__ = ["AGGREGATES", "amounts", "newest", "shapes"]
