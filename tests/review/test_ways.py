import re
from dataclasses import replace

import pytest

from journeys.analysis.paths import replay
from journeys.content.catalogue import consider
from journeys.definition.graph import graph_of
from journeys.definition.model import TOPIC_ASKED
from journeys.engine.machine import make_release
from journeys.review.documents import pack_document
from journeys.review.pack import make_pack
from journeys.review.ways import ways_to
from tests.review.journeys_shipped import JOURNEYS, made, plan_with, shipped
from tests.review.test_proof import WITH_UNREACHABLE


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_piece_of_the_shipped_journeys_is_at_the_end_of_a_path_that_the_engine_goes(journey):
    lint = shipped(journey)
    release = make_release(lint.journey)
    ways = ways_to(release, lint.catalogue)
    assert ways.keys() == lint.catalogue.pages.keys()
    graph = graph_of(release.plan)
    for key, path in ways.items():
        replayed = replay(release, graph, path)
        assert replayed.is_as_claimed(path)
        piece = lint.catalogue.pieces[key]
        asked = replace(replayed.state, topics={str(piece.topic): TOPIC_ASKED})
        assert consider(release.plan, piece, asked, path.until, as_reminder=piece.is_reminder).is_shown


def test_the_pack_says_the_path_in_the_language_of_its_part():
    lint = shipped()
    pieces = [lint.catalogue.pieces["scan-due"]]
    ways = ways_to(make_release(lint.journey), type(lint.catalogue)(lint.plan, {"scan-due": pieces[0]}))
    pack = make_pack(lint.plan, pieces, locales=["es"], ways=ways)
    path_text = pack.parts[0].chapters[0].way
    assert re.match(r"5 de enero de 2026: se inscribe: «[^»]+» ", path_text)
    assert path_text in pack_document(pack)
    assert pack.parts[0].problems == ()


def test_a_piece_without_a_path_is_a_problem_said_once():
    pack = make_pack(plan_with(*WITH_UNREACHABLE), [made()], locales=["en"], ways={})
    assert pack.parts[0].problems == (("made-up", "No path that shows it was found."),)
    changed = plan_with(*WITH_UNREACHABLE)
    hidden = made(of=changed, place="care/forgotten/made-up")
    (problem,) = make_pack(changed, [hidden], locales=["en"], ways={}).parts[0].problems
    assert problem[1].startswith("No declared way leads")
