"""The bounded cache: a value is made once while it is used, and forgotten when newer ones need its room."""

from service.platform.cache import Cache


def test_a_value_is_made_once_and_the_one_unused_for_longest_is_forgotten():
    made = []

    def get(key):
        return cache.get(key, lambda: made.append(key) or key.upper())

    cache = Cache(2)
    assert [get("a"), get("b"), get("a"), get("c"), get("a")] == ["A", "B", "A", "C", "A"]
    assert made == ["a", "b", "c"]
    assert get("b") == "B"
    assert made == ["a", "b", "c", "b"]


def test_a_value_of_none_is_kept_too():
    made = []
    cache = Cache(1)
    assert [cache.get("a", lambda: made.append(1)) for _ in range(2)] == [None, None]
    assert made == [1]
