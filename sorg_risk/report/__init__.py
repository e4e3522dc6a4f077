"""What people look at: one page a night, self-contained, printable, without script."""

from .page import page

__all__ = ["page"]
