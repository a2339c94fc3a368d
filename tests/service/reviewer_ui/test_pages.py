"""What the room shows: journeys, states, pieces in every language and channel, comments, versions, patients."""

import html

import pytest

from journeys.definition.graph import reachable_leaves
from service.publishing import review
from service.reviewer_ui.sentences import marked, sentences
from tests.folders import copy_samples

RELEASE = "/room/journeys/follow_up/releases/1"
PIECE = f"{RELEASE}/pieces/scan-due/versions/1"


def opened(clinic, version=1):
    return review.open_piece(clinic.service, "follow_up", 1, "scan-due", version)


@pytest.fixture
def sentence(clinic):
    """A sentence of the piece, in English."""
    from service.reviewer_ui.preview_page import previews_of

    piece = opened(clinic)
    return previews_of(piece.piece, piece.release, (), reachable_leaves(piece.release.plan.journey))[0].sentences[-1]


def test_every_link_of_every_page_leads_somewhere(reviewer):
    """Everything can be reached by following links, and nothing that is linked is missing."""
    seen, ahead = set(), ["/room/"]
    while ahead:
        path = ahead.pop()
        answer = reviewer.get(path)
        assert answer.status in (200, 303), path
        if answer.status == 303:
            ahead.append(answer.location)
        for link in {html.unescape(link).partition("#")[0] for link in answer.links}:
            if link.startswith("/room") and link not in seen:
                seen.add(link)
                ahead.append(link)
    assert {RELEASE, PIECE, f"{RELEASE}/pack", f"{RELEASE}/diagram", "/room/patients"} <= seen
    assert len([path for path in seen if "/states/" in path]) >= 5


def test_what_does_not_exist_is_a_page_that_says_so(reviewer):
    for path in (
        "/room/nothing",
        "/room/journeys/unknown/releases/1",
        "/room/journeys/follow_up/releases/99",
        f"{RELEASE}/states/disease.unknown",
        f"{RELEASE}/diagram?track=unknown",
        f"{RELEASE}/diagram?folded=disease.unknown",
        f"{RELEASE}/diagram?from=disease.recurrence&to=disease.unknown",
        f"{RELEASE}/pieces/unknown/versions/1",
        f"{RELEASE}/pieces/scan-due/versions/9",
        f"{PIECE}/as-sent/fr",
        f"{PIECE}/as-sent/en?variant=99",
        f"{RELEASE}/pieces/scan-due/compare?from=7",
        "/room/enrollments/unknown",
        "/room/assets/access.py",
    ):
        answer = reviewer.get(path)
        assert answer.status == 404 and "Not found." in answer.text, path
        assert '<a class="button" href="/room/">All journeys</a>' in answer.source, path


def test_the_way_between_two_states_is_written_out_in_the_chosen_language(reviewer):
    page = reviewer.get(f"{RELEASE}/diagram?from=disease.surveillance.scan_due&to=disease.recurrence&locale=es")
    assert 'lang="es"' in page.source and ' chosen"' in page.source
    assert "Toca la prueba" in page.text
    none = reviewer.get(f"{RELEASE}/diagram?from=disease.recurrence&to=support.needs_help")
    assert "No way leads from the first state to the second within one track." in none.text


def test_conditions_on_the_page_of_a_state_are_in_words(reviewer):
    page = reviewer.get(f"{RELEASE}/states/disease.surveillance.waiting_for_result")
    assert "is “" in page.text and "==" not in page.text


def test_a_piece_stands_side_by_side_in_every_language_and_channel(clinic, reviewer):
    page = reviewer.get(PIECE)
    piece = opened(clinic).piece
    for locale, text in piece.texts.items():
        for line in text.lines.values():
            assert html.escape(line) in page.source or line in page.text, line
        assert f'aria-labelledby="in-{locale}"' in page.source


def test_the_very_html_that_an_app_is_given_can_be_opened(clinic, reviewer):
    clinic.clock.set("2026-07-20T09:00:00")
    reviewer.sign_in("kim")
    enrollment = clinic.enroll("p1")
    patient = clinic.token_of_patient("p1")
    path = f"/v1/enrollments/{enrollment}/content?format=html"
    results = {item["key"]: item["html"] for item in clinic.get(path, patient)["items"]}
    checked = 0
    for key, text in results.items():
        numbers = review.open_release(clinic.service, "follow_up", 1).numbers
        address = f"{RELEASE}/pieces/{key}/versions/{numbers[key]}/as-sent/en?channel=web"
        shown = [reviewer.get(f"{address}&variant={n}") for n in range(9)]
        variants = [page.source for page in shown if page.status == 200]
        checked += text in variants or any("⟨" in variant for variant in variants)
    assert checked == len(results) > 0


def test_a_comment_stands_at_its_sentence_and_its_markup_is_text(clinic, reviewer, sentence):
    words = "<b>No</b> & <script>alert(1)</script>\nsecond line"
    answer = reviewer.post(f"{PIECE}/comments", {"locale": "en", "sentence": sentence, "text": words})
    assert answer.status == 303 and "#comment-" in answer.location
    page = reviewer.get(PIECE)
    assert "<script" not in page.source and "<b>No" not in page.source
    assert html.escape("<b>No</b> & <script>alert(1)</script>", quote=False) in page.source
    assert f'<blockquote lang="en">{html.escape(sentence)}' in page.source.replace("&#39;", "&#x27;")
    assert "Dr Kim" in page.text


def test_the_same_comment_twice_is_one(clinic, reviewer, sentence):
    """A double click."""
    for _ in range(2):
        reviewer.post(f"{PIECE}/comments", {"locale": "en", "sentence": sentence, "text": "Too long."})
    assert [comment.text for comment in opened(clinic).comments] == ["Too long."]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"locale": "en", "text": "  "}, "1 to 4000 characters"),
        ({"locale": "en", "text": "x" * 4001}, "1 to 4000 characters"),
        ({"locale": "en", "text": "One\r\ntw\u202eo"}, "U+202E RIGHT-TO-LEFT OVERRIDE (line 2, column 3) is not"),
        ({"locale": "en", "text": "a\u200bb"}, "U+200B ZERO WIDTH SPACE (line 1, column 2) is not accepted"),
        ({"locale": "en", "sentence": "x" * 3000, "text": "x"}, "does not have this sentence any more"),
    ],
)
def test_a_comment_that_makes_no_sense_is_given_back(clinic, reviewer, fields, said):
    answer = reviewer.post(f"{PIECE}/comments", fields)
    assert answer.status == 422 and said in answer.text
    assert opened(clinic).comments == []


@pytest.fixture
def second(clinic, tmp_path):
    """A second version of the piece, with another word in English."""
    copy_samples(tmp_path)
    file = next(path for path in tmp_path.rglob("scan-due/en.md"))
    text = file.read_text()
    file.write_text(text.rstrip("\n") + "\n\nBring a list of your medicines.\n")
    clinic.publish(tmp_path / "definitions", tmp_path / "content")


@pytest.mark.usefixtures("second")
def test_versions_are_compared_as_they_are_read(reviewer):
    page = reviewer.get(f"{RELEASE}/pieces/scan-due/compare")
    assert "<ins>" in page.source.partition("Bring a list")[0].rpartition("side-by-side")[2]
    assert "Nothing changed in this language." in page.text
    assert "This is the first version" in reviewer.get(f"{RELEASE}/pieces/where-to-ask/compare").text


def test_the_review_pack_has_every_piece_in_every_language(clinic, reviewer):
    pack = reviewer.get(f"{RELEASE}/pack").text
    release = review.open_release(clinic.service, "follow_up", 1)
    for piece in release.pieces.values():
        for text in piece.texts.values():
            assert all(" ".join(line.split()) in pack for line in text.lines.values()), piece.key
    ways = [pack.count(entry) for entry in ("A path that the engine has gone", "Un camino que el motor ha recorrido")]
    assert ways == [len(release.pieces), len(release.pieces)]


def test_a_patient_is_found_by_a_form_and_explained_and_no_address_names_them(clinic, reviewer, logs):
    enrollment = clinic.enroll("very-secret-ref")
    clinic.report(enrollment, clinic.staff, "scan_done", facts={"last_scan_on": "2026-06-30"})
    result = reviewer.post("/room/patients", {"reference": "very-secret-ref"})
    address = f"/room/enrollments/{enrollment}"
    assert address in result.links and not any("very-secret-ref" in link for link in result.links)
    page = reviewer.get(address)
    assert page.status == 200 and "scan-due" in page.text and "Scan" in page.text
    assert "This patient is in no journey." in reviewer.post("/room/patients", {"reference": "nobody"}).text
    assert "very-secret-ref" not in repr(logs)
    assert any(line["event"] == "explanation read" for line in logs)


def test_sentences_are_found_as_they_are_read_and_no_word_is_changed():
    source = (
        "<p><strong>One main thing.</strong> Then <em>another</em>. And 3.5 mm, e.g. this &amp; that?</p>\n"
        '<ul>\n<li>First</li>\n<li>Second one. Third one<sup class="fn"><a href="#x">1</a></sup>.</li>\n</ul>\n'
        "<p>Year.<sup><a>1</a></sup> Next begins. ¿Y en español? Sí.</p>"
    )
    assert sentences(source) == [
        "One main thing.",
        "Then another.",
        "And 3.5 mm, e.g. this & that?",
        "First",
        "Second one.",
        "Third one1.",
        "Year.1",
        "Next begins.",
        "¿Y en español?",
        "Sí.",
    ]
    assert marked(source, lambda _, written: written) == source
