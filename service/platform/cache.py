"""A bounded cache for values that take long to make: a part of an object of the composition root, not of a module."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class KeyedLocks(Generic[Key]):
    """One lock for each key in use: threads with the same key go one after the other, others do not wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[Key, tuple[threading.Lock, int]] = {}

    @contextmanager
    def hold(self, key: Key) -> Iterator[None]:
        """Holds the lock of a key; a thread that holds it must not ask for it again."""
        with self._lock:
            lock, holders = self._locks.get(key, (threading.Lock(), 0))
            self._locks[key] = lock, holders + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, holders = self._locks.pop(key)
                if holders > 1:
                    self._locks[key] = lock, holders - 1


class Cache(Generic[Key, Value]):
    """The values that were used last, by key, at most `limit`. Threads may share it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()
        self._making: KeyedLocks[Key] = KeyedLocks()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key; `make` returns it where it is missing, in one thread while others wait for its value."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        with self._making.hold(key):
            with self._lock:
                if key in self._values:
                    return self._values[key]
            value = make()
            self.put(key, value)
            return value

    def find(self, key: Key) -> Value | None:
        """The value of a key, or None where it is missing."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: Key, value: Value) -> None:
        """Stores a value in the cache; beyond the limit, the value that was unused for longest is forgotten."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._limit:
                self._values.popitem(last=False)
