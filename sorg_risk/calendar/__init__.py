"""The calendar the law speaks of: working days, periods of the statute, and who owes which report by when.

Below everything that asks for a date: features, law and simulated registries read the same lines here, so no two of them can state
a deadline differently.
"""
