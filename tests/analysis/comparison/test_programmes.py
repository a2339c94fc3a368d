"""What differs between the programmes of two releases."""

from dataclasses import replace
from datetime import time

from journeys.analysis.comparison import compare_programmes
from journeys.definition.message_limits import MessageLimits
from journeys.definition.model import Mark, Text, Titles
from journeys.definition.programmes import Programme, Programmes, ValueSetting
from journeys.definition.registration import Registration

NIGHT = MessageLimits(quiet=(time(21), time(8)))


def programmes(*shown):
    return Programmes("sample.programmes.yaml", {programme.key: programme for programme in shown})


def programme(key, limits=NIGHT, phone="555 0100"):
    return Programme(key, Titles({"en": key}), {"phone": ValueSetting(phone)}, messages=limits)


def lines(old, new):
    return [change.in_words() for change in compare_programmes(old, new)]


def test_the_same_programmes_differ_in_nothing():
    assert lines(programmes(programme("north")), programmes(programme("north"))) == []


def test_programmes_are_added_and_removed():
    assert lines(programmes(programme("north")), programmes(programme("south"))) == [
        "programme removed: north",
        "programme added: south",
    ]


def test_changed_limits_of_messages_are_shown():
    longer = MessageLimits(quiet=(time(20), time(9)))
    assert lines(programmes(programme("north")), programmes(programme("north", longer, "555 0199"))) == [
        'programme changed: north: messages {"quiet":["21:00","08:00"]} -> messages {"quiet":["20:00","09:00"]}'
    ]
    assert lines(programmes(programme("north")), programmes(programme("north", MessageLimits()))) == [
        'programme changed: north: messages {"quiet":["21:00","08:00"]} -> no limits of messages'
    ]


def test_a_changed_value_is_named_as_such():
    assert lines(programmes(programme("north")), programmes(programme("north", phone="555 0199"))) == [
        "programme changed: north (its title or its values changed)"
    ]


def test_a_changed_registration_is_named_and_its_place_in_a_file_does_not_count():
    registration = Registration((Titles({"en": "A guide"}),), Titles({"en": "Ready."}), {}, languages=(Text("en"),))
    elsewhere = replace(registration, languages=(Text("en", Mark(3, 7)),))
    north = programme("north")
    old, moved = (replace(north, registration=each) for each in (registration, elsewhere))
    assert lines(programmes(old), programmes(moved)) == []
    changed = "programme changed: north (its registration changed)"
    assert changed in " ".join(lines(programmes(north), programmes(old)))
