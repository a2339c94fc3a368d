"""Mistakes of callers that the shell detects: their codes and titles. No text contains a caller's value."""

from __future__ import annotations

from journeys.primitives.errors import CallerError


class Malformed(CallerError):
    """The body is not JSON in the accepted form."""

    code = "malformed"
    title = "The body is not acceptable JSON."


class MalformedForm(Malformed):
    """A field of a form cannot be stored."""

    title = "The form is not acceptable."


class NotHttp(CallerError):
    """The request is not valid HTTP, or could be read in two ways."""

    code = "not-http"
    title = "The request is not valid HTTP."


class HeadersTooLarge(CallerError):
    """The request line and the headers are too large."""

    code = "headers-too-large"
    title = "The address and the headers are too large."


class WrongHost(CallerError):
    """The Host header is missing, or names a host that this service does not serve."""

    code = "host"
    title = "The Host header is missing or names an unknown host."


class TooLarge(CallerError):
    """The body is too large."""

    code = "too-large"
    title = "The body is too large."


class WrongMediaType(CallerError):
    """The media type or the encoding of the body is not supported."""

    code = "media-type"
    title = "The media type of the body is not supported."


class Unauthenticated(CallerError):
    """The token is missing or not valid."""

    code = "unauthenticated"
    title = "A valid token is required."


class NotSigned(CallerError):
    """The signature of a source is missing or not valid."""

    code = "not-signed"
    title = "The signature is missing, not valid or too old. Nothing was stored."


class Forbidden(CallerError):
    """The token is valid, but does not permit the request."""

    code = "forbidden"
    title = "This token does not permit the request."


class NotPermitted(Forbidden):
    """An account lacks the right: another function or language, or the person's own work."""

    title = "This account may not do this."


class NotFound(CallerError):
    """The resource does not exist, or belongs to another caller: the answer is the same."""

    code = "not-found"
    title = "Not found."


class Conflict(CallerError):
    """The same id or key was used before with another body."""

    code = "conflict"
    title = "This id was used before with another body."


class SandboxConflict(Conflict):
    """A sandbox where a patient's enrollment is, or the other way round."""

    title = "Sandboxes and patients are kept apart."


class Ambiguous(CallerError):
    """A reference matches more than one enrollment."""

    code = "ambiguous"
    title = "More than one enrollment matches."


class AmbiguousEvent(Ambiguous):
    """A reporter's id names more than one event."""

    title = "More than one event has this id."


class Stale(CallerError):
    """If-Match names an earlier state of the enrollment."""

    code = "stale"
    title = "The enrollment has changed since it was read."


class TooMany(CallerError):
    """The accepted number is reached."""

    code = "too-many"
    title = "The limit is reached."


class TooOften(CallerError):
    """The token exceeds its rate limit; the next call is accepted in `wait` seconds."""

    code = "too-often"
    title = "Too many requests with this token."

    def __init__(self, wait: int, detail: str) -> None:
        super().__init__(detail)
        self.wait = wait


class CodesTooOften(TooOften):
    """An address was sent, or a person asked for, as many codes as are accepted."""

    title = "Too many codes."


class Unavailable(CallerError):
    """The database cannot be reached or is busy; the same request may be sent again."""

    code = "unavailable"
    title = "The service cannot do this right now; send the same request again."


class Altered(Unavailable):
    """Stored content differs from the published content; it is shown to nobody."""

    title = "The stored content of this journey differs from the published content. Restore it from a backup."


class NoRoom(Unavailable):
    """The disk of the database is full: nothing can be stored until somebody frees space."""

    code = "no-room"
    title = "The service is out of disk space; nothing was applied. Send the same request again later."


class FileReplaced(Unavailable):
    """The database file was deleted or replaced while it was open: what is written now would be lost."""

    title = "The database file was deleted or replaced while it was in use. Put it back, or restart the service."


class DamagedFile(Unavailable):
    """The database file cannot be read as one of SQLite."""

    title = "The database file is damaged. Restore a backup: docs/runbook.md."


class ForeignFile(DamagedFile):
    """The file of the database begins with something else than an SQLite database."""

    title = "The file is not an SQLite database. Name another file, or restore a backup: docs/runbook.md."


def reason_of(error: Unavailable) -> str:
    """What the database itself says, for commands: those who run them cannot send the same request again."""
    driver_error = getattr(error.__cause__, "orig", None) or error.__cause__
    has_advice = driver_error is None or isinstance(error, (DamagedFile, FileReplaced, NoRoom))
    return error.title if has_advice else str(driver_error).strip()


class NotSignedIn(CallerError):
    """The session is missing or has ended."""

    code = "not-signed-in"
    title = "Please sign in."


class WrongPassword(CallerError):
    """The name or the password is wrong: the two are not told apart."""

    code = "wrong-password"
    title = "The name or the password is wrong. Nothing was changed."


class NoAccount(CallerError):
    """The provider recognised a person who has no account here."""

    code = "no-account"
    title = "The provider recognised you, but you have no account here. An administrator can add one."


class ProviderFailed(CallerError):
    """The provider did not answer, or its answer failed a check."""

    code = "provider"
    title = "The provider did not recognise you. Nothing was changed; try again."


class PasskeyRefused(CallerError):
    """The passkey is unknown, or its answer failed a check."""

    code = "passkey"
    title = "The passkey was not accepted. Nothing was changed; try again."


class NotDone(CallerError):
    """The request of a form failed."""

    code = "not-done"
    title = "This could not be done. Go back and try again."


class NotConfirmed(CallerError):
    """The provider must identify the person again before each signature."""

    code = "not-confirmed"
    title = "Confirm who you are, then sign. Nothing was signed."


class NotFromHere(CallerError):
    """The form was not given to this browser by this service."""

    code = "foreign-form"
    title = "This form is from another site, or is too old. Nothing was changed; open the page again."


class SignInTooOften(TooOften):
    """Too many wrong passwords."""

    code = "too-often"
    title = "Too many wrong passwords."


class SignInBusy(TooOften):
    """Too many passwords are being checked at this moment."""

    title = "Too many people sign in at this moment."


#: Details, each used in one place; they never contain a value that the caller sent.
BEARER_NEEDED = "Send 'Authorization: Bearer <token>'."

HEADERS_LIMIT = "At most {} bytes are accepted."
NOT_HTTP = "Send a request line and at most {} headers as defined in RFC 9112; give the length of the body only once."
ONLY_CHUNKED = "The only accepted Transfer-Encoding is chunked."
NAME_A_HOST = "Send one 'Host' header: a name or an address, and a port if necessary."
HOST_NOT_SERVED = "Use a name of this service; the setting trusted_hosts lists them."
BODY_LIMIT = "At most {} bytes are accepted."
LOOPBACK_ONLY = "The demonstration is for this machine alone: open it as http://127.0.0.1 or http://localhost."
DEMONSTRATION_HOST = "The demonstration is for this machine alone: JOURNEYS_HOST must be 127.0.0.1, ::1 or localhost."
SIGNED_HOW = "'at_once' must be true or false: whether changes are signed at once."
NO_SUCH_STEP = "'pass' must be one of {}: the time by which to move the clock."
NOT_A_LOCALE = "Write a language tag such as 'en' or 'es-MX'."
