"""`journeys paths` prints counts and paths for reading, for programs, and as stories that play."""

import json

from tests.service.cli.test_commands import SAMPLES, run

FROM_SAMPLES = ("--definitions", SAMPLES / "definitions", "--content", SAMPLES / "content")


def test_json_has_the_counts_and_each_path_with_facts_events_and_states():
    result = json.loads(run("paths", "follow_up", "--cover", "transitions", "--format", "json", *FROM_SAMPLES).output)
    assert {"states", "transitions", "pairs", "paths"} <= result["counts"].keys()
    assert all({"facts", "events", "states"} <= path.keys() for path in result["paths"])
    assert result["unfound"] == []


def test_text_names_the_loops_and_ends_with_what_is_covered():
    message = run("paths", "follow_up", "--cover", "states", *FROM_SAMPLES).output
    assert "loop: surveillance.next_scan_later" in message
    assert "paths cover the states; 0 are impossible, 0 not found." in message


def test_stories_go_into_a_folder_and_play(tmp_path):
    run("paths", "follow_up", "--cover", "pairs", "--format", "stories", "--into", tmp_path, *FROM_SAMPLES)
    assert ", 0 failed" in run("test", tmp_path, *FROM_SAMPLES).output


def test_what_does_not_exist_is_wrong_use_and_named():
    assert "Unknown journey 'nope'" in run("paths", "nope", *FROM_SAMPLES, code=2).output
    assert "'pairs'" in run("paths", "follow_up", "--cover", "all", *FROM_SAMPLES, code=2).output
    assert "--into needs" in run("paths", "follow_up", "--into", "there", *FROM_SAMPLES, code=2).output
