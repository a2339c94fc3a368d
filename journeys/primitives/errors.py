"""Exceptions for the mistakes of callers, with a code, a title and errors by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class CallerError(Exception):
    """A mistake that the caller can correct. `code` names the kind of mistake for programs."""

    code = "refused"
    title = "The request cannot be processed."

    def __init__(self, detail: str = "", fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}


class Refused(CallerError):
    """Values that the journey does not accept, by field."""

    code = "invalid"
    title = "Some values are not accepted."

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__("", fields)


class NotABundle(CallerError):
    """A file that is not a FHIR bundle about one patient."""

    code = "bundle"
    title = "This is not a FHIR bundle about one patient."


class NotATable(CallerError):
    """A file that is not a CSV table with the declared columns."""

    code = "table"
    title = "This is not a CSV table with the declared columns."
