"""A small journey with every part of a screen, and the screen after some events."""

from datetime import UTC, datetime
from functools import lru_cache

from journeys.content.catalogue import Catalogue, PieceSource, read_piece
from journeys.content.screen import draw, reportable
from journeys.definition.reading import read_journey
from journeys.engine import Event, refold
from journeys.engine.machine import make_release

DEFINITION = """\
journey: sample
title: {en: A sample}
locales: [en]
facts:
  seen_on: {type: date, title: {en: Your visit}}
  paid_on: {type: date, by: [staff], title: {en: Day of payment}}
  stage:
    type: choice
    title: {en: Stage}
    values: [{I: [{IA: [IA1]}, IB]}, II]
    labels: {I: {en: Stage one}}
  basis: {type: text, max_length: 9, title: {en: Basis}}
  fit: {type: boolean, by: [staff], title: {en: Fit}}
  years: {type: integer, min: 1, max: 9, title: {en: Years}}
  needs: {type: set, values: [money, mood], title: {en: Needs}}
  eye: {type: text, title: {en: Eye}}
  doctor: {type: text, by: [staff], title: {en: Doctor}}
groups:
  staging: [stage, basis]
  sight: [eye, doctor]
triggers:
  booked: {by: [patient], requires: [seen_on], title: {en: A visit is booked}}
  told_stage: {by: [patient, staff], requires: [stage, fit], title: {en: The stage is known}}
  checked: {by: [staff], title: {en: Checked}}
  asked: {by: [patient], resets: [seen_on], title: {en: A question}}
  elsewhere: {by: [patient], title: {en: Elsewhere}}
  halted: {by: [staff], title: {en: Halted}}
ends:
  left: {by: [patient], requires: [seen_on], title: {en: I want to leave}}
  died: {by: [staff], title: {en: Died}}
programme:
  phone: {type: phone, title: {en: Telephone}}
contacts:
  care_team: {title: {en: Your team}, phone: phone}
  hospice: {title: {en: Your hospice team}, phone: phone, show_in: [care.home]}
tracks:
  care:
    initial: ward
    states:
      ward:
        title: {en: On the ward}
        initial: bed
        on:
          booked: stay
          told_stage: stay
          asked:
            - {when: "years > 3", to: home}
            - {when: "years <= 3", to: stay}
        after:
          - {delay: P6M, to: home}
          - {delay: P3M, remind: look-back}
          - {delay: P9M, remind: look-back}
          - {delay: P1M, remind: not-there}
          - {delay: P2D, task: {for: nurses, within: P1D, title: Call}}
          - {delay: -P3D, from: seen_on, remind: visit-soon}
          - {delay: P7D, from: seen_on, to: home}
          - {delay: P1D, from: paid_on, task: {for: nurses, within: P1D, title: Thank}}
          - {delay: P1M, to: home, when: "seen_on is known"}
          - {delay: P5M, to: bad_news}
        states:
          bed: {title: {en: In bed}}
      home: {title: {en: At home}, on: {elsewhere: stay, checked: ward}}
      bad_news: {title: {en: Bad news}, hold_until: checked, on: {checked: stay}}
  pauses:
    initial: none
    states:
      none:
        title: {en: No pause}
        no_content: there is nothing to read
        initial: so_far
        on: {halted: paused}
        states:
          so_far: {title: {en: No pause so far}}
      paused: {title: {en: A pause}, on: {halted: stay}}
"""
PIECE = "purpose: education\n"
PIECES = {
    "care/ward/about": (PIECE + "action: {call: phone}\norder: 1\n", "action: Call us\n"),
    "care/ward/bed/resting": (PIECE + "action: {report: booked}\n", "action: I have a date\nwhy: Because you rest.\n"),
    "care/ward/by-mail": (PIECE + "channels: [email]\n", ""),
    "care/ward/look-back": (PIECE + "reminder: true\n", ""),
    "care/ward/visit-soon": (PIECE + "reminder: true\n", ""),
    "care/home/at-home": (PIECE + "action: {report: booked}\n", "action: I have a date\n"),
}
START = datetime(2026, 1, 10, tzinfo=UTC)


@lru_cache
def release():
    journey, problems = read_journey(DEFINITION.encode(), "sample.yaml")
    assert problems == []
    return make_release(journey)


@lru_cache
def catalogue():
    pieces = {}
    for folder, (shared, front) in PIECES.items():
        key = folder.rpartition("/")[2]
        text = f"---\ntitle: The piece {key}\nsummary: A summary.\n{front}---\nSome text.\n"
        source = PieceSource(key, folder, {"piece.yaml": shared.encode(), "en.md": text.encode()})
        pieces[key], problems = read_piece(source, release().plan)
        assert problems == []
    return Catalogue(release().plan, pieces)


def state(*events, at=START):
    """Return the state at a time, after events: (trigger, day, facts)."""
    plan = release().plan
    made = [event("enrolled", "enrolled", START, {}, {"release": plan.id, "entry": None, "states": {}})]
    made += [event("reported", trigger, day, facts) for trigger, day, facts in events]
    return refold({plan.id: release()}, plan.id, made, at)[0]


def event(kind, trigger, at, facts, data=None):
    name = f"{trigger}-{at.isoformat()}"
    return Event(name, "r", "staff", name, kind, trigger, at, at, True, facts=facts, data=data or {})


def screen(*events, at=START, marks=None, values=None):
    """Return the screen after events, all of them disclosed."""
    shown = state(*events, at=at)
    values = {"phone": "+1 555 0100"} if values is None else values
    can_report = None if shown.ended is not None else reportable(catalogue(), shown, "en")
    return draw(catalogue(), shown, at, "en", marks=marks or {}, can_report=can_report, values=values)
