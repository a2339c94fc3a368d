"""How the tests of the rules on texts are written: a body in Markdown, and the problems it must give."""

from pathlib import Path
from textwrap import dedent

from journeys.authoring.lint import check_files, lint_files, lint_journey
from journeys.content.catalogue import PieceSource, read_glossary, read_piece
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey

JOURNEY = """\
journey: sample
title: {LOCALE: A sample}
locales: [LOCALE]
facts:
  well: {type: boolean, title: {LOCALE: Well}, labels: {"true": {LOCALE: I am}, "false": {LOCALE: I am not}}}
triggers:
  came: {by: [staff], title: {LOCALE: Seen}, requires: [well]}
ends:
  died: {title: {LOCALE: Died}}
tracks:
  care:
    initial: here
    states:
      here: {title: {LOCALE: Here}, on: {came: stay}}
"""
FRONT = "---\ntitle: A walk\nsummary: A walk each day.\n{}---\n"
MESSAGE = "Walk a little each day.\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'


def found_in(body, locale="en", front="", glossary="terms: []\n", partials=None):
    """Return (file, line, rule, message) of every problem; lines of the piece's text count from the first of `body`.

    With `front`, more lines of the front matter, lines count from the beginning of the file.
    """
    read, problems = read_journey(JOURNEY.replace("LOCALE", locale).encode(), "sample.yaml")
    plan = compile_journey(read)
    above = FRONT.format(front)
    shared = b"purpose: education\n" + (b"image: {file: figure.svg}\n" if "image_alt" in front else b"")
    source = PieceSource(
        "walk",
        "care/here/walk",
        {"piece.yaml": shared, f"{locale}.md": (above + dedent(body)).encode()},
        {f"{name}.{locale}.md": text.encode() for name, text in (partials or {}).items()},
        {"figure.svg": SVG} if "image_alt" in front else {},
    )
    piece, piece_problems = read_piece(source, plan)
    terms, wrong = read_glossary(glossary.encode(), "glossary.yaml")
    problems = [*problems, *piece_problems, *wrong]
    problems += lint_journey(read, {"walk": piece} if piece else {}, [source], None, plan, terms)
    text = f"content/sample/care/here/walk/{locale}.md"
    shift = 0 if front else above.count("\n")
    return [
        (
            problem.file.rpartition("/")[2],
            problem.line - (shift if problem.file == text else 0),
            problem.rule,
            problem.message,
        )
        for problem in sorted(problems)
    ]


def check_text(body, *expected, file="", **options):
    """Compare all problems with the expected (line, rule, part of the message), in order; all of them in one file."""
    reported = found_in(body, **options)
    shown = "\n".join(map(str, reported)) or "no problem"
    assert [problem[1:3] for problem in reported] == [problem[:2] for problem in expected], shown
    file = file or f"{options.get('locale', 'en')}.md"
    for (file_name, _, _, message), (_, _, part) in zip(reported, expected, strict=True):
        assert file_name == file, shown
        assert part in message, shown


def check_file(name, text, *expected):
    """Compare all problems of a file as it is written with the expected (line, column, rule, part of the message)."""
    reported = check_files({name: text})
    shown = "\n".join(map(str, reported)) or "no problem"
    assert [(problem.line, problem.column, problem.rule) for problem in reported] == [
        problem[:3] for problem in expected
    ], shown
    for problem, (*_, part) in zip(reported, expected, strict=True):
        assert problem.file == name
        assert problem.level == "error"
        assert part in problem.message, shown


def lint_folder(folder, files):
    """Write a journey with one piece in one state, changed by `files` (by path), and return its problems."""
    everything = {
        "definitions/sample.yaml": JOURNEY.replace("LOCALE", "en"),
        "content/sample/glossary.yaml": "terms: []\n",
        "content/sample/care/here/walk/piece.yaml": "purpose: education\n",
        "content/sample/care/here/walk/en.md": FRONT.format("") + MESSAGE,
        **files,
    }
    for name, text in everything.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    problems = lint_files(folder / "definitions/sample.yaml", folder / "content").problems
    return [
        (str(Path(problem.file).relative_to(folder)), problem.line, problem.column, problem.rule)
        for problem in problems
        if problem.rule != "no-programmes"
    ]


def check_folder(folder, files, *expected):
    """Compare all problems of a journey, changed by `files` (by path), with the expected (path, line, rule)."""
    reported = [(file, line, rule) for file, line, _, rule in lint_folder(folder, files)]
    assert reported == list(expected)
