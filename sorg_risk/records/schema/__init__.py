"""Every table of the registry, declared once: columns, kinds, words and rules.

Reading, checking, versions, the simulated registry and the documentation all follow these declarations; a new
column is one line here. Every table has its primary key, the organisation (but the few that belong to none), and the day
the authority knew the row.

>>> TABLES["fund_flows"].key, TABLES["fund_flows"]["amount"].kind
('flow_id', 'money')
>>> TABLES["organizations"]["org_type"].codes["foundation"]
'基金会'
"""

from __future__ import annotations

from ...errors import NotFound
from .declare import FIRST_YEAR, LAST_YEAR, Column, Kind, Table
from .tables import LISTS, SHARED, TABLES

__all__ = ["FIRST_YEAR", "LAST_YEAR", "LISTS", "SHARED", "TABLES", "Column", "Kind", "Table", "table"]


def table(name: str) -> Table:
    """Declaration of a table; an unknown name raises `NotFound` with the nearest one."""
    if name not in TABLES:
        raise NotFound.name("table", name, TABLES)
    return TABLES[name]
