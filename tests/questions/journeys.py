"""Journeys with questions for the tests: the sample, the shipped lung cancer journey, and random ones with pieces."""

import io
import itertools
from functools import cache, lru_cache
from random import Random

from ruamel.yaml import YAML

from journeys.authoring.lint import PLAY_RULES, lint_files
from journeys.content.catalogue import Catalogue, PieceSource, read_piece
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from journeys.engine.machine import make_release
from journeys.primitives.problems import only_errors
from tests.folders import CONTENT, DEFINITIONS
from tests.reference.generate import random_case

FRONT = "---\ntitle: A title\nsummary: A summary.\n---\n"
ASK = {"question": {"en": "A question?", "es": "¿Una pregunta?"}, "why": {"en": "A reason.", "es": "Una razón."}}


def with_questions(text):
    """Return a definition as YAML with questions for all its facts and groups that patients may tell."""
    yaml = YAML()
    yaml.width = 400
    document = yaml.load(text)
    groups = document.get("groups") or {}
    in_groups = set(itertools.chain.from_iterable(groups.values()))
    facts, locales = document["facts"], document["locales"]

    def ask():  # anew: YAML would write anchors
        return {part: {locale: texts[locale] for locale in locales} for part, texts in ASK.items()}

    def is_of_patients(*names):
        return all("patient" in facts[name].get("by", ["patient"]) for name in names)

    for name, fact in facts.items():
        if name not in in_groups and is_of_patients(name):
            fact["ask"] = ask()
    for name, members in groups.items():
        if is_of_patients(*members):
            groups[name] = {"facts": members, "ask": ask()}
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


@cache
def shipped(key):
    """Return the release of a shipped journey, and its catalogue."""
    linted = lint_files(DEFINITIONS / f"{key}.yaml", CONTENT, rules=PLAY_RULES)
    assert not only_errors(linted.problems), only_errors(linted.problems)[:3]
    return make_release(linted.journey), linted.catalogue


@lru_cache(maxsize=4)
def random_journey(seed):
    """Return the release and the catalogue of a random journey, with questions and some pieces that read its facts."""
    journey, problems = read_journey(with_questions(random_case(seed).definition_yaml("r1")).encode(), "random.yaml")
    assert journey is not None, problems
    plan, chance = compile_journey(journey), Random(seed)
    pieces = {}
    for number in range(6):
        piece = random_piece(plan, f"piece-{number}", chance)
        pieces[piece.key] = piece
    for state in plan.states.values():
        for timer in state.timers:
            if timer.remind is not None and timer.remind not in pieces:
                pieces[timer.remind] = random_piece(plan, timer.remind, chance, reminds_in=state.full)
    release = make_release(journey)
    return release, Catalogue(release.plan, pieces)


def random_piece(plan, key, chance, reminds_in=None):
    """Return a piece of a state, with a condition and parts that depend on facts; or a reminder."""
    place = reminds_in or chance.choice([*plan.states, *plan.tracks])
    first, second, third = (condition(plan, chance) for _ in range(3))
    dates = [name for name, kind in plan.facts.items() if kind.kind == "date"]
    body = f"{{% if {first} %}}Yes.{{% endif %}}\n\n"
    if dates:
        name = chance.choice(dates)
        body += f"{{% if {name} is known %}}On {{{{ {name} | date }}}}.{{% endif %}}\n\n"
    body += f"Words. {{% if {second} %}}More words.{{% endif %}}\n"
    when = f'when: "{third}"\n' if chance.random() < 0.6 else ""
    path = f"{plan.journey.key}/{place.replace('.', '/')}/{key}".partition("/")[2]
    files = {
        "piece.yaml": f"purpose: education\n{when}{'reminder: true' if reminds_in else ''}\n",
        "en.md": FRONT + body,
        "es.md": FRONT + body,
    }
    files = {name: text for name, text in files.items() if name == "piece.yaml" or name[:2] in plan.journey.locales}
    piece, problems = read_piece(
        PieceSource(key, path, {name: text.encode() for name, text in files.items()}, {}), plan
    )
    assert piece is not None, problems
    return piece


def condition(plan, chance):
    """Return a condition on one or two facts, or a fact and a state."""
    parts = [simple(plan, chance) for _ in range(chance.randint(1, 2))]
    if chance.random() < 0.2:
        parts.append(f"in_state('{chance.choice(list(plan.states))}')")
    return chance.choice([" and ", " or "]).join(parts)


def simple(plan, chance):
    name, kind = chance.choice(sorted(plan.facts.items()))
    match kind.kind:
        case "boolean":
            return chance.choice([name, f"not {name}"])
        case "choice":
            return f"{name} == '{chance.choice(kind.values)}'"
        case "set":
            return f"'{chance.choice(kind.values)}' in {name}"
        case "integer":
            return f"{name} > {chance.randint(1, 40)}"
        case "date":
            return chance.choice([f"days_since({name}) < {chance.randint(20, 200)}", f"{name} is known"])
        case _:
            return f"{name} is known"
