"""The caller's mistakes that the shell finds; their wording and codes stand here alone, never with a caller's value."""

from __future__ import annotations

from journeys.primitives.errors import CallerError


class Malformed(CallerError):
    """The body is not JSON as it is accepted here."""

    code = "malformed"
    title = "The body is not acceptable JSON."


class NotHttp(CallerError):
    """The request is not HTTP as it is read here."""

    code = "not-http"
    title = "The request is not HTTP as it is accepted here."


class HeadersTooLarge(CallerError):
    """The first line and the headers are larger than is accepted."""

    code = "headers-too-large"
    title = "The address and the headers are too large."


class WrongHost(CallerError):
    """The Host header is missing, or names none that is served."""

    code = "host"
    title = "The host of the request is not served here."


class TooLarge(CallerError):
    """The body is larger than is accepted."""

    code = "too-large"
    title = "The body is too large."


class WrongMediaType(CallerError):
    """The body is of a media type or an encoding that is not read here."""

    code = "media-type"
    title = "The body is not of an accepted media type."


class Unauthenticated(CallerError):
    """There is no token, or none that is valid."""

    code = "unauthenticated"
    title = "A valid token is needed."


class Forbidden(CallerError):
    """The token is valid and may not do this at all."""

    code = "forbidden"
    title = "This token may not do this."


class NotPermitted(Forbidden):
    """A person may not do this: not their function, not their language, their own work."""

    title = "This person may not do this."


class NotFound(CallerError):
    """It does not exist, or is not the caller's: the two are not told apart."""

    code = "not-found"
    title = "There is no such thing here."


class Conflict(CallerError):
    """The same id or key was used before for something else."""

    code = "conflict"
    title = "This id was used before with another body."


class Ambiguous(CallerError):
    """What was named fits more than one enrollment."""

    code = "ambiguous"
    title = "More than one enrollment fits."


class Stale(CallerError):
    """If-Match names what the enrollment no longer is."""

    code = "stale"
    title = "The enrollment has changed since it was read."


class TooMany(CallerError):
    """There are as many as are accepted."""

    code = "too-many"
    title = "There are as many of these as are accepted."


class TooOften(CallerError):
    """The token calls more often than it may; `wait` says in how many seconds it may again."""

    code = "too-often"
    title = "This token calls more often than is accepted."

    def __init__(self, wait: int, detail: str) -> None:
        super().__init__(detail)
        self.wait = wait


class Unavailable(CallerError):
    """The database cannot be reached or is busy; the same request may be sent again."""

    code = "unavailable"
    title = "The service cannot do this right now; send the same request again."


class Altered(Unavailable):
    """What is stored is not what was published; nobody is given it."""

    title = "What is stored of this journey is not what was published; somebody must restore it from a backup."


class NoRoom(Unavailable):
    """The disk of the database is full: nothing can be stored until somebody makes room."""

    code = "no-room"
    title = "The service has no room left to store this; nothing was applied. Send the same request again later."


class NotSignedIn(CallerError):
    """Nobody is signed in, or not any more."""

    code = "not-signed-in"
    title = "Please sign in."


class WrongPassword(CallerError):
    """The name or the password is wrong: the two are not told apart."""

    code = "wrong-password"
    title = "The name or the password is wrong. Nothing was changed."


class NoAccount(CallerError):
    """The provider has recognised somebody who has no account here."""

    code = "no-account"
    title = "You were recognised, and have no account here. An administrator can add one."


class ProviderFailed(CallerError):
    """The provider did not answer, or not as it must."""

    code = "provider"
    title = "The provider did not recognise you. Nothing was changed; try again."


class NotDone(CallerError):
    """Something went wrong here."""

    code = "not-done"
    title = "This could not be done. Go back and try again."


class NotConfirmed(CallerError):
    """A signature needs that the provider asks who it is, just before."""

    code = "not-confirmed"
    title = "Confirm who you are, then sign. Nothing was signed."


class NotFromHere(CallerError):
    """A form that this service did not give to this browser."""

    code = "foreign-form"
    title = "This form is not from here, or is too old. Nothing was changed; open the page again."


class SignInTooOften(TooOften):
    """The password was wrong too often."""

    code = "too-often"
    title = "The password was wrong too often."


#: Details, each used in one place; what they name is ours, never what the caller sent.
BEARER_NEEDED = "Send 'Authorization: Bearer <token>'."

NOT_UTF8 = "It must be UTF-8."
HEADERS_LIMIT = "At most {} bytes are accepted."
NOT_HTTP = "Send a line and at most {} headers as RFC 9112 has them; say once where the body ends."
ONLY_CHUNKED = "No other Transfer-Encoding than chunked is accepted."
NAME_A_HOST = "Send one 'Host' header: a name, or an address, and a port if need be."
HOST_NOT_SERVED = "Use a name that the service has; its setting trusted_hosts lists them."
BODY_LIMIT = "At most {} bytes are accepted."
ACCEPTED = " Accepted: {}."
REPORTS_AS = "It must be patient or family, or staff exactly where the scope staff is given."
LOOPBACK_ONLY = "The demonstration answers this machine alone: open it as http://127.0.0.1 or http://localhost."
DEMONSTRATION_HOST = "The demonstration is for this machine alone: JOURNEYS_HOST must be 127.0.0.1, ::1 or localhost."
SIGNED_HOW = "Whether changes are signed at once is said by 'at_once', true or false."
NO_SUCH_STEP = "The clock is moved by 'pass', one of {}."
NOT_A_LOCALE = "A language is written like en or es-MX."

NOT_IN_REVIEW = "It was rejected, so it is a draft and not in review; publish a better version, or submit it again."
APPROVED_ALREADY = "It is approved; recall it if it must not be given out."
RECALLED = "It was recalled, which is for good; publish another version."
NAME_TAKEN = "There is an account of this name."
SUBJECT_TAKEN = "There is an account that the provider calls so."

NOT_OPEN = "Nobody can join this journey now: no release of it is active and approved."
