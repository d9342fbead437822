"""The arrays that the plan's arithmetic works on, in tuples that have names. All times are seconds from now.

A *queue* is vehicles one behind the other; a vehicle leaves it at its head.
"""

from typing import Any, NamedTuple

Array = Any
"""A numpy array: the compiler, not the type checker, knows what is in it."""

RED, PERMISSIVE, PROTECTED = 0, 1, 2
CLOSED, OPEN, AT_ONCE, LATE = 0, 1, 2, 3
NEVER_S = 1e9


class Tables(NamedTuple):
    """A junction. By stage and link `lamp` (RED, PERMISSIVE, PROTECTED); by two stages and link `change`, what the way
    from one to the other means for the link: CLOSED, OPEN all the time, opens AT_ONCE, or LATE, after the intergreen,
    which takes `between_s`. `rival[s, l, k]`: in stage s link l waits for a gap in link k. The queues that stage s lets
    go are `queues[first[s]:first[s + 1]]`; `yielding[s]`: some of them wait for gaps. `room` by link: how many of them
    can wait within the junction. `usable[s]`: it may be shown."""

    lamp: Array
    change: Array
    between_s: Array
    rival: Array
    queues: Array
    first: Array
    yielding: Array
    room: Array
    usable: Array


class Traffic(NamedTuple):
    """Who comes: queue q has the vehicles `start[q]` to `start[q + 1]`, nearest first, each with its earliest arrival
    at the stop line, link, `weight` (what its waiting counts), `stop` (what it costs to stop it) and `size` (the
    headways that it takes). `blocked` by link: nobody can go. `group` by link: the street behind it, -1 where there is
    room enough; street g takes one more vehicle at each of `place_s[first[g]:first[g + 1]]`."""

    start: Array
    arrive_s: Array
    link: Array
    weight: Array
    stop: Array
    size: Array
    blocked: Array
    group: Array
    first: Array
    place_s: Array


class State(NamedTuple):
    """A moment of a rollout, changed in place: by queue its first vehicle that has not gone and when the next may go;
    by link since when it is open and how many wait for a gap within the junction; by vehicle when it has left."""

    head: Array
    free_s: Array
    open_s: Array
    inside: Array
    leave_s: Array
    entered: Array


class Terms(NamedTuple):
    """`horizon_s`; headways of a lane under protected and permissive green; the gap that a permissive movement needs;
    the start loss; how much of the yellow is used; the gap at which a stage ends in the base policy; what a change and
    a vehicle left over cost in vehicle-seconds; the minimum green; the longest green of the base policy; the first
    second at which the shown stage may end; what a second of green costs for somebody without room behind. Who waits
    for `stopped_s` has stopped; a rollout looks every `look_s` whether it can still be the best; who passed the stop
    line has left the way of those who yield after `cleared_s`; who arrives within `soon_s` after a change counts as
    being there, who has no room within `room_s` as one who cannot go; `yielding` is what a vehicle with permissive
    green counts where the base policy chooses the next stage."""

    horizon_s: float
    headway_s: float
    permissive_headway_s: float
    gap_s: float
    start_loss_s: float
    yellow_used_s: float
    hold_gap_s: float
    switch: float
    left_over: float
    min_green_s: float
    longest_green_s: float
    locked_s: float
    crowd: float
    stopped_s: float
    look_s: float
    cleared_s: float
    soon_s: float
    room_s: float
    yielding: float


class Weighing(NamedTuple):
    """What is to be weighed: for how many seconds the shown stage is tried to stay (`stays_s`) and the next one to be
    green before a second one (`greens_s`), by stage when it may begin (`ready_s`), how many plans get a second stage
    (`wide`). And what comes of it: by stage the least cost of beginning it now, of the shown stage that of holding on
    (`costs`); the best plan (`chosen`: seconds to stay, below 0 until nobody comes; stage; seconds of it or 0; second
    stage or -1); by moment and stage the cost (`table`)."""

    stays_s: Array
    greens_s: Array
    ready_s: Array
    wide: int
    costs: Array
    chosen: Array
    table: Array
