"""The map of the code: which rooms there are, and that imports point downwards only."""

import subprocess
import sys
import tomllib

import grimp
import pytest

from tests.folders import ROOT

LINT_IMPORTS = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
#: The most rooms and arrows between rooms (None: not bounded) that a package may have.
LIMITS = {"journeys": (14, 50), "service": (28, None)}


def test_no_import_breaks_a_contract():
    """Imports point downwards only, and a module without a place among the layers fails."""
    command = [sys.executable, "-c", LINT_IMPORTS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def layers_of(package: str) -> list[str]:
    """Return the rooms of a package as pyproject.toml lists them, the highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return next(contract["layers"] for contract in contracts if contract.get("containers") == [package])


def arrows_of(package: str) -> dict[tuple[str, str], int]:
    """Return the arrows between rooms, each with the number of its imports, from import-linter's own graph."""
    graph = grimp.build_graph(package, cache_dir=None)
    arrows: dict[tuple[str, str], int] = {}
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            rooms = tuple(name.split(".")[1] if "." in name else "" for name in (importer, imported))
            if rooms[0] != rooms[1]:
                arrows[rooms] = arrows.get(rooms, 0) + 1
    return arrows


@pytest.mark.parametrize("package", LIMITS)
def test_the_rooms_are_few_and_no_arrow_points_upwards(package):
    """Prints the map with `pytest -s`: each room, and how many imports lead to which room below."""
    layers, arrows = layers_of(package), arrows_of(package)
    most_rooms, most_arrows = LIMITS[package]
    print(f"\n{package}: {len(layers)} rooms, {len(arrows)} arrows")
    for room in layers:
        targets = ", ".join(f"{below} {arrows[room, below]}" for below in layers if (room, below) in arrows)
        print(f"  {room:12} -> {targets}" if targets else f"  {room}")
    upwards = [pair for pair in arrows if layers.index(pair[0]) >= layers.index(pair[1])]
    assert upwards == []
    assert len(layers) <= most_rooms
    assert most_arrows is None or len(arrows) <= most_arrows
