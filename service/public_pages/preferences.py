"""The page on which the holder of a link asks for fewer messages, at fewer hours, or in another order."""

from __future__ import annotations

from datetime import UTC, time, timedelta

from babel.dates import format_date
from flask import Response, request
from werkzeug.datastructures import MultiDict

from journeys.outreach.local_time import QuietHours
from journeys.primitives.errors import Refused
from service.http.context import require_media_type, service
from service.outreach.unsubscribe import LinkedPerson, NarrowedPreferences, narrow, read_link, read_topics
from service.platform.form_fields import require_fields
from service.platform.problems import STATUS
from service.platform.time_zones import zone_of
from service.public_pages.blueprint import blueprint, locale_of, page

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
#: The pauses that the page offers, in days.
PAUSES = {"7": timedelta(days=7), "30": timedelta(days=30), "90": timedelta(days=90)}
TWO_TIMES = "Quiet hours begin and end at different times, such as '21:00' and '08:00'."
PLACE = "Choose a place of this page."
PAUSE = "Choose a pause of this page."


@blueprint.route("/preferences/<path:token>")
def preferences_page(token: str) -> Response:
    """Shows the channels, the topics, the quiet hours and the pause."""
    return _page(token, read_link(service(), token))


@blueprint.route("/preferences/<path:token>", methods=["POST"])
def set_preferences(token: str) -> Response:
    """Sets the order of channels, longer quiet hours and a longer pause, ends channels and switches topics off."""
    linked = read_link(service(), token)
    require_media_type(*FORMS)
    require_fields(request.form)
    try:
        changed = narrow(service(), token, _narrowed(linked, request.form))
    except Refused as error:
        return _page(token, linked, STATUS[error.code], problem=next(iter(error.fields)))
    return _page(token, changed, is_saved=True)


def _page(
    token: str, linked: LinkedPerson, status: int = 200, *, problem: str | None = None, is_saved: bool = False
) -> Response:
    person, language = linked.person, linked.person.language
    paused_until = person.preferences.paused_until
    pause = None
    if paused_until is not None and paused_until > service().clock():
        zone = zone_of(person.time_zone) if person.time_zone is not None else UTC
        pause = format_date(paused_until.astimezone(zone), "long", locale=locale_of(language))
    return page(
        "preferences",
        language,
        status,
        channels=linked.channels,
        topics=read_topics(service(), token),
        quiet=person.preferences.quiet,
        pause=pause,
        pauses=PAUSES,
        problem=problem,
        is_saved=is_saved,
    )


def _narrowed(linked: LinkedPerson, form: MultiDict[str, str]) -> NarrowedPreferences:
    pause = form.get("pause", "")
    if pause and pause not in PAUSES:
        raise Refused({"pause": [PAUSE]})
    return NarrowedPreferences(
        order=_order([each.channel for each in linked.channels], form),
        quiet=_quiet_hours(form.get("quiet-start", ""), form.get("quiet-end", "")),
        paused_until=service().clock() + PAUSES[pause] if pause else None,
        ended=frozenset(form.getlist("end")),
        topics_off=frozenset(form.getlist("topic-off")),
    )


def _order(channels: list[str], form: MultiDict[str, str]) -> tuple[str, ...]:
    """The channels by their chosen places; of two at one place, the channel that was moved there gets it."""
    places = {str(place): place for place in range(1, len(channels) + 1)}

    def rank(channel: str) -> tuple[int, int]:
        before = channels.index(channel) + 1
        chosen = places.get(form.get(f"place-{channel}", str(before)))
        if chosen is None:
            raise Refused({"order": [PLACE]})
        return chosen, chosen - before

    return tuple(sorted(channels, key=rank))


def _quiet_hours(start: str, end: str) -> QuietHours | None:
    if not start and not end:
        return None
    try:
        hours = [time.fromisoformat(text) for text in (start, end)]
        if any(hour.tzinfo is not None or hour.second or hour.microsecond for hour in hours):
            raise ValueError(TWO_TIMES)
        return QuietHours(*hours)
    except ValueError:
        raise Refused({"quiet": [TWO_TIMES]}) from None
