"""What a mail is: a report, automatic, or a person's words; by mails of the usual programs."""

import base64

import pytest

from journeys.outreach.incoming import (
    AutomaticMail,
    DeliveryStatusReport,
    FeedbackReport,
    MailEnvelope,
    MessageReference,
    PersonalMail,
    RecipientStatus,
    read_mail,
    read_mailed_reply,
)
from tests.outreach.incoming.samples import OWN, mail, personal, raw


def test_a_bounce_of_postfix_names_the_message_by_tag():
    assert mail("postfix_dsn") == DeliveryStatusReport(
        "20260303091502.4F1A23C0D2@mx.clinic.example",
        MessageReference("k7q2m9"),
        (RecipientStatus("ana@mail.example", "failed", "5.1.1"),),
    )


def test_a_bounce_of_exchange_to_an_address_without_a_tag():
    assert mail("exchange_ndr") == DeliveryStatusReport(
        "6d0f-77@hospital.example",
        MessageReference(),
        (RecipientStatus("luis@hospital.example", "failed", "5.2.2"),),
    )


@pytest.mark.parametrize(
    ("status", "diagnosis", "code"),
    [
        ("5.7.1", "smtp; 550 5.1.1 rejected", "5.7.1"),
        ("5.0.0", "smtp; 550-5.1.1 no such user", "5.1.1"),
        ("5.0.0", "smtp; 550 no such user", "5.0.0"),
        ("5.0.0 (unspecified)", "smtp; 450 4.2.1 busy", "5.0.0"),
        ("", "smtp; 552 5.2.2 full", "5.2.2"),
        ("", "smtp; 550 no such user", "5.0.0"),
        ("4.4.1 (no answer from host)", "", "4.4.1"),
        ("", "x-unix; 192.0.2.7 gave up", ""),
        ("gone", "", ""),
    ],
)
def test_the_status_is_the_most_specific_code_of_a_report(status, diagnosis, code):
    bounce = raw("postfix_dsn").replace(b"Status: 5.1.1", f"Status: {status}".encode())
    bounce = bounce.replace(
        b"smtp; 550 5.1.1 <ana@mail.example>: user unknown\r\n\r\n", diagnosis.encode() + b"\r\n\r\n"
    )
    assert read_mail(bounce, OWN).recipients == (RecipientStatus("ana@mail.example", "failed", code),)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_that_is_no_bounce_says_so(action):
    report = read_mail(raw("postfix_dsn").replace(b"Action: failed", f"Action: {action.title()}".encode()), OWN)
    assert [status.action for status in report.recipients] == [action]


def test_a_complaint_names_the_message_by_its_envelope_and_its_header():
    complaint = mail("complaint")
    assert complaint == FeedbackReport("fbl-81@provider.example", MessageReference("p3x8"), "abuse")
    assert complaint.is_complaint


@pytest.mark.parametrize(("kind", "is_complaint"), [("fraud", True), ("Not-Spam", False), ("auth-failure", False)])
def test_feedback_that_no_person_complained_of_is_no_complaint(kind, is_complaint):
    report = read_mail(raw("complaint").replace(b"Feedback-Type: abuse", f"Feedback-Type: {kind}".encode()), OWN)
    assert isinstance(report, FeedbackReport)
    assert report.is_complaint is is_complaint


@pytest.mark.parametrize("name", ["out_of_office_gmail", "out_of_office_exchange"])
def test_an_absence_notice_is_automatic_whatever_it_says(name):
    assert isinstance(mail(name), AutomaticMail)


def test_an_answer_above_the_quotation():
    answer = mail("reply_above_phone")
    assert (answer.sender, answer.subject, answer.words) == ("ana@mail.example", "Re: Your scan on Friday", "Stop!")
    assert answer.reference == MessageReference()
    assert "Call us to cancel" in answer.text
    assert read_mailed_reply(answer, "en") == "revokes"


def test_an_answer_below_the_quotation_in_spanish():
    answer = mail("reply_below_spanish")
    assert answer.words == "¿Puedo ir el lunes? No quiero que esto pare nunca."
    assert answer.reference == MessageReference("t9w4")
    assert read_mailed_reply(answer, "es") == "free_text"


def test_an_answer_of_outlook_in_html_alone():
    answer = mail("reply_outlook_html")
    assert answer.words == "Stop. Gracias\xa0— María"
    assert read_mailed_reply(answer, "es") == "mentions"


def test_an_answer_of_gmail_in_html_alone():
    answer = mail("reply_gmail_html")
    assert answer.words == "I feel better & less tired."
    assert "> Unsubscribe" in answer.text


@pytest.mark.parametrize("head", ["<head>{}</head><body>", "<head>{}<body>", "<head>{}", "{}"])
def test_what_the_head_of_html_holds_is_not_text_and_its_end_tag_may_be_left_out(head):
    unseen = head.format("<title>Scan</title><style>p {color: red}</style><meta charset=utf-8>")
    page = personal("Content-Type: text/html", body=f"<html>{unseen}<p>STOP</html>")
    assert read_mail(page, OWN).text == "STOP"


@pytest.mark.parametrize(
    ("field", "sign"),
    [
        ("Auto-Submitted: auto-generated", "auto_submitted"),
        ("AUTO-SUBMITTED: Auto-Replied; owner=x", "auto_submitted"),
        ("Precedence: Bulk", "precedence"),
        ("Precedence: junk", "precedence"),
        ("Precedence: list", "precedence"),
        ("X-Auto-Response-Suppress: DR, OOF", "auto_reply"),
        ("X-Autoreply: yes", "auto_reply"),
        ("Subject: Automatic reply: your scan", "auto_reply"),
        ("Return-Path: <>", "null_sender"),
        ("Return-Path:", "null_sender"),
        ("List-Id: <news.mail.example>", "mailing_list"),
        ("Content-Type: multipart/report; report-type=disposition-notification", "machine"),
    ],
)
def test_each_sign_of_a_machine_makes_a_mail_automatic(field, sign):
    automatic = read_mail(personal(field, body="STOP"), OWN)
    assert isinstance(automatic, AutomaticMail)
    assert automatic.sign == sign


@pytest.mark.parametrize("sender", ["care@clinic.example", "Care <CARE+t9w4@Clinic.example>"])
def test_mail_from_our_own_address_is_automatic(sender):
    assert read_mail(f"From: {sender}\r\n\r\nSTOP".encode(), OWN).sign == "own_address"


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@mail.example", "no-reply@shop.example"])
def test_mail_from_a_mailbox_of_a_machine_is_automatic(sender):
    assert read_mail(f"From: {sender}\r\n\r\nSTOP".encode(), OWN).sign == "machine"


@pytest.mark.parametrize("sender", ["", "<>"])
def test_the_envelope_goes_before_the_header(sender):
    written = personal("Return-Path: <ana@mail.example>")
    assert isinstance(read_mail(written, OWN), PersonalMail)
    automatic = read_mail(written, OWN, MailEnvelope(sender, "bounces+Zz9@clinic.example"))
    assert (automatic.sign, automatic.reference.tag) == ("null_sender", "Zz9")
    assert isinstance(read_mail(personal("Return-Path: <>"), OWN, MailEnvelope("ana@mail.example", "")), PersonalMail)


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: No (a person)",
        "X-Auto-Response-Suppress: None",
        "Precedence: first-class",
    ],
)
def test_a_field_that_denies_it_leaves_a_person_their_words(field):
    assert read_mail(personal(field), OWN).words == "Hello"


@pytest.mark.parametrize(
    ("subject", "body", "reply"),
    [
        ("unsubscribe", "", "revokes"),
        ("Re: BAJA", " \r\n", "revokes"),
        ("please stop", "", "mentions"),
        ("Re: How to stop smoking", "", "free_text"),
        ("RV: Re: stop", "> quoted\r\n", "revokes"),
        ("unsubscribe", "-- \r\nAna Ruiz", "revokes"),
        ("unsubscribe", "Ana Ruiz, Calle Mayor 3", "revokes"),
        ("stop", "Thank you", "revokes"),
        ("please stop", "Thank you", "mentions"),
        ("please stop", "HELP", "mentions"),
        ("help", "Where is the clinic?", "asks_for_help"),
        ("My question", "stop", "revokes"),
        ("Re: stop", "Thank you", "revokes"),
        ("Re: please stop", "Thank you", "free_text"),
        ("Re: help", "Thank you", "free_text"),
        ("Fwd: Your scan", "please stop", "mentions"),
    ],
)
def test_the_stronger_of_subject_and_words_counts(subject, body, reply):
    assert read_mailed_reply(read_mail(personal(f"Subject: {subject}", body=body), OWN), "en") == reply


def test_an_address_in_a_name_is_not_the_sender():
    raw_mail = b'From: "care@clinic.example" <Mallory@mail.example>\n\nHi'
    assert read_mail(raw_mail, OWN).sender == "mallory@mail.example"


def test_a_tag_of_another_address_is_not_ours():
    assert read_mail(personal("Delivered-To: ana+lists@mail.example"), OWN).reference == MessageReference()


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "más".encode(), "más"),
        ("iso-8859-1", "más".encode("latin-1"), "más"),
        ("x-unknown", "más".encode(), "más"),
        ("us-ascii", "más".encode("cp1252"), "más"),
        ("gb2312", "你好".encode("gb2312"), "你好"),
        ("punycode", "más".encode(), "más"),
        ("unicode-escape", b"m\\x61s", "m\\x61s"),
        ("utf-7", b"a+2AA-b", "ab"),
        ("a\0b", b"m\0as", "mas"),
    ],
)
def test_text_is_read_in_its_charset_or_the_likeliest(charset, content, text):
    header = f"From: ana@mail.example\nContent-Type: text/plain; charset={charset}\n".encode()
    assert read_mail(header + b"\n" + content, OWN).text == text
    encoded = header + b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(content)
    assert read_mail(encoded, OWN).text == text


def test_an_attachment_is_not_what_a_person_wrote():
    parts = (
        b"From: ana@mail.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n"
        b"--b\nContent-Disposition: attachment; filename=a.txt\n\nSTOP\n--b--\n\nSTOP\n"
    )
    assert read_mail(parts, OWN).text == "Hello"


@pytest.mark.parametrize(("depth", "text"), [(1, "Hello"), (10, "Hello"), (11, ""), (90, "")])
def test_parts_are_read_ten_levels_deep(depth, text):
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(depth))
    assert read_mail(f"From: ana@mail.example\n{nested}\nHello".encode(), OWN).text == text


def test_a_forwarded_bounce_is_what_a_person_wrote():
    forwarded = (
        b"From: ana@mail.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nWhat is this?\n"
        b"--b\nContent-Type: message/rfc822\n\n" + raw("postfix_dsn") + b"\n--b--\n"
    )
    assert read_mail(forwarded, OWN).words == "What is this?"


@pytest.mark.parametrize(
    ("raw_mail", "text"),
    [
        (b"", ""),
        (b"STOP", "STOP"),
        (b"\nSTOP", "STOP"),
        (b"From: ana@mail.example", ""),
        (b"From ana@mail.example  Tue Mar  3 09:14:00 2026\nFrom: ana@mail.example\n\nHello", "Hello"),
        (b"Content-Type: multipart/mixed\n\nHello", "Hello"),
        (b"Content-Type: multipart/mixed; boundary=b\n\nHello", "Hello"),
        (b"Content-Type: multipart/mixed; boundary=b\n\nintro\n--b\n\nHello\n--bc\n", "Hello\n--bc"),
        (b"Content-Type: nonsense\n\nHello", "Hello"),
        (b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nQUJDR\n", "QUJDR"),
    ],
)
def test_a_malformed_mail_gives_what_can_be_read(raw_mail, text):
    assert read_mail(raw_mail, OWN).text == text
