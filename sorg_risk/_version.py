"""The version of the code, part of every decision's digest."""

__version__ = "0.1.0"
