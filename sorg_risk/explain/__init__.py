"""Why: exact contributions, reasons in words, and the dossier of one organisation."""

from .exact import ExactExplainer

__all__ = ["ExactExplainer"]
