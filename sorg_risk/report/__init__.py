"""What people look at: the nightly page.

Read in this order: `page` (the page as a whole), `parts` (what each section holds), `words` (codes in Chinese and
English), ``templates/report.html`` (how it looks).
"""

from .page import Surroundings, page

__all__ = ["Surroundings", "page"]
