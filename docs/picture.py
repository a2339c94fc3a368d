"""Draw docs/architecture.svg: the rooms of both packages with their imports, and the five calls of a report.

Run `.venv/bin/python docs/picture.py` after a room was added. The imports come from import-linter's own graph, the
order of the rooms from its contracts in pyproject.toml.
"""

import itertools
import tomllib
from pathlib import Path

import grimp
import pygraphviz

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"
KINDS = {
    "faces": [
        "cli",
        "demo",
        "preview",
        "public_pages",
        "patient_pages",
        "registration",
        "sign_in",
        "care_ui",
        "reviewer_ui",
        "staff_pages",
        "walks",
        "http",
    ],
    "composition": ["processes", "app"],
    "features": [
        "operations",
        "interop",
        "releases",
        "feed",
        "caregivers",
        "outreach",
        "enrollments",
        "surveys",
        "permission",
        "publishing",
        "effects",
        "persons",
        "access",
    ],
    "platform": ["platform"],
}
COLOURS = {
    "faces": "#dbe9ff",
    "composition": "#eeeeee",
    "features": "#dff3e3",
    "platform": "#f6ecd9",
    "core": "#f2e6fa",
}
REPORT = [
    ("lock", "lock the enrollment's row"),
    ("apply", "fire due timers, admit, fold, decide"),
    ("view", "read what the caller may see now"),
    ("store", "store everything in one transaction"),
    ("answer", "answer after the commit"),
]


def rooms_of(package: str) -> list[str]:
    """The rooms as pyproject.toml lists them, the highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in contracts if contract.get("containers") == [package])


def arrows() -> set[tuple[str, str]]:
    """The pairs of rooms of which one imports the other, in both packages and between them."""
    graph = grimp.build_graph("journeys", "service", cache_dir=None)
    pairs = set()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            first, second = (".".join(name.split(".")[:2]) for name in (importer, imported))
            if first != second:
                pairs.add((first, second))
    return pairs


def reduced(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The pairs that do not follow from other pairs."""

    def reaches(start: str, end: str, without: tuple[str, str]) -> bool:
        seen, waiting = set(), [start]
        while waiting:
            room = waiting.pop()
            for first, second in pairs:
                if first == room and (first, second) != without and second not in seen:
                    if second == end:
                        return True
                    seen.add(second)
                    waiting.append(second)
        return False

    return {pair for pair in pairs if not reaches(*pair, without=pair)}


def draw() -> pygraphviz.AGraph:
    """The picture, not laid out yet."""
    picture = pygraphviz.AGraph(directed=True, rankdir="TB", fontname="sans-serif", nodesep=0.2, ranksep=0.35)
    picture.node_attr.update(shape="box", style="filled,rounded", fontname="sans-serif", fontsize=11, color="#888888")
    picture.edge_attr.update(color="#888888", arrowsize=0.6)
    shell = {f"service.{room}": kind for kind, rooms in KINDS.items() for room in rooms}
    for room in rooms_of("service"):
        picture.add_node(f"service.{room}", label=room, fillcolor=COLOURS[shell[f"service.{room}"]])
    for room in rooms_of("journeys"):
        picture.add_node(f"journeys.{room}", label=room, fillcolor=COLOURS["core"])
    for first, second in sorted(reduced(arrows())):
        if picture.has_node(first) and picture.has_node(second):
            picture.add_edge(first, second)
    picture.add_subgraph(
        [f"service.{room}" for room in rooms_of("service")],
        "cluster_service", label="service/: the shell", style="rounded", color="#bbbbbb",
    )  # fmt: skip
    picture.add_subgraph(
        [f"journeys.{room}" for room in rooms_of("journeys")],
        "cluster_journeys", label="journeys/: the pure core", style="rounded", color="#bbbbbb",
    )  # fmt: skip
    for name, label in REPORT:
        picture.add_node(f"report.{name}", label=f"{name}\n{label}", fillcolor="#ffffff")
    for (before, _), (after, _) in itertools.pairwise(REPORT):
        picture.add_edge(f"report.{before}", f"report.{after}")
    picture.add_subgraph(
        [f"report.{name}" for name, _ in REPORT],
        "cluster_report", label="a report in five calls", style="rounded", color="#bbbbbb",
    )  # fmt: skip
    return picture


if __name__ == "__main__":
    PICTURE.write_bytes(draw().draw(format="svg", prog="dot"))
    print(PICTURE.relative_to(ROOT))
