"""What the authority knew, and when: tables, checks, versions, and the as-of view that everything else reads."""

from .schema import TABLES, Column, Table
from .source import Source, open
from .view import View

__all__ = ["TABLES", "Column", "Source", "Table", "View", "open"]
