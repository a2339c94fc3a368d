import pytest

from journeys.content.markdown import CLOSE, OPEN
from journeys.content.templates import fill, renderings
from journeys.definition.conditions import World
from journeys.review.annotated import annotate
from journeys.review.proof import count, prove
from tests.review.journeys_shipped import made, plan_with, reachable, shipped
from tests.samples.sample import plan

UNREACHABLE = """      forgotten:
        title: {en: Forgotten, es: Olvidado}
        on: {answers_given: stay}
"""
WITH_UNREACHABLE = ("  support:\n    title", UNREACHABLE + "  support:\n    title")


@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_renderings_of_the_shipped_journey_are_as_many_as_its_cells_give(locale):
    lint = shipped()
    for piece in lint.catalogue.pieces.values():
        proof = prove(piece, lint.plan, locale, reachable=reachable())
        assert proof.problems == ()
        assert all(count.agrees for count in proof.counts)
        assert {entry.channel for entry in proof.counts} == {entry.channel for entry in proof.shown}


ELIF = "{% if pack_years > 3 %}\nA.\n{% elif pack_years > 1 %}\nB.\n{% endif %}\n"
LOOP = "{% for one in spread_sites %}\n- {{ one | label }}\n{% endfor %}\n"


def only_if(condition: str, words: str = "Words.\n") -> str:
    return f"{{% if {condition} %}}\n{words}{{% endif %}}\n"


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("Some text.\n", 1),
        (only_if("operable"), 2),
        (only_if("operable is known", "{% if operable %}\nYes.\n{% else %}\nNo.\n{% endif %}\n"), 3),
        (only_if("operable", "A.\n") + "\n" + only_if("smoker", "B.\n"), 4),
        (only_if("operable", "A.\n") + "\nM.\n\n" + only_if("operable", "B.\n"), 2),
        (only_if("stage_group == 'IA'", "A.\n") + only_if("stage_group == 'I'", "B.\n"), 3),
        (only_if("spread_sites is known", LOOP), 2),
        (only_if("'brain' in spread_sites", f"A.\n{LOOP}"), 2),
        (only_if("in_state('care.follow_up.due')"), 2),
        (only_if("days_since(last_scan_on) < 30", "A.\n") + only_if("days_since(last_scan_on) > 60", "B.\n"), 3),
        (
            only_if("pack_years is known", "{% if pack_years > 3 %}\nA.\n{% elif pack_years > 1 %}\nB.\n{% endif %}\n"),
            3,
        ),
    ],
)
def test_counting_by_cells_agrees_with_the_walk_of_the_template(body, number):
    piece = made(body, place="care/made-up")
    proof = prove(piece, plan(), "en")
    assert count(piece.texts["en"].body, plan()) == number
    assert len(renderings(piece.texts["en"].body, plan())) == number
    assert proof.problems == ()
    assert [count.agrees for count in proof.counts] == [True, True]


def test_every_rendering_of_the_shipped_journey_is_made_again_from_its_own_facts():
    """The facts on the page, given to what serves patients, give the very words."""
    lint = shipped()
    for piece in lint.catalogue.pieces.values():
        template = piece.texts["en"].body
        for rendering in prove(piece, lint.plan, "en", reachable=reachable()).shown:
            if rendering.channel == "web":
                world = World(
                    rendering.facts, frozenset(rendering.places), rendering.visits, rendering.now, rendering.since
                )
                filled = fill(template, world, lambda value, _: value.placeholder)
                assert filled.markdown == renderings(template, lint.plan)[rendering.number - 1].text, piece.key


def test_a_branch_that_no_patient_can_meet_is_named_with_its_place():
    piece = made("Some text.\n\n{% if in_state('care.follow_up.due') %}\nNever here.\n{% endif %}\n")
    annotated = annotate(piece, plan(), "en")
    (problem,) = annotated.problems
    assert "in “A scan is due”" in problem
    assert "en.md:7" in problem
    assert [paragraph.is_reached for paragraph in annotated.paragraphs] == [True, False]


def test_a_branch_that_only_a_state_without_a_way_to_it_would_show_is_named():
    changed = plan_with(*WITH_UNREACHABLE)
    body = "Some text.\n\n{% if in_state('care.forgotten') %}\nNever.\n{% endif %}\n"
    piece = made(body, of=changed, place="care/made-up")
    annotated = annotate(piece, changed, "en")
    assert [paragraph.is_reached for paragraph in annotated.paragraphs] == [True, False]
    shown = prove(piece, changed, "en").shown
    assert [rendering.reached for rendering in shown if rendering.channel == "web"] == [False, True]


def test_a_piece_that_no_state_shows_is_named():
    changed = plan_with(*WITH_UNREACHABLE)
    piece = made(of=changed, place="care/forgotten/made-up")
    assert annotate(piece, changed, "en").problems == ("No declared way leads to a state that shows this piece.",)


def test_a_reminder_that_no_timer_sends_is_named():
    piece = made(shared="purpose: education\nreminder: true\n")
    (problem,) = annotate(piece, plan(), "en").problems
    assert "no timer" in problem


def test_a_piece_whose_condition_is_never_true_is_named():
    piece = made(shared="purpose: education\nwhen: \"in_state('care.follow_up.due')\"\n")
    annotated = annotate(piece, plan(), "en")
    assert annotated.problems == ("Its condition is never true in the states that show it.",)
    assert annotated.renderings == 0


def test_marks_of_values_never_reach_a_reader():
    lint = shipped()
    for piece in lint.catalogue.pieces.values():
        for rendering in prove(piece, lint.plan, "es", reachable=reachable()).shown:
            text = f"{rendering.rendered.html}{rendering.rendered.text}"
            assert OPEN not in text
            assert CLOSE not in text
