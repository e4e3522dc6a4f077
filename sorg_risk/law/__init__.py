"""What the law says: dated parameters, one rule a file, the lists as a function of what was known."""

from .evaluate import grounds, standing

__all__ = ["grounds", "standing"]
