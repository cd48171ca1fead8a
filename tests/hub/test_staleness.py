"""Ages and clocks, on the boundary."""

import pytest

from fenhe_hub.agenda.staleness import (
    HOUR,
    Beat,
    ClockFault,
    Liveness,
    LogAge,
    clock_fault,
    liveness,
)

NOW = 1_795_392_065


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (LogAge(5, NOW - 24 * HOUR), Liveness.ALIVE),
        (LogAge(5, NOW - 24 * HOUR - 1), Liveness.STALE),
        (LogAge(5, NOW - 100 * HOUR, rhythm_hours=168), Liveness.ALIVE),
        (LogAge(5, NOW - 1000 * HOUR, ended=True), Liveness.ENDED),
        (LogAge(0, NOW - 1000 * HOUR), Liveness.NEW),
        (LogAge(5, None), Liveness.NEW),
    ],
)
def test_a_log_is_stale_after_its_rhythm(age: LogAge, expected: Liveness) -> None:
    assert liveness(age, NOW) == expected


@pytest.mark.parametrize(
    ("beat", "expected"),
    [
        (Beat(NOW, NOW - HOUR, True, NOW - 600), None),
        (Beat(NOW + HOUR, None, True, None), None),
        (Beat(NOW + HOUR + 1, None, True, None), ClockFault.AHEAD),
        (Beat(NOW - 1, NOW, False, None), ClockFault.BACKWARDS),
        (Beat(NOW - 2 * HOUR - 1, None, True, NOW - 600), ClockFault.LATE),
        (Beat(NOW - 2 * HOUR - 1, None, False, NOW - 600), None),
        (Beat(NOW - 2 * HOUR - 1, None, True, NOW - HOUR), None),
        (Beat(NOW - 2 * HOUR - 1, None, True, None), None),
    ],
)
def test_wrong_clocks_are_named(beat: Beat, expected: ClockFault | None) -> None:
    assert clock_fault(beat, NOW) == expected
