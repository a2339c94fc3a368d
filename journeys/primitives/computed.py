"""A property that is computed at its first reading and kept; threads do not wait for each other meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

V = TypeVar("V")
T = TypeVar("T")


class computed(Generic[V, T]):  # noqa: N801 - it is used as a decorator, like `property`
    """A property of a value that never changes, computed once.

    `functools.cached_property` does the same, but until Python 3.12 all threads wait for one lock while any of them
    computes it for any value. Here two threads may compute it at once, with the same result.
    """

    def __init__(self, compute: Callable[[V], T]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, value: None, owner: type) -> Self: ...

    @overload
    def __get__(self, value: V, owner: type) -> T: ...

    def __get__(self, value: Any, owner: type) -> Any:
        if value is None:
            return self
        result = value.__dict__[self.name] = self.compute(value)
        return result
