"""A simulated register of social organisations with known answers.

Hidden causes drift; every table follows from them with its own noise; three stories are planted. Read
:mod:`~sorg_risk.simulate.causes` first: it holds the true risk, and therefore the best that any model could do.
"""

from .registry import Registry, simulate, write

__all__ = ["Registry", "simulate", "write"]
