"""A small journey in one language whose files are written in many ways, for tests of translation."""

from pathlib import Path

from journeys.authoring.lint import lint_files
from journeys.authoring.translation import (
    Row,
    TranslationFile,
    apply_translation,
    read_journey_files,
    rows_of,
    units_of,
    with_locale,
)

DEFINITION = """\
# The yearly check-up.
journey: checkup
title: {en: Yearly check-up}   # a flow mapping, with a comment behind it
locales: [en]
facts:
  last_visit_on:
    type: date
    past: true
    title:
      en: "Your last visit"   # a block mapping, with a comment
  kind:
    type: choice
    values: [eye, "1.5 T"]
    title: {en: "Kind, of \\"visit\\""}
    labels:
      eye: {en: Eyes}
      "1.5 T":
        en: |
          A scan
          at 1.5 T

triggers:
  visit_done: {by: [patient, staff], requires: [last_visit_on], title: {en: Visit done}}
  kind_told:
    title:
      en: Kind
        told
    by: [patient]
    requires: [kind]
ends:
  left: {by: [patient, staff], title: {en: Left the programme}}
entry:
  start: {title: {en: I want to be reminded}, state: visit.none_due, asks: [last_visit_on]}
programme:
  team_name: {type: text, max_length: 20, title: {en: Name of the team}}
  team_phone: {type: phone, title: {en: Phone of the team}}
tracks:
  visit:
    initial: none_due
    states:
      none_due:
        title: {en: No visit due}
        on: {visit_done: none_due}
        after:
          - {delay: P1Y, from: last_visit_on, to: due}
          - {delay: P1M, to: due, when: last_visit_on is not known}
      due:
        title: {en: A visit is due}
        on: {visit_done: none_due, kind_told: stay}
"""
PROGRAMMES = """\
programmes:
  riverside:
    title: {en: Riverside Center}
    values:
      team_name: {en: The Riverside team}
      team_phone: "+1 555 010 0100"
"""
BOOK = """\
---
title: Time to book a visit
summary: "A year has gone by: it is time."
---
**Call {{ programme.team_name }}**, at [the phone](tel:{{ programme.team_phone }}). It is free.[^cdc]

{% if last_visit_on is known %}

- Your last visit was on {{ last_visit_on | date }}.
- [How a visit goes](https://www.cdc.gov/visits) about it.

{% endif %}

{% include "emergency" %}
"""
PIECE = """\
piece:   # once, in the first language
  purpose: education
  references:
    cdc: {title: About check-ups, url: "https://www.cdc.gov/check-ups"}
"""
#: The settings of the piece `book`; the other piece has a `piece.yaml`.
ALL_SET = (
    "---\r\ntitle: You are all set\r\nsummary: No visit is due now.\r\n---\r\nWe will tell you\r\nwhen it is time.\r\n"
)
EMERGENCY = "**In an emergency**, call {{ programme.team_phone }}.\n"
DUE = "content/checkup/visit/due/book"
NONE_DUE = "content/checkup/visit/none_due/all-set"
FILES = {
    "definitions/checkup.yaml": DEFINITION,
    "definitions/checkup.programmes.yaml": PROGRAMMES,
    f"{DUE}/en.md": BOOK.replace("---\n**", f"{PIECE}---\n**"),
    f"{NONE_DUE}/piece.yaml": "purpose: education\n",
    f"{NONE_DUE}/en.md": ALL_SET,
    "content/checkup/_partials/emergency.en.md": EMERGENCY,
}
TEXTS = 18
#: The texts by locale (15) and the Markdown files (3).


def write_journey(folder: Path, **changed: str) -> Path:
    """Writes the journey into a folder and returns the folder."""
    for name, text in {**FILES, **changed}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def read(folder: Path, key: str = "checkup"):
    """The texts of the journey of a folder."""
    files, problems = read_journey_files(folder / f"definitions/{key}.yaml", folder / "content")
    assert problems == []
    return files


def write(files):
    for name, data in files.items():
        Path(name).write_bytes(data)


def in_spanish(folder: Path, **changed: str):
    """The journey with Spanish, all of which waits, written into a folder."""
    write_journey(folder, **changed)
    files, problems = with_locale(read(folder), "es")
    assert problems == []
    write(files)
    return read(folder)


def lint(folder: Path):
    return lint_files(folder / "definitions/checkup.yaml", folder / "content")


def units(files, locale="es"):
    """The units by id, without the key of the journey."""
    return {unit.id.partition(":")[2]: unit for unit in units_of(files, locale)}


def translation(files, targets, **changed):
    """A file in which some units, by id without the journey's key, have a target."""
    rows = [
        Row(row.id, row.source, targets.get(row.id.partition(":")[2], row.target), "translated")
        for row in rows_of(units_of(files, "es"))
    ]
    of = {"journey": files.journey.key, "source_locale": "en", "locale": "es", "rows": tuple(rows), **changed}
    return TranslationFile(**of)


def applied(files, targets, **changed):
    return apply_translation(files, translation(files, targets, **changed))


def in_capitals(text: str) -> str:
    """A translation that keeps what must be kept: the letters before the first sign of a tag, link or footnote."""
    head = next((place for place, sign in enumerate(text) if sign in "{[<"), len(text))
    return text[:head].upper() + text[head:] + " ¡ya!"
