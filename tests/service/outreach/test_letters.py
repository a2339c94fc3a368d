"""Letters: queued by the sender, printed once, posted, returned; what may not leave any more is not printed."""

import json
import logging
import os
import stat
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main
from service.outreach.letters import confirm_batch, return_letter
from service.outreach.outbox import ChannelSetup
from service.outreach.post import PostChannel
from service.outreach.print_files import pdf_of, write_print_file
from service.outreach.printing import print_letters
from service.outreach.send import UNREACHABLE_TITLE
from service.outreach.setup import make_outbox
from service.outreach.states import SENDING
from service.outreach.waiting import list_open_letters
from service.platform.configuration import Configuration
from service.platform.database.engine import Database
from service.platform.database.tables import attempts, contacts, letters, messages, receipts, tasks
from service.platform.errors import Conflict, NotFound
from tests.folders import ROOT, copy_samples
from tests.service.outreach.envelopes import KEY, envelope
from tests.service.outreach.people_reached import Reaching

DUE = "2026-07-29T10:00:00"
PERMISSIONS = "/v1/me/permissions"
SENDER = ("Riverside Clinic", "1 Main St", "Santa Fe, NM")


class Posting(Reaching):
    """A clinic that reaches its patients by post alone."""

    def __init__(self, clinic) -> None:
        super().__init__(clinic)
        self.setup(PostChannel(clinic.service, SENDER))

    def setup(self, channel) -> None:
        self.outbox.channels.clear()
        self.outbox.channels["post"] = ChannelSetup(channel, tells_repeats=True)

    def queued_letter(self, patient: str = "p1") -> str:
        """The enrollment of a patient for whom a letter is queued."""
        enrollment = self.clinic.enroll(patient)
        own = self.clinic.token_of_patient(patient)
        self.add_address(own, f"Canaria {patient}", "Calle Mayor 1", "28001 Madrid")
        self.record(enrollment, "grant")
        if self.clinic.clock().isoformat() < DUE:
            self.clinic.clock.set(DUE)
        self.work()
        return enrollment

    def add_address(self, own: str, *lines: str) -> None:
        body = {"channel": "post", "address": list(lines)}
        assert self.clinic.post("/v1/me/contacts", own, body).status == 200

    def correct_address(self) -> None:
        """The patient p1 moves."""
        address_removed(self, None)
        self.add_address(self.clinic.token_of_patient("p1"), "Canaria p1", "Plaza Nueva 2", "41001 Sevilla")

    def print(self):
        return print_letters(self.clinic.service, "a4")

    def rows(self, table) -> list:
        with self.clinic.service.database.reading() as connection:
            return connection.execute(table.select()).all()

    def statuses(self) -> list[str]:
        return sorted(row.status for row in self.rows(letters))

    def contact(self) -> str:
        (row,) = self.rows(contacts)
        return row.status


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """A journey whose reminders are letters."""
    return publish_sample(post_reminders)


def post_reminders(folder: Path) -> None:
    for shared in (folder / "content").rglob("piece.yaml"):
        if "reminder: true" in shared.read_text():
            shared.write_text(shared.read_text() + "channels: [web, post]\n")


@pytest.fixture
def posting(clinic) -> Posting:
    return Posting(clinic)


def test_a_letter_is_queued_once_and_its_words_are_sealed(posting):
    posting.queued_letter()
    (letter,) = posting.rows(letters)
    (message,) = posting.messages()
    assert (message.status, letter.message, letter.status) == ("sent", message.id, "queued")
    page = json.loads(letter.payload)
    assert (page["recipient"], page["sender"]) == (["Canaria p1", "Calle Mayor 1", "28001 Madrid"], list(SENDER))
    assert page["day"] == "2026-07-29"
    assert "follow-up scan" in page["body"]
    assert [row.id for row in list_open_letters(posting.clinic.service)] == [letter.id]


def test_the_setting_of_the_paper_sets_post_up(clinic):
    config = Configuration(post_paper="a4", postal_address="Riverside Clinic; 1 Main St")
    assert list(make_outbox(clinic.service, config).channels) == ["post"]
    assert make_outbox(clinic.service, Configuration()).channels == {}


def test_a_message_that_comes_again_is_the_same_letter(posting):
    posting.queued_letter()
    (message,) = posting.messages()
    (letter,) = posting.rows(letters)
    channel = posting.outbox.channels["post"].channel
    again = envelope(address='["A", "B"]', html="<p>Again</p>")
    assert channel.send(again, message.id).id == letter.id
    assert len(posting.rows(letters)) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"address": "rosa@example.org"}, "bad-address"),
        ({"address": "[]"}, "bad-address"),
        ({"address": '["A", 1]'}, "bad-address"),
        ({"address": '["A", "B"]', "html": None}, "bad-content"),
        ({"address": '["A", "B"]'}, "refused"),
    ],
)
def test_what_cannot_be_a_letter_is_refused(clinic, changes, reason):
    assert PostChannel(clinic.service, SENDER).send(envelope(**changes), KEY).reason == reason


def test_a_batch_is_printed_once_and_gives_the_same_file_again(posting):
    for patient in ("p1", "p2"):
        posting.queued_letter(patient)
    first, again = posting.print(), posting.print()
    assert [(file.batch, file.count) for file in first.files] == [(file.batch, 2) for file in again.files]
    assert [file.html for file in first.files] == [file.html for file in again.files]
    posting.queued_letter("p3")
    third = posting.print()
    assert third.files[0] == first.files[0]
    assert [file.count for file in third.files] == [2, 1]
    for patient, file in (("p1", 0), ("p2", 0), ("p3", 1)):
        assert [f"Canaria {patient}" in printed.html for printed in third.files] == [file == 0, file == 1]


def test_a_posted_letter_is_delivered_and_its_words_are_erased(posting):
    posting.queued_letter()
    (file,) = posting.print().files
    assert confirm_batch(posting.clinic.service, file.batch) == 1
    assert confirm_batch(posting.clinic.service, file.batch) == 0
    assert [row.kind for row in posting.rows(receipts)] == ["delivered"]
    (letter,) = posting.rows(letters)
    assert (letter.status, letter.payload) == ("posted", None)
    assert posting.print().files == []


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_letter_that_comes_back_makes_its_address_bad(posting, is_confirmed):
    posting.queued_letter()
    (file,) = posting.print().files
    if is_confirmed:
        confirm_batch(posting.clinic.service, file.batch)
    (letter,) = posting.rows(letters)
    posting.clinic.clock.pass_by(days=5)
    for _ in range(2):
        return_letter(posting.clinic.service, letter.id)
    assert posting.contact() == "bad"
    assert [(row.kind, row.code) for row in posting.rows(receipts)].count(("bounced", "5.1.1")) == 1
    assert posting.statuses() == ["returned"]


def test_nothing_of_a_letter_is_logged(posting, logs, caplog, tmp_path):
    with caplog.at_level(logging.DEBUG):
        posting.queued_letter()
        (file,) = posting.print().files
        write_print_file(tmp_path, "letters", file.html)
        confirm_batch(posting.clinic.service, file.batch)
        (letter,) = posting.rows(letters)
        return_letter(posting.clinic.service, letter.id)
    written = json.dumps(logs, default=str) + caplog.text
    assert logs
    assert not any(words in written for words in ("Canaria", "Mayor", "Madrid", "follow-up scan"))


def test_what_is_not_printed_cannot_come_back(posting):
    posting.queued_letter()
    (letter,) = posting.rows(letters)
    with pytest.raises(Conflict):
        return_letter(posting.clinic.service, letter.id)
    for unknown in (confirm_batch, return_letter):
        with pytest.raises(NotFound):
            unknown(posting.clinic.service, "no-such-id")


# --- what may not leave any more ------------------------------------------------------------------------------------


def revoke(posting):
    own = posting.clinic.token_of_patient("p1")
    return posting.clinic.post(PERMISSIONS, own, {"kind": "revoke", "method": "app", "channel": "post"})


def test_a_letter_is_not_printed_where_the_one_before_it_never_left(clinic, tmp_path):
    content = copy_samples(tmp_path) / "content"
    for piece, send in (
        ("waiting_for_result/while-you-wait", "{on: entry}"),
        ("follow-up-plan", "{after: while-you-wait, delay: P1D}"),
    ):
        with (content / "follow_up" / "disease" / "surveillance" / piece / "piece.yaml").open("a") as file:
            file.write(f"\nsend: {send}\nuseful_for: P3D\nchannels: [web, post]\n")
    clinic.publish(content=content)
    posting = Posting(clinic)
    enrollment = posting.queued_letter()
    facts = {"last_scan_on": f"{clinic.clock():%Y-%m-%d}"}
    assert clinic.report(enrollment, clinic.phone, "scan_done", facts=facts).status == 200
    for hours in (0, 25, 48):
        clinic.clock.pass_by(hours=hours)
        posting.work()
    assert posting.statuses() == ["queued", "queued"]
    assert posting.print().withdrawn == 2, "the first is of no use any more, and the second follows it"


def test_a_revocation_takes_the_letter_out_of_the_queue(posting):
    posting.queued_letter()
    assert revoke(posting)["under_way"] == []
    (letter,) = posting.rows(letters)
    assert (letter.status, letter.payload) == ("withdrawn", None)
    assert [(row.status, row.reason) for row in posting.messages()] == [("suppressed", "no_permission")]
    assert [row.result for row in posting.attempts()] == ["withdrawn"]
    assert posting.print().files == []


def test_a_revocation_after_printing_names_the_letter(posting):
    posting.queued_letter()
    posting.print()
    (message,) = posting.messages()
    assert revoke(posting)["under_way"] == [message.id]
    assert posting.statuses() == ["printed"]


def test_a_revocation_of_another_channel_leaves_the_letter(posting):
    posting.queued_letter()
    own = posting.clinic.token_of_patient("p1")
    posting.clinic.post(PERMISSIONS, own, {"kind": "revoke", "method": "app", "channel": "email"})
    assert posting.statuses() == ["queued"]


def scan_done(posting, enrollment):
    posting.clinic.report(enrollment, posting.clinic.phone, "scan_done", facts={"last_scan_on": "2026-07-29"})


def death(posting, enrollment):
    posting.clinic.report(enrollment, posting.clinic.staff, "deceased")


def weeks_later(posting, enrollment):
    posting.clinic.clock.pass_by(days=30)


def address_removed(posting, enrollment):
    (contact,) = [row.id for row in posting.rows(contacts) if row.channel == "post"]
    posting.clinic.call("DELETE", f"/v1/me/contacts/{contact}", posting.clinic.token_of_patient("p1"))


@pytest.mark.parametrize(
    ("change", "ended"),
    [
        (scan_done, ("cleared", "left")),
        (death, ("cleared", "ended")),
        (weeks_later, ("expired", "too_late")),
    ],
)
def test_what_the_gate_would_not_send_any_more_is_not_printed(posting, change, ended):
    enrollment = posting.queued_letter()
    change(posting, enrollment)
    printing = posting.print()
    assert (printing.files, printing.withdrawn) == ([], 1)
    assert [(row.status, row.reason) for row in posting.messages()] == [ended]


def test_a_letter_goes_to_the_address_that_was_corrected_before_printing(posting):
    posting.queued_letter()
    posting.correct_address()
    assert (posting.print().files, posting.statuses()) == ([], ["withdrawn"])
    posting.work()
    (file,) = posting.print().files
    assert "Plaza Nueva 2" in file.html
    assert "Calle Mayor" not in file.html
    assert [row.status for row in posting.messages()] == ["sent"]
    assert [row.result for row in posting.attempts()] == ["withdrawn", "accepted"]
    assert confirm_batch(posting.clinic.service, file.batch) == 1


def test_a_letter_that_is_written_anew_has_one_fallback(clinic, tmp_path):
    content = copy_samples(tmp_path) / "content"
    reminder = content / "follow_up" / "disease" / "surveillance" / "scan_due" / "scan-reminder" / "piece.yaml"
    with reminder.open("a") as file:
        file.write("channels: [web, post, email]\nfallback: P1D\n")
    clinic.publish(content=content)
    posting = Posting(clinic)
    posting.outbox.channels["email"] = ChannelSetup(posting.mail)
    clinic.enroll("p1")
    own = clinic.token_of_patient("p1")
    assert clinic.post("/v1/me/contacts", own, {"channel": "email", "address": "p1@example.org"}).status == 200
    assert clinic.call("PUT", "/v1/me/preferences", own, json={"channels": ["post", "email"]}).status == 200
    posting.queued_letter()
    posting.correct_address()
    posting.print()
    posting.work()
    assert sorted(row.status for row in posting.messages()) == ["scheduled", "sent", "suppressed"]
    clinic.clock.pass_by(days=1)
    posting.work()
    assert len(posting.mail.got) == 1


def test_without_another_address_the_letter_is_a_task(posting):
    enrollment = posting.queued_letter()
    address_removed(posting, enrollment)
    assert posting.print().withdrawn == 1
    posting.work()
    assert [(row.status, row.reason) for row in posting.messages()] == [("suppressed", "no_contact")]
    assert UNREACHABLE_TITLE in [row.title for row in posting.rows(tasks)]


def test_an_end_leaves_no_task_for_the_letter_whose_address_was_removed(posting):
    enrollment = posting.queued_letter()
    address_removed(posting, enrollment)
    death(posting, enrollment)
    posting.print()
    posting.work()
    assert [(row.status, row.reason) for row in posting.messages()] == [("cleared", "ended")]
    assert UNREACHABLE_TITLE not in [row.title for row in posting.rows(tasks)]


def test_a_lost_sender_leaves_no_letter_to_an_address_that_was_corrected(posting, monkeypatch):
    monkeypatch.setattr("service.outreach.send.store_outcomes", lambda *_: frozenset())
    posting.queued_letter()
    monkeypatch.undo()
    posting.correct_address()
    posting.clinic.clock.pass_by(minutes=2)
    posting.work()
    (file,) = posting.print().files
    assert "Plaza Nueva 2" in file.html
    assert "Calle Mayor" not in file.html
    assert file.count == 1


@pytest.mark.parametrize("change", [scan_done, death, address_removed])
def test_a_change_during_the_printing_keeps_the_letter_from_being_printed(posting, monkeypatch, change):
    """It arrives at the last moment: just before the transaction that would print the letter."""
    enrollment = posting.queued_letter()
    pending, writing = [change], Database.writing

    def writing_after_the_change(database):
        while pending:
            pending.pop()(posting, enrollment)
        return writing(database)

    monkeypatch.setattr(Database, "writing", writing_after_the_change)
    assert (posting.print().files, posting.statuses()) == ([], ["withdrawn"])


def test_a_pause_keeps_the_letter_in_the_queue(posting):
    posting.queued_letter()
    own = posting.clinic.token_of_patient("p1")
    until = {"paused_until": "2026-07-30T10:00:00Z"}
    assert posting.clinic.call("PUT", "/v1/me/preferences", own, json=until).status == 200
    assert (posting.print().files, posting.statuses()) == ([], ["queued"])
    posting.clinic.clock.pass_by(days=1, seconds=1)
    assert [file.count for file in posting.print().files] == [1]


def test_a_letter_whose_handing_over_is_not_stored_waits(posting):
    posting.queued_letter()
    with posting.clinic.service.database.writing() as connection:
        connection.execute(messages.update().values(status=SENDING))
        connection.execute(attempts.update().values(result="begun"))
    assert (posting.print().files, posting.statuses()) == ([], ["queued"])


# --- files ----------------------------------------------------------------------------------------------------------


def test_files_are_readable_by_their_owner_alone(tmp_path):
    for page in ("<p>First</p>", "<p>Second</p>"):
        files = write_print_file(tmp_path, "letters-b1", page)
    assert (tmp_path / "letters-b1.html").read_text() == "<p>Second</p>"
    assert sorted(files) == sorted(tmp_path.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_without_weasyprint_there_is_no_pdf(tmp_path, monkeypatch):
    (tmp_path / "missing").mkdir()
    (tmp_path / "missing" / "weasyprint.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'missing'}{os.pathsep}{ROOT}")
    assert [file.suffix for file in write_print_file(tmp_path, "letters-b1", "<p>Words</p>")] == [".html"]


def test_a_pdf_is_the_same_for_the_same_page_and_loads_nothing(caplog):
    if find_spec("weasyprint") is None:  # importing it here would load a second Pango beside that of Graphviz
        pytest.skip("the extra 'print' is not installed")
    page = '<p>Canaria</p><img src="https://canaria.example/x.png" alt="Canaria"><p style="canaria: 1">x</p>'
    with caplog.at_level(logging.DEBUG):
        assert pdf_of(page) == pdf_of(page)
    assert pdf_of(page).startswith(b"%PDF")
    assert "canaria" not in caplog.text.lower()


# --- the command ----------------------------------------------------------------------------------------------------


def letters_command(posting, *arguments, code=0) -> str:
    environment = {"JOURNEYS_POST_PAPER": "letter", "JOURNEYS_POSTAL_ADDRESS": "1 Main St"}
    command = ["letters", *arguments, "--database", posting.clinic.config.database]
    done = CliRunner(env=environment).invoke(main, command)
    assert done.exit_code == code, done.output
    return done.output


def test_staff_print_confirm_and_record_what_comes_back(posting, tmp_path):
    posting.queued_letter()
    (letter,) = posting.rows(letters)
    assert letter.id in letters_command(posting, "list")
    (file,) = posting.print().files
    assert f"Batch {file.batch}: 1 letter printed, not confirmed." in letters_command(posting, "list")
    assert f"letters-{file.batch}.html" in letters_command(posting, "print", "--to", str(tmp_path))
    assert "Canaria p1" in (tmp_path / f"letters-{file.batch}.html").read_text()
    assert "1 letter recorded as posted." in letters_command(posting, "confirm", file.batch)
    assert "0 letters queued." in letters_command(posting, "list")
    letters_command(posting, "return", letter.id)
    assert posting.contact() == "bad"


def test_the_command_shows_no_address_and_no_words(posting, tmp_path):
    posting.queued_letter()
    form = ("--format", "json")
    output = letters_command(posting, "list", *form) + letters_command(posting, "print", "--to", str(tmp_path), *form)
    assert json.loads(output.splitlines()[1]) == {"batches": [], "withdrawn": 1}, "months later it is of no use"
    assert not any(words in output for words in ("Canaria", "Mayor", "Madrid", "scan"))


def test_an_unknown_letter_or_batch_is_wrong_use(posting):
    assert "No letter has this id" in letters_command(posting, "return", "no-such-id", code=2)
    assert "No batch has this id" in letters_command(posting, "confirm", "no-such-id", code=2)
