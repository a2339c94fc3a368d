"""Mail of any bytes: never an exception, and time in proportion to its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.outreach.incoming import (
    AutomaticMail,
    DeliveryStatusReport,
    FeedbackReport,
    PersonalMail,
    own_words,
    read_mail,
    read_mailed_reply,
    read_reply,
)
from journeys.outreach.incoming.html_text import text_of_html
from tests.faults.test_hostile_text import MEGABYTE, SHAPES, TEXT, filled, gives_up, limit, times_the_limit
from tests.outreach.incoming.samples import MAILS, OWN, raw

__all__ = ["gives_up", "limit"]

HEADER = "From: ana@mail.example\nContent-Type: text/plain; charset=utf-8\n\n"
NESTED = "".join(f"Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n" for depth in range(20_000))
MIXED = "From: ana@mail.example\nContent-Type: multipart/mixed; boundary=b\n\n"
REPORT = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
STATUS = REPORT + "Content-Type: message/delivery-status\n\n"

TEXTS = SHAPES | {
    "quotations": filled("> quoted\n"),
    "quotations of quotations": filled(">"),
    "lines before quotations": filled("On 3 March wrote:\n"),
    "beginnings of such lines": filled("On On On 3\n"),
    "such lines and blanks": filled("On 3 wrote:\n\n\n\n"),
    "such lines in one": filled("On 3 wrote: "),
    "header blocks": filled("From: a\n"),
    "header blocks in one line": filled("From: Sent: "),
    "dashes": filled("-"),
    "blank lines of blanks": filled(" " * 500 + "\n"),
    "underscores": filled("_"),
    "marks out of order": filled("a" + "\u0327\u0301" * 500),
    "halves of characters": filled("\ud800\udfff"),
    "opt-out words": filled("no mas "),
    "letters of a word": filled("s t o p "),
    "joiners": filled("s\u200d"),
    "tags that are not closed": filled("<a "),
    "comments that are not closed": filled("<!--"),
    "comments": filled("<!-- a -->"),
    "elements that are not shown": filled("<style>a</styl"),
    "tags in a line": filled("a<b>"),
    "nested quotations": filled("<blockquote>"),
    "references": filled("&amp"),
    "a long reference": "&#" + filled("9") + ";",
}

MAIL_SHAPES = {
    "nested parts": NESTED,
    "nested parts of one boundary": filled("Content-Type: multipart/mixed; boundary=b\n\n--b\n"),
    "nested mails": filled("Content-Type: message/rfc822\n\n"),
    "empty parts": MIXED + filled("--b\n"),
    "parts of parts": MIXED + filled("--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n--c\n--c\n"),
    "almost boundaries": MIXED + filled("--b" + " " * 1_000 + "x\n"),
    "a boundary that does not end": MIXED + "--b" + filled(" "),
    "many short fields": filled("a: b\n"),
    "a long field": "Subject: " + filled("a"),
    "a folded field": "References:" + filled(" <a@b>\n"),
    "encoded words": "Subject: " + filled("=?utf-8?q?a?= "),
    "beginnings of encoded words": "Subject: " + filled("=?"),
    "brackets in addresses": "From: " + filled("<("),
    "signs of addresses": "From: " + filled("@"),
    "parameters": "Content-Type: text/plain" + filled(';a="\\"'),
    "base64": HEADER.replace("\n\n", "\nContent-Transfer-Encoding: base64\n\n") + filled("QUJD\n"),
    "quoted-printable": HEADER.replace("\n\n", "\nContent-Transfer-Encoding: quoted-printable\n\n") + filled("=3D="),
    "punycode": HEADER.replace("utf-8", "punycode") + filled("a-b"),
    "recipients": STATUS + filled("Action: failed\nStatus: 5.1.1\n\n"),
    "a status": STATUS + "Status: " + filled("5."),
    "a diagnosis": STATUS + "Action: failed\nDiagnostic-Code: " + filled("550 "),
    "blank lines of a report": STATUS + filled("\n \n"),
    "carriage returns": HEADER + filled("\r"),
}


def reply_of(content):
    """Read a mail and, of a person's, what it asks for."""
    mail = read_mail(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content, OWN)
    if isinstance(mail, PersonalMail):
        read_mailed_reply(mail, "es")
    return mail


READERS = {
    "a mail of text": lambda text: reply_of(HEADER + text),
    "a mail of HTML": lambda text: reply_of(HEADER.replace("plain", "html") + text),
    "the header of a mail": reply_of,
    "the words of a mail": own_words,
    "a reply": lambda text: read_reply(text, "es"),
    "HTML": text_of_html,
}


@pytest.mark.long
@pytest.mark.parametrize("reader", READERS)
def test_no_text_of_a_megabyte_takes_a_reader_long(reader, limit):
    shares = {shape: times_the_limit(READERS[reader], text, limit) for shape, text in TEXTS.items()}
    assert {shape: share for shape, share in shares.items() if share > 1} == {}


@pytest.mark.long
@pytest.mark.parametrize("shape", MAIL_SHAPES)
def test_no_mail_of_a_megabyte_takes_long(shape, limit):
    assert times_the_limit(reply_of, MAIL_SHAPES[shape], limit) <= 1


@pytest.mark.parametrize("shape", [*MAIL_SHAPES, *TEXTS])
def test_no_shape_of_mail_raises(shape):
    text = (MAIL_SHAPES | TEXTS)[shape][:TEXT]
    assert isinstance(reply_of(text), PersonalMail | AutomaticMail | DeliveryStatusReport | FeedbackReport)
    assert reply_of(HEADER + text).sender == "ana@mail.example"


def test_of_20000_nested_parts_the_outer_ones_are_read():
    assert reply_of("From: ana@mail.example\n" + NESTED + "\nSTOP").sender == "ana@mail.example"


@pytest.mark.parametrize("lines", ["> quoted\n", "On 3 wrote:\n\n> quoted\n", ">>>> \n"])
def test_the_answer_below_a_megabyte_of_quotations_is_read(lines):
    mail = read_mail((HEADER + filled(lines)[: MEGABYTE - MEGABYTE % len(lines)] + "\nALTO").encode(), OWN)
    assert mail.words == "ALTO"


FRAGMENTS = st.sampled_from(
    [
        *(
            b"\n",
            b"\r\n",
            b"\r",
            b"\0",
            b" ",
            b"\t",
            b":",
            b";",
            b"--b",
            b"--b--",
            b"--c",
            b"=?utf-8?b?QQ=?=",
            b"\xff",
            b"\xed\xa0\x80",
        ),
        *(
            b"From: ",
            b"To: care+x@clinic.example",
            b"<a@b>",
            b"Subject: ",
            b"Return-Path: <>",
            b"Message-ID: <",
            b"References: ",
        ),
        *(
            b"Content-Type: multipart/mixed; boundary=b",
            b"Content-Type: multipart/report; boundary=c; report-type=",
            b"\n\n",
        ),
        *(
            b"Content-Type: message/delivery-status",
            b"Content-Type: message/feedback-report",
            b"Content-Type: text/html",
        ),
        *(
            b"Content-Type: message/rfc822",
            b"; charset*0*=a; charset*=",
            b"; charset=",
            b"utf-16",
            b"idna",
            b"iso-2022-jp",
            b"hz",
        ),
        *(
            b"Content-Transfer-Encoding: base64",
            b"Content-Transfer-Encoding: quoted-printable",
            b"QUJDR",
            b"=E1=",
            b"=\n",
        ),
        *(
            b"Action: failed",
            b"Status: 5.1.1",
            b"Final-Recipient: rfc822;",
            b"Feedback-Type: ",
            b"Original-Mail-From: <",
        ),
        *(
            b"Auto-Submitted: ",
            b"no",
            b"<!--",
            b"<style>",
            b"<blockquote>",
            b"&#xd800;",
            b"&#0;",
            b"stop",
            b"On 3 wrote:",
            b"> ",
        ),
    ]
)


@given(st.one_of(st.binary(), st.lists(FRAGMENTS, max_size=40).map(b"".join)))
def test_any_bytes_are_read_without_an_exception(content):
    mail = reply_of(content)
    stored = "".join(getattr(mail, name, "") for name in ("message_id", "sender", "subject", "text", "words"))
    assert "\0" not in stored
    assert stored.encode().decode() == stored


@given(st.sampled_from(sorted(path.stem for path in MAILS.glob("*.eml"))), st.data())
def test_a_mail_with_a_piece_missing_is_read_without_an_exception(name, data):
    content = raw(name)
    start = data.draw(st.integers(0, len(content)))
    mail = read_mail(content[:start] + content[start + data.draw(st.integers(0, 200)) :], OWN)
    assert isinstance(mail, (DeliveryStatusReport, FeedbackReport, AutomaticMail, PersonalMail))
    assert not isinstance(mail, PersonalMail) or len(mail.words) <= len(mail.text) <= len(content)


@given(st.text())
def test_any_text_is_read_without_an_exception(text):
    assert read_reply(text, text) in ("revokes", "mentions", "asks_for_help", "free_text")
    assert len(own_words(text)) <= len(text)
    text_of_html(text)
