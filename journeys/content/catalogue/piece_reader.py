"""Reads `piece.yaml`, the settings that all languages of a piece have in common, against a release."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from journeys.content.catalogue.front_matter import FrontMatterForm
from journeys.content.catalogue.pictures import MEDIA_TYPES
from journeys.content.catalogue.piece import DEFAULT_ORDER, RULE, Action, Picture, Piece, Reference, Reviewed
from journeys.content.catalogue.piece_form import (
    KINDS_WITH,
    MESSAGE_FIELDS,
    NOTE,
    CardActionForm,
    ImageForm,
    PieceForm,
    ReferenceForm,
    ReviewForm,
)
from journeys.content.catalogue.sending import LONGEST_NOT_AGAIN, Send, SendForm, is_longer, read_send
from journeys.content.catalogue.sources import SHARED, TEXT_FOLDER, PieceSource
from journeys.content.catalogue.text_kinds import NOUNS, SENT_BY, Grants, GrantsForm, PieceKind, read_grants
from journeys.content.markdown import accepts_link
from journeys.content.templates import SourcePosition
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Compiled, ConditionError, compile_condition, parse_condition
from journeys.definition.model import Mark, Text
from journeys.definition.reading import Shape, read_tree
from journeys.definition.reading.forms import FileForm, FormField
from journeys.permission import PERSON_CHANNELS
from journeys.primitives.canonical import parse_day
from journeys.primitives.characters import is_plain_line
from journeys.primitives.durations import parse_duration
from journeys.primitives.problems import Problem, did_you_mean

_OF_FRONT_MATTER = " Write it in the front matter of each language, such as en.md."


class PieceReader(Shape):
    """Reads piece.yaml."""

    hints = MappingProxyType(dict.fromkeys((line.key for line in FrontMatterForm.fields), _OF_FRONT_MATTER))

    def __init__(self, folder: str, plan: ReleasePlan, source: PieceSource) -> None:
        super().__init__(f"{folder}/{source.place}/{source.shared_file}", RULE)
        self.plan = plan
        self.source = source
        self.track = source.place.partition("/")[0]
        self.place = source.mark_of_shared if source.block is not None else None
        self.reference_marks: dict[str, Mark] = {}
        self.positions: dict[str, SourcePosition] = {}

    def read(self) -> Piece:
        """The result of reading; problems are collected in `problems`."""
        tree, problems = read_tree(self.source.files.get(SHARED, b""), self.file, place=self.place)
        self.problems += problems
        is_broken = tree is None and bool(problems)
        form = PieceForm.read(self, tree, "a piece", is_file=True, only=() if is_broken else None)
        order = form.order
        kind = self.kind(form)
        return Piece(
            key=self.source.key,
            version=self.source.version,
            place=self.source.place,
            states=self.states(form) if kind == "page" else (),
            purpose=form.purpose,
            when=self.when(form.when),
            channels=self.channels(form, kind),
            tags=form.tags,
            order=DEFAULT_ORDER if order is None else order,
            is_reminder=form.reminder,
            references=self.references(form),
            texts={},
            action=self.action(form),
            image=self.image(form),
            reviewed=self.reviewed(form),
            kind=kind,
            grants=self.grants(form),
            answers=form.answers if PieceForm.answers in form else None,
            frames=form.frames if PieceForm.frames in form else None,
            send=self.send(form),
            useful_for=parse_duration(form.useful_for) if PieceForm.useful_for in form else None,
            not_again=parse_duration(form.not_again),
            fallback=parse_duration(form.fallback) if PieceForm.fallback in form else None,
            is_critical=form.critical,
            topic=self.topic(form),
            positions=self.positions,
        )

    # --- kind ----------------------------------------------------------------------------------------------

    def kind(self, form: PieceForm) -> PieceKind:
        """The kind of the piece; keys and folders that do not fit it are noted."""
        kind = form.kind
        if kind != "page" and self.source.place != f"{TEXT_FOLDER}/{self.source.key}":
            self.problem(
                form.at(PieceForm.kind), f"{NOUNS[kind]} belongs in the folder {TEXT_FOLDER}/{self.source.key}/."
            )
        for field in PieceForm.fields:
            if field in form and kind not in KINDS_WITH.get(field, (kind,)):
                accepted = ", ".join(NOUNS[other] for other in KINDS_WITH[field])
                self.problem(form.at(field), f"'{field.key}' has no meaning in {NOUNS[kind]}, only in {accepted}.")
        needed = next((field for field, kinds_with in KINDS_WITH.items() if kinds_with == (kind,)), None)
        if kind != "page" and needed is not None and needed not in form:
            self.problem(form.mark, f"{NOUNS[kind]} needs '{needed.key}': {needed.kind.accepts}.")
        if kind in ("reply", "frame", "verification", "sign_in") and form.purpose == "marketing":
            self.problem(form.at(PieceForm.purpose), f"{NOUNS[kind]} cannot advertise; write another purpose.")
        return kind

    def channels(self, form: PieceForm, kind: PieceKind) -> tuple[str, ...]:
        """The channels of the piece; only a page chooses them."""
        if kind == "frame":
            return (form.frames,)
        return form.channels if kind == "page" else SENT_BY[kind]

    def topic(self, form: PieceForm) -> str | None:
        """The topic of the piece; one that the release does not declare, or that safety does not allow, is noted."""
        if PieceForm.topic not in form:
            return None
        name, topics = form.topic, self.plan.journey.topics
        if name not in topics:
            self.problem(form.at(PieceForm.topic), f"Unknown topic '{name[:80]}'.{did_you_mean(name, topics)}")
        if form.critical:
            self.problem(form.at(PieceForm.topic), "A critical message cannot be switched off; remove 'topic'.")
        return name or None

    def send(self, form: PieceForm) -> Send | None:
        """The occasion on which the piece is sent by itself; settings of messages that have no meaning are noted."""
        self.positions |= {key: self.position(mark) for key, mark in form.key_marks.items()}
        for field in MESSAGE_FIELDS:
            if field in form and PieceForm.send not in form and not form.reminder:
                self.problem(form.at(field), f"'{field.key}' has no meaning without 'send' or 'reminder'.")
        if PieceForm.critical in form and form.purpose != "treatment":
            self.problem(form.at(PieceForm.critical), "'critical' is accepted only with 'purpose: treatment'.")
        for field in (PieceForm.useful_for, PieceForm.not_again, PieceForm.fallback):
            if field in form and parse_duration(form[field]).is_zero_or_negative:
                self.problem(form.at(field), f"'{field.key}' must be a duration of more than zero, such as P3D.")
        if PieceForm.not_again in form and is_longer(parse_duration(form.not_again), parse_duration(LONGEST_NOT_AGAIN)):
            message = f"'not_again' is {form.not_again}; accepted are durations up to {LONGEST_NOT_AGAIN}."
            self.problem(form.at(PieceForm.not_again), message)
        if PieceForm.fallback in form:
            self.check_fallback(form)
        if PieceForm.send not in form:
            return None
        if form.reminder:
            self.problem(form.at(PieceForm.send), "A reminder is sent by timers; remove 'send' or 'reminder'.")
        if set(PERSON_CHANNELS).isdisjoint(form.channels):
            message = f"'send' needs a channel of messages, one of {', '.join(PERSON_CHANNELS)}."
            self.problem(form.at(PieceForm.send), message)
        sent = SendForm.read(self, form.send, "'send'")
        self.positions |= {f"send.{key}": self.position(mark) for key, mark in sent.key_marks.items()}
        return read_send(self, sent)

    def check_fallback(self, form: PieceForm) -> None:
        """Notes a fallback without a second channel, or one that comes when the message is of no use any more."""
        if len({*PERSON_CHANNELS} & {*form.channels}) < 2:
            message = f"'fallback' needs two or more of the channels {', '.join(PERSON_CHANNELS)}."
            self.problem(form.at(PieceForm.fallback), message)
        if PieceForm.useful_for in form and not is_longer(
            parse_duration(form.useful_for), parse_duration(form.fallback)
        ):
            message = f"'fallback' must be shorter than 'useful_for', which is {form.useful_for}."
            self.problem(form.at(PieceForm.fallback), message)

    def position(self, mark: Mark) -> SourcePosition:
        """A position in the file."""
        return SourcePosition(self.file, mark.line, mark.column)

    def grants(self, form: PieceForm) -> Grants | None:
        """What a consent text asks for."""
        if PieceForm.grants not in form:
            return None
        grants = read_grants(self, GrantsForm.read(self, form.grants, "'grants'"))
        if "marketing" in grants.purposes and form.purpose != "marketing":
            message = "A consent text that asks for marketing needs 'purpose: marketing', which decides who signs."
            self.problem(form.at(PieceForm.purpose), message)
        return grants

    # --- where ---------------------------------------------------------------------------------------------

    def states(self, form: PieceForm) -> tuple[str, ...]:
        """The full paths of the states that show the piece."""
        own = self.own_state()
        if PieceForm.show_in not in form:
            return (own,) if own else ()
        states = [self.shown_in(text.text, text.mark) for text in form.show_in]
        if not states:
            self.problem(
                form.at(PieceForm.show_in),
                "'show_in' is empty; leave it out to show the piece in its folder's state.",
            )
        return tuple(dict.fromkeys(state for state in states if state))

    def own_state(self) -> str | None:
        """The state or track that the folder means."""
        track, *path = self.source.place.split("/")[:-1]
        if track == TEXT_FOLDER:
            self.problem(Mark(), f"A piece in '{TEXT_FOLDER}' needs 'kind': {PieceForm.kind.kind.accepts}.")
            return None
        if track not in self.plan.tracks:
            message = f"The folder '{track}' is not a track of the journey.{did_you_mean(track, self.plan.tracks)}"
            self.problem(Mark(), message)
            return None
        states = self.plan.tracks[track].states
        if path and ".".join(path) not in states:
            folders = [state.replace(".", "/") for state in states]
            hint = did_you_mean("/".join(path), folders)
            self.problem(Mark(), f"The folder '{'/'.join(path)}' is not a state of the track '{track}'.{hint}")
            return None
        return ".".join((track, *path))

    def shown_in(self, written: str, mark: Mark) -> str | None:
        """The state that an entry of `show_in` names."""
        if written in self.plan.tracks:
            return written
        track = self.track if self.track in self.plan.tracks else None
        state = self.plan.journey.resolve_state(written, track)
        if state is None:
            hint = did_you_mean(written, self.plan.journey.state_paths)
            self.problem(mark, f"'{written[:80]}' in 'show_in' is not a state of this journey.{hint}")
        return state

    # --- the rest ------------------------------------------------------------------------------------------

    def when(self, text: Text | None) -> Compiled | None:
        """The compiled condition of the piece."""
        if text is None:
            return None
        track = self.track if self.track in self.plan.tracks else None
        try:
            checked = parse_condition(text.text, self.plan.scope(track, stay=True))
        except ConditionError as error:
            for message in error.messages:
                self.problem(text.mark, message, "condition")
            return None
        return compile_condition(text.text, checked, self.plan.facts)

    def references(self, piece: PieceForm) -> dict[str, Reference]:
        """The references by their key."""
        references: dict[str, Reference] = {}
        for key, value in self.entries(piece.references, piece.label(PieceForm.references)):
            label = f"the reference '{key.text[:64]}'"
            if not NOTE.fullmatch(key.text):
                self.problem(key.mark, f"The name of {label} must be letters, digits, '_' and '-' (at most 64).")
            form = ReferenceForm.read(self, value, label)
            url = form.url
            if url:
                self.check_address(url, form, ReferenceForm.url)
            self.reference_marks[key.text] = key.mark
            references[key.text] = Reference(key.text, form.title, form.source, url)
        return references

    def check_address(self, address: str, form: FileForm, field: FormField[str]) -> None:
        """Notes an address that is not accepted."""
        if not (address.startswith("https://") and accepts_link(address)):
            self.problem(form.at(field), f"{form.label(field)} must begin with https:// and name a host.")

    # --- cards ---------------------------------------------------------------------------------------------

    def image(self, piece: PieceForm) -> Picture | None:
        """The picture of the card."""
        pictures = self.source.pictures
        if PieceForm.image not in piece:
            for name in pictures:
                self.problem(Mark(), f"The picture '{name}' is not shown; write 'image: {{file: {name}}}'.")
            return None
        form = ImageForm.read(self, piece.image, "'image'")
        name, mark = form.file, form.at(ImageForm.file)
        if name not in pictures:
            hint = did_you_mean(name, pictures)
            self.problem(mark, f"The picture '{name[:80]}' is not beside {self.source.shared_file}.{hint}")
            return None
        for other in pictures:
            if other != name:
                self.problem(mark, f"A piece has one picture; remove '{other}'.")
        return Picture(name, MEDIA_TYPES[f".{name.rpartition('.')[2]}"], pictures[name])

    def action(self, piece: PieceForm) -> Action | None:
        """The action of the card."""
        if PieceForm.action not in piece:
            return None
        form = CardActionForm.read(self, piece.action, "'action'")
        actions = [action for action in CardActionForm.fields if action in form]
        if len(actions) != 1:
            keys = ", ".join(action.key for action in CardActionForm.fields)
            self.problem(form.mark, f"'action' needs one of {keys}, and one only.")
            return None
        if CardActionForm.report in form:
            target = form.report
            self.check_report(target, form.at(CardActionForm.report))
            return Action("report", target)
        if CardActionForm.call in form:
            target = form.call
            self.check_call(target, form.at(CardActionForm.call))
            return Action("call", target)
        target = form.link
        self.check_address(target, form, CardActionForm.link)
        return Action("link", target)

    def check_report(self, name: str, mark: Mark) -> None:
        """Checks that an action reports an event that patients may report."""
        journey = self.plan.journey
        trigger = journey.triggers.get(name) or journey.ends.get(name)
        theirs = [
            trigger.name for trigger in (*journey.triggers.values(), *journey.ends.values()) if "patient" in trigger.by
        ]
        if trigger is None:
            self.problem(
                mark, f"'{name[:80]}' in 'action' is not a trigger of this journey.{did_you_mean(name, theirs)}"
            )
        elif "patient" not in trigger.by:
            accepted = " or ".join(sorted(trigger.by))
            self.problem(mark, f"'{name}' in 'action' is reported by {accepted}, not by patients.")

    def check_call(self, name: str, mark: Mark) -> None:
        """Checks that an action calls a telephone number of the programme."""
        declared = self.plan.journey.programme
        phones = [value.name for value in declared.values() if value.kind == "phone"]
        if name not in phones:
            label = "is not a telephone number" if name in declared else "is not a declared value"
            self.problem(mark, f"'{name[:80]}' in 'action' {label} of the programme.{did_you_mean(name, phones)}")

    def reviewed(self, piece: PieceForm) -> Reviewed | None:
        """The reviewer of the piece, and the day."""
        if PieceForm.reviewed not in piece:
            return None
        form = ReviewForm.read(self, piece.reviewed, "'reviewed'")
        on, by = form.on, form.by
        try:
            parse_day(on)
        except ValueError:
            self.problem(form.at(ReviewForm.on), "'on' of 'reviewed' must be a date such as 2026-01-15.")
        if len(by) > 100 or not is_plain_line(by):
            self.problem(form.at(ReviewForm.by), "'by' of 'reviewed' must be one line of at most 100 characters.")
        return Reviewed(by, on)

    def check_notes(self, notes: Mapping[str, set[str]], piece: Piece) -> list[Problem]:
        """Problems of references that are cited in no language, or only in some."""
        problems = []
        for name in piece.references:
            mark = self.reference_marks[name]
            lacking = [locale for locale, cited in notes.items() if name not in cited]
            if notes and len(lacking) == len(notes):
                message = (
                    f"The reference '{name}' is never cited; write [^{name}] behind what it supports, or remove it."
                )
                problems.append(Problem(self.file, mark.line, mark.column, "error", RULE, message))
            elif lacking:
                message = f"The reference '{name}' is not cited in {', '.join(f'{locale}.md' for locale in lacking)}."
                problems.append(Problem(self.file, mark.line, mark.column, "warning", RULE, message))
        return problems
