"""YAML read as texts with positions; what YAML could do beyond that is refused, with line, column and a hint."""

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.definition.model import Mark
from journeys.definition.reading import MappingNode, Scalar, Sequence, read_journey, read_tree

HEAD = "journey: a\ntitle: {en: A}\nlocales: [en]\n"
BRACES = "Inside braces {…}, a text with a comma, brackets or braces must be in quotes"
COLON = "A text with a colon and a blank (': ') must be in quotes"
INDENT = "keys of one mapping begin in one column"

#: Name: (text, line, column, part of the message).
REFUSED = {
    # what explodes
    "laughs bomb": ('a: &a ["lol", "lol"]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n', 1, 4, "Anchors"),
    "anchor": (f"{HEAD}facts: &x {{}}\n", 4, 8, "Anchors ('&name') are not accepted; write the value out."),
    "alias": (f"{HEAD}facts: *x\n", 4, 8, "Aliases ('*name') are not accepted; write the value out."),
    "cyclic anchor": ("&a [*a]", 1, 1, "Anchors"),
    "merge key": (f"{HEAD}facts:\n  <<: {{a: 1}}\n", 5, 3, "Merge keys ('<<') are not accepted; write the keys out."),
    "python object": (f"{HEAD}facts: !!python/object:os.system {{}}\n", 4, 8, "every scalar is a text."),
    "tag": ("a: !!str b", 1, 4, "Tags ('tag:yaml.org,2002:str') are not accepted"),
    "own tag": ("a: !foo b", 1, 4, "Tags ('!foo') are not accepted"),
    "directive": ("%YAML 1.1\n---\na: no\n", 1, 1, "Directives"),
    "tag directive": ("%TAG ! tag:x,2000:\n---\na: b\n", 1, 1, "Directives"),
    # what is too large
    "10^4 lists in one line": ("a: " + "[" * 10**4, 1, 36, "Nested deeper than 32 levels."),
    "10^5 lists in one line": ("a: " + "[" * 10**5, 1, 36, "Nested deeper than 32 levels."),
    "10^5 closed lists": ("a: " + "[" * 10**5 + "]" * 10**5, 1, 36, "Nested deeper than 32 levels."),
    "10^4 mappings in one line": ("a: " + "{a: " * 10**4, 1, 132, "Nested deeper than 32 levels."),
    "10^5 mappings in one line": ("{" * 10**5, 1, 33, "Nested deeper than 32 levels."),
    "lists on lines": ("[\n" * 10**5, 33, 1, "Nested deeper than 32 levels."),
    "10^4 blocks": ("- " * 10**4 + "a", 1, 65, "Nested deeper than 32 levels."),
    "10^5 blocks": ("- " * 10**5 + "a", 1, 65, "Nested deeper than 32 levels."),
    "10^5 keys of keys": ("? " * 10**5 + "a", 1, 65, "Nested deeper than 32 levels."),
    "deep block mappings": ("".join(" " * depth + "a:\n" for depth in range(700)), 33, 33, "Nested deeper than 32"),
    "10 MB": ("a: " + "x" * 10**7, 1, 1, "The file is larger than 262144 bytes (256 KB)."),
    # what is no text
    "NUL": (f"{HEAD}facts: a\0b\n", 4, 9, "The character U+0000 is not accepted; remove it."),
    "escaped NUL": (f'{HEAD}facts: "a\\0b"\n', 4, 8, "The character U+0000 is not accepted in a text"),
    "escaped surrogate": (f'{HEAD}facts: "\\ud800"\n', 4, 8, "The character U+D800 is not accepted in a text"),
    "escaped bell": (f'{HEAD}facts: "\\a"\n', 4, 8, "The character U+0007 is not accepted in a text"),
    "vertical tab": ("a: b\x0bc\n", 1, 5, "The character U+000B is not accepted"),
    "no character": ("ä: \ufffe", 1, 4, "The character U+FFFE is not accepted"),
    "UTF-16": (HEAD.encode("utf-16"), 1, 1, "The file is not UTF-8 text. Save it as UTF-8."),
    "Latin-1": ("journey: a\ntitle: {es: Cáncer}".encode("latin-1"), 2, 14, "The file is not UTF-8 text."),
    # what is not YAML
    "duplicate key": (f"{HEAD}title: {{en: B}}\n", 4, 1, "The key 'title' is listed twice; first in line 2."),
    "duplicate key in braces": ("title: {en: A, en: B}\n", 1, 16, "The key 'en' is listed twice; first in line 1."),
    "second document": (f"{HEAD}---\nfacts: {{}}\n", 5, 1, "A second document ('---') begins here; a file holds one."),
    "tab as indent": (f"{HEAD}facts:\n\ta: {{type: date}}\n", 5, 1, "Write blanks, not tabs."),
    "tab behind a colon": (f"{HEAD}facts:\n  a:\t{{type: date}}\n", 5, 5, "Write blanks, not tabs."),
    "list in braces": ("a: {when: s in ['I', 'II'], to: t}\n", 1, 16, BRACES),
    "bracket too much": ("a: {type: choice, values: [a, b]]}\n", 1, 33, BRACES),
    "colon in a title": (f"{HEAD}facts:\n  a: Lung cancer: what now\n", 5, 17, COLON),
    "colon in braces": ("title: {en: Lung cancer: what now}\n", 1, 24, COLON),
    "hash in braces": (f"{HEAD}ends: {{en: Plan #1, es: B}}\n", 4, 17, "Everything after ' #' counts as a comment."),
    "at sign": ("title: {en: @home}", 1, 13, "Put the text in quotes if it begins with a special character."),
    "per cent": ("title:\n  en: %a", 2, 7, "Put the text in quotes if it begins with a special character."),
    "backtick": ("title:\n  en: `x`", 2, 7, "Put the text in quotes if it begins with a special character."),
    "star": ("title: {en: *new*}", 1, 13, "Aliases ('*name') are not accepted"),
    "brace left open": (
        f"{HEAD}facts:\n  a: {{type: date\n  b: {{type: date}}\n",
        5,
        6,
        "The '{' that opens here is not closed.",
    ),
    "bracket left open": ("locales: [en\ntitle: a\n", 1, 10, "The '[' that opens here is not closed."),
    "quote left open": (f'{HEAD}facts: "a\nends: b\n', 4, 8, "The quote that opens here is not closed."),
    "apostrophe": ("title: {en: 'It's', es: b}", 1, 17, BRACES),
    "less indent": ("a:\n  b: 1\n c: 2\n", 3, 2, INDENT),
    "more indent": ("a:\n b: 1\n   c: 2\n", 3, 5, INDENT),
    "no colon": ("a: 1\nb\nc: 2\n", 3, 1, "A key and its value are written 'key: value', with a colon and a blank."),
    "list as key": ("[a, b]: c", 1, 1, "A key must be a plain text."),
    "template": ("a: {{ x }}", 1, 5, "A key must be a plain text."),
}

#: Much of what is allowed: slow rather than deep.
WIDE = {
    "20,000 keys": "".join(f"k{number}: v\n" for number in range(20_000)),
    "100,000 items": "a: [" + "x," * 100_000 + "]",
    "40,000 duplicates": "a: 1\n" * 40_000,
    "a text of 200 KB": "a: " + "x" * 200_000,
    "80,000 comments": "#a\n" * 80_000,
    "a text on 60,000 lines": "a: " + "x\n  " * 60_000,
    "200 KB of exclamation marks": "!" * 200_000,
    "14,000 states": f"{HEAD}tracks:\n  t:\n    initial: s\n    states:\n"
    + "".join(f"      s{number}: {{}}\n" for number in range(14_000)),
}


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_with_its_place_and_a_hint(name):
    text, line, column, part = REFUSED[name]
    tree, problems = read_tree(as_bytes(text), "f.yaml")
    assert tree is None or "duplicate" in name
    assert [(problem.file, problem.line, problem.column, problem.rule) for problem in problems] == [
        ("f.yaml", line, column, "yaml")
    ]
    assert part in problems[0].message
    assert problems[0].message[0].isupper()
    assert problems[0].message.endswith(".")


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_at_once_and_in_little_memory(name):
    """In 200 ms, the best of three, and 50 MB."""
    data = as_bytes(REFUSED[name][0])
    took = []
    for _ in range(3):
        begun = time.process_time()
        read_journey(data, "f.yaml")
        took.append(time.process_time() - begun)
        if took[-1] < 0.2:
            break
    assert min(took) < 0.2
    tracemalloc.start()
    read_journey(data, "f.yaml")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * 2**20


@pytest.mark.parametrize("name", WIDE)
def test_a_wide_file_ends_soon(name):
    """Wide documents are bounded like deep ones: they take seconds on a slow machine, never minutes."""
    begun = time.process_time()
    journey, problems = read_journey(WIDE[name].encode(), "f.yaml")
    assert time.process_time() - begun < 10
    assert problems
    assert len(problems) < 20_100
    assert journey is None or len(problems) < 100


def test_scalars_stay_what_was_written():
    """`no` does not mean false, nor `12:30` a number of minutes, nor `1e3` a thousand."""
    written = ["no", "yes", "12:30", "1e3", "0x10", "010", "~", "null", "2026-01-15", "1.0", "true", "=", "<", "I"]
    text = "a: [" + ", ".join(written) + "]\n" + "".join(f"k{place}: {entry}\n" for place, entry in enumerate(written))
    tree, problems = read_tree(text.encode(), "f.yaml")
    assert problems == []
    assert [item.text for item in tree.get("a").items] == written
    assert [tree.get(f"k{place}").text for place in range(len(written))] == written


def test_every_element_has_its_place():
    tree, _ = read_tree(b"a: b\nc:\n  - d\n  - {e: 'f'}\n", "f.yaml")
    places = []

    def visit(node):
        places.append((node.mark.line, node.mark.column, getattr(node, "text", type(node).__name__)))
        if isinstance(node, MappingNode):
            for key, value in node.entries:
                visit(key)
                visit(value)
        elif isinstance(node, Sequence):
            for item in node.items:
                visit(item)

    visit(tree)
    assert places == [
        (1, 1, "MappingNode"),
        (1, 1, "a"),
        (1, 4, "b"),
        (2, 1, "c"),
        (3, 3, "Sequence"),
        (3, 5, "d"),
        (4, 5, "MappingNode"),
        (4, 6, "e"),
        (4, 9, "f"),
    ]


@pytest.mark.parametrize(
    "text", ["\ufeffa: b\n", "a: b\r\n", "a: b", "---\na: b\n...\n", "# why\na: b # so\n", "a: ! b"]
)
def test_a_bom_line_ends_and_comments_are_fine(text):
    tree, problems = read_tree(text.encode(), "f.yaml")
    assert problems == []
    assert tree.get("a").text == "b"


@pytest.mark.parametrize("text", ["", "\n \n", "# only a comment\n"])
def test_an_empty_file_is_nothing(text):
    assert read_tree(text.encode(), "f.yaml") == (None, [])


def test_a_key_without_value_may_be_the_last_line():
    tree, problems = read_tree(b"a:\nb:\n", "f.yaml")
    assert problems == []
    assert tree.get("b") == Scalar("", tree.get("b").mark)


def test_what_stands_behind_a_text_is_kept():
    """So that a ` #` in a title can be spoken of."""
    tree, _ = read_tree(b"a: Plan #1 for you\nb: 'Plan' #1\nc: Plan#1\n", "f.yaml")
    assert tree.get("a").comment == "1 for you"
    assert tree.get("b").comment == ""
    assert tree.get("c").text == "Plan#1"


def test_lines_count_from_where_the_text_begins():
    """Front matter is part of another file."""
    tree, problems = read_tree(b"a: b\na: c\n", "en.md", place=lambda mark: Mark(mark.line + 1, mark.column + 2))
    assert tree.get("a").mark == Mark(2, 6)
    assert [(problem.line, problem.column, problem.message) for problem in problems] == [
        (3, 3, "The key 'a' is listed twice; first in line 2.")
    ]
    assert read_tree(b"a: *b\n", "en.md", place=lambda mark: Mark(7, mark.column))[1][0].line == 7


def test_all_duplicates_are_reported():
    _, problems = read_tree(b"a: 1\nb:\n  c: 1\n  c: 2\na: 2\na: 3\n", "f.yaml")
    assert [(problem.line, problem.column) for problem in problems] == [(4, 3), (5, 1), (6, 1)]


YAML_SIGNS = st.text("ab:-{}[],'\"#&*!|>%@?\n\t \0\\é\u2028\x85<~.0", max_size=60)


@settings(max_examples=400)
@given(st.one_of(YAML_SIGNS.map(str.encode), st.binary(max_size=60)))
def test_nothing_raises(data):
    """Whatever the bytes: a tree, or problems inside the file."""
    journey, problems = read_journey(data, "f.yaml")
    assert journey is not None or problems
    lines = data.decode(errors="replace").count("\n") + data.decode(errors="replace").count("\x85") + 3
    assert all(1 <= problem.line <= lines + data.decode(errors="replace").count("\u2028") for problem in problems)
    assert all(problem.column >= 1 for problem in problems)
