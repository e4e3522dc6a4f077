"""The state machine of the two lists, one organisation after another: enter, restart, escalate, leave.

It reads an organisation's facts in the order of the day on which each could first be listed, and keeps two stays. Days are numbers; the
periods that could matter (the months of a stay, the years on a list) were counted by the calendar beforehand, so the walk only compares.
Nothing here knows a rule: what a fact means stands in its columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEVER: Final = 2**31
"""A day that does not come."""
OFF: Final = -1

A, A_FROM, A_HELD, A_PASSES, S, S_FROM, S_HELD, S_GROWN = range(8)
"""The state of an organisation. ``A``, ``S``: the fact in force on the abnormal and the serious list. ``FROM``: the first fact behind it.
``HELD``: the day until which duties hold it there. ``PASSES``: which of the stays pass by time alone, as bits. ``GROWN``: the serious stay began
by two full years on the other list."""


class Column(NamedTuple):
    """The facts of all organisations, sorted by organisation, then ``enter``, then the abnormal list first.

    ``enter``: the first day it could be listed; ``ends``: the day it stands no more; ``held``: the day its duty is done (``enter`` where there
    is nothing to do). ``passes``: the stay that passes by time alone it leads to, as a bit (0: none); ``stays``: per kind of stay, the day it
    is over when it begins on ``enter``. ``grows``: the day a stay on the abnormal list that begins on ``enter`` leads to the serious list;
    ``clean`` and ``grown``: the day a stay on the serious list is over, when it begins on ``enter`` and on ``grows``. `NEVER` where a day does
    not come.
    """

    serious: NDArray[np.bool_]
    passes: NDArray[np.int64]
    enter: NDArray[np.int64]
    ends: NDArray[np.int64]
    held: NDArray[np.int64]
    stays: NDArray[np.int64]
    grows: NDArray[np.int64]
    clean: NDArray[np.int64]
    grown: NDArray[np.int64]


@njit(cache=True)  # type: ignore[untyped-decorator]
def walk(
    begins: NDArray[np.int64], fact: Column, today: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Walk every organisation up to the end of a day.

    Returns
    -------
    state, leaves, listed
        (organisations, 8) the state that evening; (organisations, 2) the day each stay ends by law, `NEVER` if it does not; per fact, whether
        it was ever listed or started a term again.
    """
    count = len(begins) - 1
    states = np.full((count, 8), 0, dtype=np.int64)
    leaves = np.full((count, 2), NEVER, dtype=np.int64)
    listed = np.zeros(len(fact.enter), dtype=np.bool_)
    for org in range(count):
        state = states[org]
        state[A] = state[S] = OFF
        for at in range(begins[org], begins[org + 1]):
            if fact.enter[at] > today:
                break
            _pass_time(state, fact, fact.enter[at])
            if fact.ends[at] > fact.enter[at]:
                listed[at] = True
                _enter(state, fact, at)
        _pass_time(state, fact, today)
        leaves[org, 0], leaves[org, 1] = _leaves_abnormal(state, fact), _leaves_serious(state, fact)
    return states, leaves, listed


@njit(cache=True)  # type: ignore[untyped-decorator]
def _pass_time(state: NDArray[np.int64], fact: Column, day: int) -> None:
    """What comes about by itself up to the end of a day, in the order of the days; on one day leaving comes first."""
    while True:
        off_serious = _leaves_serious(state, fact)
        off_abnormal = _leaves_abnormal(state, fact)
        grows = fact.grows[state[A]] if state[A] != OFF else NEVER
        soonest = min(min(off_serious, off_abnormal), grows)
        if soonest > day:
            return
        if off_serious == soonest:
            state[S] = OFF
        elif off_abnormal == soonest:
            state[A] = OFF
        else:
            _grow(state)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _leaves_abnormal(state: NDArray[np.int64], fact: Column) -> int:
    """When all duties are done, and the months over where something passes by time alone."""
    if state[A] == OFF:
        return NEVER
    over = max(state[A_HELD], fact.enter[state[A]])
    for kind in range(len(fact.stays)):
        if state[A_PASSES] >> kind & 1:
            over = max(over, fact.stays[kind, state[A]])
    return int(over)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _leaves_serious(state: NDArray[np.int64], fact: Column) -> int:
    """After two full years without a new situation, and when nothing is left undone."""
    if state[S] == OFF:
        return NEVER
    return int(max(state[S_HELD], fact.grown[state[S]] if state[S_GROWN] else fact.clean[state[S]]))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _grow(state: NDArray[np.int64]) -> None:
    """Two full years on the abnormal list: off it, and on the serious list (or its term again) on the same day."""
    if state[S] == OFF:
        state[S_HELD] = 0
    state[S], state[S_FROM], state[S_GROWN] = state[A], state[A_FROM], 1
    state[S_HELD] = max(state[S_HELD], state[A_HELD])
    state[A] = OFF


@njit(cache=True)  # type: ignore[untyped-decorator]
def _enter(state: NDArray[np.int64], fact: Column, at: int) -> None:
    """List a fact, or start the term of a stay again. On the serious list, a situation of the other restarts it and is not listed twice."""
    if fact.serious[at] or state[S] != OFF:
        if state[S] == OFF:
            state[S_FROM], state[S_HELD] = at, 0
        state[S], state[S_GROWN] = at, 0
        state[S_HELD] = max(state[S_HELD], fact.held[at])
        if fact.serious[at] or state[A] == OFF:
            return
    if state[A] == OFF:
        state[A_FROM], state[A_HELD], state[A_PASSES] = at, 0, 0
    state[A] = at
    state[A_HELD] = max(state[A_HELD], fact.held[at])
    state[A_PASSES] |= fact.passes[at]
