"""A computed property is computed once for each value, and by several threads at the same time."""

from dataclasses import dataclass
from threading import Barrier, Thread

from journeys.primitives.computed import computed


@dataclass(frozen=True)
class Counted:
    calls: list

    @computed
    def length(self):
        """The number of calls."""
        self.calls.append(self)
        return len(self.calls)


def test_it_is_computed_at_the_first_reading_and_kept():
    counted = Counted([])
    assert counted.calls == []
    assert (counted.length, counted.length, len(counted.calls)) == (1, 1, 1)
    assert Counted([]).length == 1
    assert Counted.length.__doc__ == "The number of calls."


def test_threads_that_read_other_values_do_not_wait_for_each_other():
    """Each thread computes while all others do: with one lock for all values, none would get past the barrier."""
    barrier = Barrier(4, timeout=10)

    class Meets:
        @computed
        def met(self):
            return barrier.wait()

    values = [Meets() for _ in range(4)]
    threads = [Thread(target=lambda value=value: value.met) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(value.met for value in values) == [0, 1, 2, 3]
