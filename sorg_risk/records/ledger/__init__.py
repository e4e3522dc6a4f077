"""An append-only store of deliveries on disk: larger than memory, every night kept exactly, ready to be swept."""

from .bucket import Bucket
from .edition import Edition
from .ledger import Ledger

__all__ = ["Bucket", "Edition", "Ledger"]
