"""Finds the loops of a graph of names; it does not know the meaning of the names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def components(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    """The strongly connected components that hold a cycle (Tarjan, without recursion)."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for start, end in edges:
        if start in after and end in after:
            after[start].append(end)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    cycles: list[frozenset[str]] = []
    for root in nodes:
        if root in index:
            continue
        work = [(root, iter(after[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            child = next(following, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = set()
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component.add(member)
                        if member == node:
                            break
                    if len(component) > 1 or node in after[node]:
                        cycles.append(frozenset(component))
            elif child not in index:
                index[child] = low[child] = len(index)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(after[child])))
            elif child in on_stack:
                low[node] = min(low[node], index[child])
    return cycles
