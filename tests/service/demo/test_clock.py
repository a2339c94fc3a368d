"""The demonstration's clock: it runs, and it can be moved."""

from datetime import UTC, datetime, timedelta

import pytest

from service.demo import MovableClock

REAL = datetime(2026, 8, 31, 9, tzinfo=UTC)


def test_it_is_the_real_one_until_it_is_moved_and_runs_on_from_there():
    now = [REAL]
    clock = MovableClock(lambda: now[0])
    assert clock() == REAL
    assert clock.after("P6M") == datetime(2027, 2, 28, 9, tzinfo=UTC)
    assert clock() == REAL
    clock.move_to(clock.after("P6M"))
    now[0] += timedelta(minutes=5)
    assert clock() == datetime(2027, 2, 28, 9, 5, tzinfo=UTC)
    clock.reset()
    assert clock() == now[0]


@pytest.mark.parametrize("text", ["-P1D", "P0D", "six months", ""])
def test_it_is_never_moved_back_by_a_step(text):
    with pytest.raises(ValueError, match=r"is not|must be longer"):
        MovableClock(lambda: REAL).after(text)
