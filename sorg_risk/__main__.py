"""``python -m sorg_risk`` is the command ``sorg-risk``."""

from .cli import main

if __name__ == "__main__":
    main()
