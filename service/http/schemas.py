"""What goes in and comes out over HTTP, once for checking and for the OpenAPI document. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import EXCLUDE, RAISE, Schema, fields

from journeys.definition.facts import FACT_KINDS
from service.effects.store.work import STATUSES
from service.enrollments.content import CHANNELS
from service.http.fields import OBJECT, REQUIRED, UNKNOWN, Facts, Flag, LocaleTag, OneOf, Text, When, Whole, Zone

#: The longest id of a reporter.
ID = 255


class Request(Schema):
    """A body in which every unknown field is a mistake; `example` is one as it is commonly sent, for the document."""

    example: ClassVar[Mapping[str, Any] | None] = None

    class Meta:
        """How it is read."""

        unknown = RAISE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages = {**self.error_messages, "unknown": UNKNOWN, "type": OBJECT}


def _field(kind: type[fields.Field[Any]], *args: Any, what: str = "", eg: Any = None, **options: Any) -> Any:
    """A field of a request: `what` it is, and an example of it, for the document."""
    metadata: dict[str, Any] = {"description": what} if what else {}
    if eg is not None:
        metadata["examples"] = [eg]
    messages: Any = {"required": REQUIRED, "null": REQUIRED}
    return kind(*args, metadata=metadata, error_messages=messages, **options)


class Nested(fields.Nested):
    """An object in an object, with our words for what is wrong with it."""

    def __init__(self, schema: type[Schema], what: str = "", **options: Any) -> None:
        messages: Any = {"required": REQUIRED, "null": REQUIRED, "type": OBJECT}
        super().__init__(schema, metadata={"description": what}, error_messages=messages, **options)


# --- requests ----------------------------------------------------------------------------------------------


class EventIn(Request):
    """An event to report."""

    example: ClassVar[Mapping[str, Any] | None] = {
        "id": "scan-2026-08",
        "type": "scan_done",
        "occurred_at": "2026-08-05",
        "facts": {"last_scan_on": "2026-08-05"},
    }

    id = _field(Text, longest=ID, required=True, what="The reporter's id for it, the same for ever.", eg="scan-2026-08")
    type = _field(Text, longest=100, required=True, what="A trigger of the journey.", eg="scan_done")
    occurred_at = _field(When, required=True, what="When it happened: a day, or a time with its offset.")
    sequence = _field(Whole, 0, 2**31 - 1, what="Orders events of one instant.", eg=0)
    facts = _field(
        Facts,
        what='What is known with it; `{"declined": true}` for what somebody would rather not say.',
        eg={"last_scan_on": "2026-08-05"},
    )
    told = _field(Flag, what="Staff: the patient has been told by a person.")
    replaces = _field(Text, longest=ID, what="The id of an earlier event that this one puts right.", eg="scan-2026-07")
    piece = _field(Text, longest=64, what="With `seen`, `dismissed` or `helpful`: the key of the card.", eg="scan-due")


class BatchItem(EventIn):
    """An event and the enrollment it is for."""

    enrollment = _field(Text, longest=64, what="The enrollment; or else:", eg="01J0EXAMPLE")
    patient_ref = _field(Text, longest=128, what="The patient, with `journey`.", eg="patient-17")
    journey = _field(Text, longest=64, what="The journey, with `patient_ref`.", eg="nsclc")
    key = _field(Text, longest=ID, what="Which of several enrollments in that journey.", eg="first")


class BatchIn(Request):
    """Events of one or many enrollments, applied one after the other; each stands alone."""

    example: ClassVar[Mapping[str, Any] | None] = {
        "events": [
            {
                "patient_ref": "patient-17",
                "journey": "nsclc",
                "id": "scan-2026-08",
                "type": "scan_done",
                "occurred_at": "2026-08-05",
                "facts": {"last_scan_on": "2026-08-05"},
            }
        ]
    }

    events = fields.List(Nested(BatchItem), required=True)


class PlacementIn(Request):
    """A placing of an enrollment in a state, by staff."""

    example: ClassVar[Mapping[str, Any] | None] = {
        "id": "placed-1",
        "state": "disease.surveillance",
        "reason": "Treated elsewhere.",
        "occurred_at": "2026-08-05",
    }

    id = _field(Text, longest=ID, required=True, what="The reporter's id for it, the same for ever.", eg="placed-1")
    state = _field(
        Text, longest=200, required=True, what="The full path: `disease.surveillance`.", eg="disease.surveillance"
    )
    reason = _field(
        Text, longest=500, required=True, what="Why; it is part of the history.", eg="Joined after treatment elsewhere."
    )
    occurred_at = _field(When, what="From when; now unless given.")
    facts = _field(Facts, what="What is known with it.", eg={"last_scan_on": "2026-08-05"})
    told = _field(Flag, what="The patient has been told by a person.")
    replaces = _field(Text, longest=ID, what="The id of an earlier event that this one puts right.", eg="placed-0")


class RetractionIn(Request):
    """Why an event is taken back."""

    reason = _field(OneOf, "entered_in_error", "wrong_patient", required=True)


class PatientIn(Request):
    """The patient to enroll."""

    ref = _field(
        Text, longest=128, required=True, what="Your reference for the patient; never a name.", eg="patient-17"
    )
    locale = _field(LocaleTag, required=True, what="The language they read: `en`, `es-US`.")
    time_zone = _field(Zone, required=True, what="Where they live: `Europe/Madrid`.", eg="Europe/Madrid")


class JoiningIn(Request):
    """Where and when the patient joins."""

    entry = _field(Text, longest=100, what="An entry of the journey; its beginning unless given.", eg="in_follow_up")
    occurred_at = _field(When, what="When; now unless given.")


class EnrollIn(Request):
    """A patient to enroll in a journey."""

    key = _field(Text, longest=ID, required=True, what="Yours: the same key gives the same enrollment.", eg="first")
    journey = _field(Text, longest=64, required=True, what="The key of the journey.", eg="nsclc")
    programme = _field(Text, longest=64, what="A programme of the journey; its first unless given.", eg="riverside")
    patient = Nested(PatientIn, required=True)
    facts = _field(Facts, what="What is known from the start.", eg={"last_scan_on": "2026-08-05"})
    at = Nested(JoiningIn)


class PatientTokenIn(Request):
    """A token for one patient."""

    patient_ref = _field(Text, longest=128, required=True, what="Whose enrollments it is for.", eg="patient-17")
    journey = _field(Text, longest=64, what="Only those in this journey.", eg="nsclc")
    expires_in = _field(Whole, 60, 366 * 86_400, unit=" seconds", required=True, what="Seconds until it ends.", eg=3600)


class Query(Schema):
    """Parameters in an address; unknown ones are passed over."""

    class Meta:
        """How it is read."""

        unknown = EXCLUDE


class AskedQuery(Query):
    """How content is wanted."""

    locale = _field(LocaleTag, what="The language wanted; the enrollment's unless given.")
    channel = _field(OneOf, *CHANNELS, what="The channel; `web` unless given.")
    format = _field(
        OneOf, "html", "text", "html,text", what="Which bodies of the pieces are wanted; none unless given."
    )


class ReportQuery(AskedQuery):
    """How content is wanted in the answer to what is reported, and whether the screen is."""

    include = _field(OneOf, "view", what="`view`: also what the screen shows now.")


class ViewQuery(Query):
    """In which language the screen is wanted."""

    locale = _field(LocaleTag, what="The language wanted; the enrollment's unless given.")


class LocaleQuery(Query):
    """In which language titles are wanted."""

    locale = _field(
        LocaleTag, what="The language of titles; the first of the journey, or the enrollment's, unless given."
    )


class PageQuery(Query):
    """Which page is wanted."""

    cursor = _field(Text, longest=100, what="`next` of the page before.")
    limit = _field(Whole, 1, 100, text=True, what="How many items; 50 unless given.", eg=50)


class HistoryQuery(PageQuery, LocaleQuery):
    """Which page of a history, in which language."""


class PatientQuery(PageQuery):
    """Whose enrollments."""

    patient_ref = _field(Text, longest=128, required=True, eg="patient-17")


class TaskQuery(PageQuery):
    """Which tasks."""

    status = _field(OneOf, *STATUSES, what="`open` unless given.")
    assignee = _field(Text, longest=100, eg="care_team")
    enrollment = _field(Text, longest=64)


# --- answers -----------------------------------------------------------------------------------------------


class Transition(Schema):
    """One transition: leaf paths in the track."""

    track = fields.String(required=True)
    start = fields.String(required=True, allow_none=True, data_key="from")
    to = fields.String(required=True, allow_none=True)
    trigger = fields.String(required=True)


class ShownPiece(Schema):
    """What was shown because of an event that was taken back."""

    piece = fields.String(required=True)
    version = fields.String(required=True)
    locale = fields.String(required=True)
    channel = fields.String(required=True)


class Decision(Schema):
    """What was decided on an event; the same for ever."""

    event = fields.String(required=True, metadata={"description": "Our id for it."})
    outcome = _field(OneOf, "advanced", "waiting", "stayed", "ignored", required=True)
    by_track = fields.Dict(required=True, keys=fields.String(), values=fields.String())
    transitions = fields.List(fields.Nested(Transition), required=True)
    waiting_for = fields.List(fields.String(), required=True, metadata={"description": "Facts nobody has told."})
    cleared = fields.List(
        fields.String(), required=True, metadata={"description": "What is no longer needed: reminders, tasks."}
    )
    shown = fields.List(
        fields.Nested(ShownPiece),
        metadata={"description": "After a retraction or a replacement: what was shown because of it."},
    )


class StateOut(Schema):
    """Where the patient is in one track."""

    state = fields.String(required=True)
    title = fields.String(required=True)
    since = fields.String(required=True)


class EndedOut(Schema):
    """How the enrollment ended."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    at = fields.String(required=True)


class PieceOut(Schema):
    """One piece of content."""

    key = fields.String(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    locale = fields.String(required=True)
    html = fields.String()
    text = fields.String()


class HeldOut(Schema):
    """Something the patient was not told yet."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    until = fields.String(required=True)
    since = fields.String(required=True)


class WaitingOut(Schema):
    """An event that waits for facts."""

    event = fields.String(required=True)
    type = fields.String(required=True)
    track = fields.String(required=True)
    missing = fields.List(fields.String(), required=True, data_key="for")
    since = fields.String(required=True)


class TimerOut(Schema):
    """A timer that will fire."""

    track = fields.String(required=True)
    state = fields.String(required=True)
    name = fields.String(required=True)
    due = fields.String(required=True)


class TaskOut(Schema):
    """Something a person must do."""

    id = fields.String(required=True)
    enrollment = fields.String(
        required=True, allow_none=True, metadata={"description": "None where it is about content."}
    )
    patient_ref = fields.String(required=True, allow_none=True)
    journey = fields.String(required=True)
    kind = fields.String(
        required=True,
        metadata={"description": "`tell` the patient; `task`; `approval`: something is given to nobody until signed."},
    )
    state = fields.String(required=True)
    title = fields.String(required=True)
    assignee = fields.String(required=True)
    due = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    opened_at = fields.String(required=True)
    closed_at = fields.String(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)


class Now(Schema):
    """What is so at the moment of asking. `held`, `waiting`, `timers` and `tasks` are for staff only."""

    state = fields.Dict(required=True, keys=fields.String(), values=fields.Nested(StateOut))
    ended = fields.Nested(EndedOut, required=True, allow_none=True)
    content = fields.List(fields.Nested(PieceOut), required=True)
    locale = fields.String(required=True, metadata={"description": "The locale served."})
    revised = fields.Boolean(metadata={"description": "Whether something later changed what the decision says."})
    held = fields.List(fields.Nested(HeldOut))
    waiting = fields.List(fields.Nested(WaitingOut))
    timers = fields.List(fields.Nested(TimerOut))
    tasks = fields.List(fields.Nested(TaskOut))


def _said(kind: type[fields.Field[Any]], what: str, *args: Any, enum: Sequence[str] = (), **options: Any) -> Any:
    """A part of an answer that is always there, with what it means."""
    metadata: dict[str, Any] = {"description": what} | ({"enum": list(enum)} if enum else {})
    return kind(*args, required=True, metadata=metadata, **options)


class WhereOut(Schema):
    """Where the patient is in one track."""

    title = _said(fields.String, "In the patient's words.")
    since = _said(fields.String, "A day, `2026-01-15`, or an instant, `2026-01-15T10:00:00Z`.")


class NextOut(Schema):
    """Something ahead."""

    title = _said(fields.String, "In the patient's words.")
    date = _said(fields.Date, "The day.")
    kind = _said(
        fields.String,
        "`appointment`: a date that was told; `state`: where the patient is from then on; `reminder`: what is sent.",
        enum=("state", "reminder", "appointment"),
    )


class PictureOut(Schema):
    """The picture of a piece."""

    url = _said(fields.String, "Where it is; read it with the same token.")
    alt = _said(fields.String, "What it shows, in words.")


class ActionOut(Schema):
    """What a card lets the patient do."""

    label = _said(fields.String, "What stands on the button.")
    kind = _said(
        fields.String,
        "`report`: show the form of `can_report` for `target`; `call`: a telephone number; `link`: an address.",
        enum=("report", "call", "link"),
    )
    target = _said(fields.String, "A type of `can_report`, a telephone number, or an https address.")


class ReviewedOut(Schema):
    """Who reviewed a piece."""

    by = _said(fields.String, "Who.")
    on = _said(fields.Date, "On which day.")


class CardOut(Schema):
    """One card."""

    key = _said(fields.String, "Names the piece, for ever.")
    version = _said(fields.Integer, "Which version of it.")
    title = _said(fields.String, "Its title.")
    summary = _said(fields.String, "Its summary.")
    image = _said(fields.Nested, "Its picture, if it has one.", PictureOut, allow_none=True)
    action = _said(fields.Nested, "What it lets the patient do, if anything.", ActionOut, allow_none=True)
    why = _said(fields.String, "Why it is shown, in the patient's words.")
    since = _said(fields.String, "Since when it is shown: a day or an instant.")
    seen = _said(fields.Boolean, "Whether it was reported as `seen` since then.")
    reviewed = _said(fields.Nested, "Who reviewed it, if anybody did.", ReviewedOut, allow_none=True)
    body = _said(fields.String, "The address of its body.")


class ChoiceOut(Schema):
    """A value to choose."""

    value = _said(fields.String, "What to report.")
    label = _said(fields.String, "In the patient's words.")
    within = _said(fields.String, "The coarser value that it lies in.", allow_none=True)


class FieldOut(Schema):
    """A fact to ask for. What it has no use for is null, or an empty list."""

    name = _said(fields.String, "Its name among the `facts` of the event.")
    label = _said(fields.String, "In the patient's words.")
    type = _said(
        fields.String,
        "`boolean`: true or false; `choice`: one of `choices`; `set`: a list of some of them; `integer`: from `min` to "
        "`max`; `date`: a text such as 2026-01-15; `text`: of at most `max_length` characters. Any may be declined: "
        '`{"declined": true}`.',
        enum=FACT_KINDS,
    )
    required = _said(fields.Boolean, "Whether the event waits without it.")
    choices = _said(fields.List, "The values of a choice or set.", fields.Nested(ChoiceOut))
    min = _said(fields.Integer, "The least number.", allow_none=True)
    max = _said(fields.Integer, "The greatest number.", allow_none=True)
    max_length = _said(fields.Integer, "The most characters.", allow_none=True)
    group = _said(fields.String, "Facts of one group are told together or not at all.", allow_none=True)


class ReportableOut(Schema):
    """What may be reported from here by the patient."""

    type = _said(fields.String, "The `type` of the event to report.")
    label = _said(fields.String, "In the patient's words.")
    fields_ = _said(fields.List, "What to ask for.", fields.Nested(FieldOut), data_key="fields")


class ContactOut(Schema):
    """Whom to reach."""

    title = _said(fields.String, "Who that is.")
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    hours = fields.String(allow_none=True)


class ViewEndedOut(Schema):
    """How the enrollment ended."""

    title = _said(fields.String, "In the patient's words.")
    at = _said(fields.String, "When: a day or an instant.")


class ViewOut(Schema):
    """All that a patient's app needs to draw its screen; never anything that the patient was not told."""

    enrollment = _said(fields.String, "The enrollment.")
    journey = _said(fields.String, "The key of its journey.")
    title = _said(fields.String, "The journey's title.")
    locale = _said(fields.String, "The locale served.")
    where = _said(fields.Dict, "Where the patient is, by track.", keys=fields.String(), values=fields.Nested(WhereOut))
    next = _said(fields.List, "What is ahead, soonest first.", fields.Nested(NextOut))
    cards = _said(fields.List, "What to read now, in order.", fields.Nested(CardOut))
    can_report = _said(fields.List, "What may be reported from here.", fields.Nested(ReportableOut))
    contacts = _said(
        fields.Dict,
        "Whom to reach: `care_team` and `emergency`, as far as the programme has them.",
        keys=fields.String(),
        values=fields.Nested(ContactOut),
    )
    ended = _said(fields.Nested, "How the enrollment ended, if it did.", ViewEndedOut, allow_none=True)


class PieceBody(PieceOut):
    """One piece, whole: `html` to put under the title, and `text`."""

    image = _said(fields.Nested, "Its picture, if it has one.", PictureOut, allow_none=True)
    reviewed = _said(fields.Nested, "Who reviewed it, if anybody did.", ReviewedOut, allow_none=True)


class Answered(Schema):
    """The answer to an event."""

    decision = fields.Nested(Decision, required=True)
    now = fields.Nested(Now, required=True)
    view = fields.Nested(ViewOut, metadata={"description": "With `include=view`: what the screen shows now."})


class BatchAnswer(Schema):
    """The answer to one item: either `decision` and `now`, or `problem`."""

    status = fields.Integer(required=True)
    replay = fields.Boolean()
    decision = fields.Nested(Decision)
    now = fields.Nested(Now)
    problem = fields.Dict()


class BatchAnswered(Schema):
    """The answers, in the order of the items."""

    items = fields.List(fields.Nested(BatchAnswer), required=True)


class PatientOut(Schema):
    """The patient of an enrollment."""

    ref = fields.String(required=True)
    locale = fields.String(required=True)
    time_zone = fields.String(required=True)


class EnrollmentOut(Schema):
    """One patient in one journey."""

    id = fields.String(required=True)
    key = fields.String(required=True)
    journey = fields.String(required=True)
    programme = fields.String(required=True, allow_none=True)
    patient = fields.Nested(PatientOut, required=True)
    release = fields.String(required=True)
    created_at = fields.String(required=True)
    now = fields.Nested(Now, required=True)


class EnrollmentPage(Schema):
    """Enrollments, without content."""

    items = fields.List(fields.Nested(EnrollmentOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ContentOut(Schema):
    """The content of an enrollment."""

    items = fields.List(fields.Nested(PieceOut), required=True)
    locale = fields.String(required=True)


class HistoryPage(Schema):
    """Lines of a history: as they are stored for staff, in a patient's words for others."""

    items = fields.List(fields.Dict(), required=True)
    next = fields.String(required=True, allow_none=True)


class Explanation(Schema):
    """Why the enrollment is where it is, and why a piece is shown or not."""

    id = fields.String(required=True)
    state = fields.Dict(required=True, keys=fields.String(), values=fields.Nested(StateOut))
    steps = fields.List(fields.Dict(), required=True)
    content = fields.List(fields.Dict(), required=True)


class TaskPage(Schema):
    """Tasks."""

    items = fields.List(fields.Nested(TaskOut), required=True)
    next = fields.String(required=True, allow_none=True)


class TokenOut(Schema):
    """A new token; it is given this once."""

    token = fields.String(required=True)
    id = fields.String(required=True)
    patient_ref = fields.String(required=True)
    expires_at = fields.String(required=True)


class EntryOut(Schema):
    """A place where people join."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    asks = fields.List(fields.String(), required=True)


class ProgrammeOut(Schema):
    """Who runs a journey."""

    key = fields.String(required=True)
    title = fields.String(required=True)


class JourneyOut(Schema):
    """A published journey."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    locales = fields.List(fields.String(), required=True)
    release = fields.String(required=True)
    number = fields.Integer(required=True)
    entries = fields.List(fields.Nested(EntryOut), required=True)
    programmes = fields.List(fields.Nested(ProgrammeOut), required=True)


class JourneyPage(Schema):
    """Every published journey."""

    items = fields.List(fields.Nested(JourneyOut), required=True)


class ReleaseOut(Schema):
    """One release of a journey, with its diagram as Mermaid text."""

    id = fields.String(required=True)
    journey = fields.String(required=True)
    number = fields.Integer(required=True)
    title = fields.String(required=True)
    locales = fields.List(fields.String(), required=True)
    published_at = fields.String(required=True)
    entries = fields.List(fields.Nested(EntryOut), required=True)
    triggers = fields.List(fields.Dict(), required=True)
    facts = fields.List(fields.Dict(), required=True)
    states = fields.List(fields.Dict(), required=True)
    diagram = fields.String(required=True)


class Health(Schema):
    """Whether the process lives, and whether it can serve."""

    status = fields.String(required=True)
    database = fields.String()
    worker = fields.String()
