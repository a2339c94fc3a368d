"""Text of any shape (I3): every parser that meets foreign bytes takes time in proportion to their number."""

import io
import json
import signal
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from werkzeug.wrappers import Request

from journeys.authoring.readability import blocks_of
from journeys.content import markdown
from journeys.content.catalogue.pictures import check_picture
from journeys.content.templates.nodes import SourcePosition, Template, Words
from journeys.content.templates.scan import scan
from journeys.definition.conditions import parse_condition
from journeys.definition.reading import read_journey
from journeys.interop.fhir.bundle import open_bundle, read_bundle
from journeys.primitives.canonical import parse_time
from journeys.primitives.durations import parse_duration
from journeys.primitives.locales import read_tag
from service.http.body import parse_json
from tests.samples.sample import pieces, plan

pytestmark = pytest.mark.long

MEGABYTE = 1_000_000
#: How many times the processor time of `json.loads` on a megabyte a parser may take, in C or in Python.
LIMIT = 400
#: A quarter of the longest definition, half of the longest text: longer ones are refused before they are parsed.
DEFINITION, TEXT = 64 * 1024, 32 * 1024


def filled(part: str) -> str:
    return (part * (MEGABYTE // len(part) + 1))[:MEGABYTE]


SHAPES = {
    "an open quote, then escaped quotes": '"' + filled('\\"'),
    "escaped quotes that end in a backslash": filled('\\"')[:-1] + "\\",
    "balanced lists": "[" * (MEGABYTE // 2) + "]" * (MEGABYTE // 2),
    "a list of empty lists": "[" + filled("[],") + "[]]",
    "surrogates": '"' + filled("\\ud800") + '"',
    "nested items": "".join(" " * (2 * depth) + "- a\n" for depth in range(700)),
    "a table": "|a|b|\n|-|-|\n" + filled("|x|y|\n"),
    "an empty item, then comments, then empty items": "- \n" + filled("#\n")[: TEXT * 2] + filled("-\n")[: TEXT * 2],
    "a key, then a list in one line": "a: [" + filled("b, ") + "]",
    "an exponent": "1e" + filled("9"),
    "parts of a form": filled('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'),
    "parameters of a part": "--x\r\nContent-Disposition: form-data" + filled('; a="\\"'),
    "a part without an end": '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + filled("\r\n-"),
} | {
    repr(part): filled(part)
    for part in (
        *(
            '"',
            "'",
            "\\",
            "[",
            "{",
            "[]",
            ",",
            ":",
            "{a: b, ",
            "a: ",
            "a:\n",
            "- \n",
            "- a\n",
            "? ",
            "&a ",
            "*a ",
            "!a ",
        ),
        *("9", "0", "-", "1.", " ", "\t", "\n", " \n", "\r", "\0", "\u2028", "a", "a-", "a. ", "\u4e2d", "\U0001f600"),
        *(
            "#",
            "# x\n",
            "> ",
            ">",
            "`",
            "~",
            "*",
            "*a ",
            "_a",
            "[a](b",
            "[a](",
            "![",
            "[^1]",
            "[^1]: x\n",
            "<",
            "<a ",
            "|",
        ),
        *("{{", "{%", "{#", "{{ a }}", "{% if x %}", "&", "&#", "%41", "a=b&", "--x", "---\n", "(", "not ", "a and "),
    )
}


def form_of(content_type: str):
    def read(text: str) -> None:
        data = text.encode("utf-8", "surrogatepass")
        environ = {"wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": str(len(data)), "CONTENT_TYPE": content_type}
        Request(environ | {"REQUEST_METHOD": "POST"}).form.to_dict()

    return read


def bundle_of(text: str) -> None:
    patient = {"resourceType": "Patient", "id": "p", "language": text, "communication": [{"language": {"text": text}}]}
    entries = [{"resource": patient}, {"resource": {"resourceType": text, "id": text, "subject": {"reference": text}}}]
    open_bundle({"resourceType": "Bundle", "entry": entries})


def markdown_of(text: str) -> None:
    tokens, _ = markdown.parse(text[:TEXT])
    markdown.to_html(tokens, "x")


PARSERS = {
    "a body": lambda text: parse_json(text.encode("utf-8", "surrogatepass")),
    "a text in a body": lambda text: parse_json(json.dumps({"a": text}).encode()),
    "a bundle": lambda text: read_bundle(text.encode("utf-8", "surrogatepass")),
    "a text in a bundle": bundle_of,
    "a time": parse_time,
    "a duration": parse_duration,
    "a language tag": read_tag,
    "a condition": lambda text: parse_condition(text, plan().scope(None, stay=True)),
    "a form": form_of("application/x-www-form-urlencoded"),
    "a form in parts": form_of("multipart/form-data; boundary=x"),
    "a definition": lambda text: read_journey(text.encode("utf-8", "surrogatepass")[:DEFINITION], "x.yaml"),
    "a value of a definition": lambda text: read_journey(
        f"journey: {text[:TEXT]}".encode("utf-8", "replace"), "x.yaml"
    ),
    "the tags of a template": lambda text: scan(text[:TEXT]),
    "Markdown": markdown_of,
    "the remarks on Markdown": lambda text: list(markdown.remarks(text[:TEXT])),
    "a picture": lambda text: check_picture("a.svg", text.encode("utf-8", "surrogatepass")[:TEXT]),
}


def processor_time(parse, text: str) -> float:
    """Seconds; a parse that would take hours is given up after half a minute of the processor's time."""
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, 30)
    try:
        with suppress(Exception):  # refused is as good as read
            parse(text)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return time.process_time() - began


@pytest.fixture(autouse=True)
def gives_up():
    def give_up(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, give_up)
    yield
    signal.signal(signal.SIGPROF, before)


def limit_now() -> float:
    """The processor time that a parser may take at this machine's present speed, in seconds."""
    good = json.dumps([{"a": "b" * 20, "c": number} for number in range(MEGABYTE // 40)])
    return LIMIT * min(processor_time(json.loads, good) for _ in range(5)) * MEGABYTE / len(good)


def times_the_limit(parse, text: str, limit: float) -> float:
    """How many times the limit a parse takes: at most 1 when it is within its bound.

    A machine may become slower between the two, so what was too slow is measured again beside the limit, up to five
    times. A parse whose time grows faster than its text is too slow each time.
    """
    share = processor_time(parse, text) / limit
    attempts = 0
    while share > 1 and attempts < 5:
        share = min(share, processor_time(parse, text) / limit_now())
        attempts += 1
    return share


@pytest.fixture(scope="module")
def limit() -> float:
    return limit_now()


@pytest.mark.parametrize("parser", PARSERS)
def test_no_shape_of_a_megabyte_takes_a_parser_long(parser, limit):
    shares = {shape: times_the_limit(PARSERS[parser], text, limit) for shape, text in SHAPES.items()}
    assert {shape: share for shape, share in shares.items() if share > 1} == {}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_blocks_of_a_text_of_any_shape_are_found_in_time(shape, limit):
    """Lint reads each text once more for its reading grade, with the place of every line."""
    text = pieces()["welcome"].texts["en"]
    assert times_the_limit(lambda body: blocks_of(with_body(text, body), plan()), SHAPES[shape][:TEXT], limit) <= 1


def with_body(text, body: str):
    words = Words(body.replace("\0", ""), SourcePosition("en.md", 1, 1))
    return replace(text, body=Template((words,), text.body.when, text.body.leaves))
