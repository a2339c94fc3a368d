"""Random journeys with a piece for each state, published for the twins; made from seeds, always the same."""

from dataclasses import dataclass
from pathlib import Path

from tests.questions.journeys import with_questions
from tests.reference.fold import state_at
from tests.reference.generate import random_case, reads, states_of

TELLINGS = ("discussed", "explained")
PIECE = "purpose: support\norder: {order}\n"
#: Every second state sends its piece by itself.
SENDS = "channels: [web, email, sms]\nsend: {{on: entry, delay: {delay}}}\nuseful_for: P21D\nnot_again: P1D\n"
REMINDER = "purpose: adherence\nreminder: true\nuseful_for: P3D\nchannels: [sms]\n"
TEXT = (
    "---\ntitle: About {name}\nsummary: Words about {name}.\nsubject: News\ntext: Please look.\n---\n"
    "This is about {name}.\n"
)
REMINDER_TEXT = (
    "---\ntitle: About {name}\nsummary: A reminder.\ntext: Please look into your app.\n---\n"
    "Please look at it when you have time.\n"
)
CODE = "kind: verification\npurpose: support\n"
CODE_TEXT = (
    "---\ntitle: Your code\nsummary: A code.\nsubject: Your code\ntext: Your code is {{ code }}.\n---\n"
    "Your code is {{ code }}.\n"
)
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4"/></svg>\n'
PICTURE_TEXT = (
    "---\ntitle: About {name}\nsummary: A picture.\nimage_alt: A circle in a square.\n---\nThis is about {name}.\n"
)
#: Much is asked, and questions rest and are asked again while a life is short.
ASKING = "asking: {at_once: 4, a_week: 12, showings: 2, rest: P7D}"
#: One that comes again and again anywhere, with a question that is measured, and one of the held states.
SURVEY = """\
  {name}:
    question: {{en: How is it?}}
    why: {{en: A reason.}}
    purpose: {{en: We count the answers.}}
    show_in: [{states}]
    facts: [{facts}]
    {more}
    thanks: {{text: {{en: A call for you.}}, task: {{for: team, within: P2D, title: Call and say thanks}}}}
"""
MEASURE = "measures: {is_well: {type: boolean, title: {en: Is it well}}}"
TOPIC_NAMES = ("news", "outlook")
TOPICS = "topics:\n  news: {en: News}\n  outlook: {title: {en: Outlook}, on_request: true}\n"
DELAYS = ("PT0S", "P1D", "PT12H", "P7D")


@dataclass(frozen=True, repr=False)
class MadeUpJourney:
    """A published random journey: its definition as the reference has it, and the keys of its pieces."""

    key: str
    definition: dict
    pieces: tuple[str, ...]

    def __repr__(self) -> str:
        return self.key

    @property
    def held_states(self) -> list[str]:
        """The full paths of its held states."""
        return [f"{track}.{path}" for track, path, state in states_of(self.definition) if state.get("hold_until")]

    @property
    def held_facts(self) -> list[str]:
        """The names of its held facts."""
        return [name for name, fact in self.definition["facts"].items() if fact.get("hold_until")]

    @property
    def surveys(self) -> dict[str, tuple[list[str], list[str], str]]:
        """The states of each survey, its facts, and what else it declares, by name."""
        grouped = {fact for members in self.definition["groups"].values() for fact in members}
        facts = [
            name
            for name, fact in self.definition["facts"].items()
            if not fact.get("hold_until") and "patient" in fact.get("by", ["patient"]) and name not in grouped
        ]
        everywhere = [f"{track}.{path}" for track, path, _ in states_of(self.definition)]
        surveys = {"survey_of_all": (everywhere, facts[:1], f"again: P3D\n    {MEASURE}")}
        return surveys | ({"survey_of_news": (self.held_states, facts[:2], "again: P3D")} if facts else {})

    @property
    def tellings(self) -> list[str]:
        """The triggers that tell."""
        return [name for name in TELLINGS if name in self.definition["triggers"]]

    def held_facts_read(self, tracks) -> list[tuple[str, str]]:
        """The triggers that some open stays declare, each with a held fact that a condition reads there."""
        conditions = self.definition["conditions"]
        return [
            (name, fact)
            for state in self.open_states(tracks)
            for name, transitions in state.get("on", {}).items()
            for fact in self.held_facts
            if any(fact in reads(way["when"], conditions) for way in transitions if way["when"])
        ]

    def triggers_heard(self, tracks) -> list[str]:
        """The triggers that some open stays declare."""
        states = self.open_states(tracks)
        return [name for state in states for name in state.get("on", {}) if name in self.definition["triggers"]]

    def open_states(self, tracks) -> list[dict]:
        """The definitions of the states of some open stays."""
        return [state_at(self.definition, track, stay.state) or {} for track in tracks for stay in tracks[track]]


def journey_of(seed: int) -> MadeUpJourney | None:
    """Return the journey of a seed, or None where it holds nothing or lint refuses it as lost."""
    case = random_case(seed)
    definition = case.releases["r1"]
    states = [path for _, path, _ in states_of(definition)]
    pieces = (*(f"state-{number}" for number in range(len(states))), "picture", *case.pieces)
    journey = MadeUpJourney(f"made_up_{seed}", definition, pieces)
    return journey if journey.held_states and journey.held_facts else None


def write_journey(seed: int, definitions: Path, content: Path) -> None:
    """Write the files of the journey of a seed."""
    case, journey = random_case(seed), journey_of(seed)
    assert journey is not None
    text = case.definition_yaml("r1").replace("journey: made_up", f"journey: {journey.key}\n{ASKING}", 1)
    file = definitions / f"{journey.key}.yaml"
    surveys = "surveys:\n" + "".join(
        SURVEY.format(name=name, states=", ".join(states), facts=", ".join(facts), more=more)
        for name, (states, facts, more) in journey.surveys.items()
    )
    file.write_text(with_questions(text + TOPICS + surveys), encoding="utf-8")
    folder = content / journey.key
    for number, (track, path, _) in enumerate(states_of(journey.definition)):
        name = f"state-{number}"
        piece = folder.joinpath(track, *path.split("."), name)
        sends = SENDS.format(delay=DELAYS[number % len(DELAYS)]) if number % 2 else "channels: [web, email, sms]\n"
        write_piece(piece, PIECE.format(order=number) + sends + shared_as(number), TEXT.format(name=name))
    write_piece(folder / "_texts" / "code", CODE, CODE_TEXT)
    folder /= next(iter(journey.definition["tracks"]))
    picture = folder / "picture"
    write_piece(picture, PIECE.format(order=99) + "image: {file: figure.svg}\n", PICTURE_TEXT.format(name="all"))
    (picture / "figure.svg").write_text(PICTURE, encoding="utf-8")
    write_piece(folder / "outlook", PIECE.format(order=98) + "topic: outlook\n", TEXT.format(name="what may lie ahead"))
    for name in case.pieces:
        write_piece(folder / name, REMINDER, REMINDER_TEXT.format(name=name))


def shared_as(number: int) -> str:
    """How a piece may be shared with caregivers: never, by a topic, or with the course of the journey."""
    return "tags: [private]\n" if number % 4 == 2 else "topic: news\n" if number % 4 == 3 else ""


def write_piece(folder: Path, properties: str, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "piece.yaml").write_text(properties, encoding="utf-8")
    (folder / "en.md").write_text(text, encoding="utf-8")
