"""A registration can be offered: in languages of the journey, with its consent texts, and entries to choose from.

Every text of it exists in each language that it offers. Its consent texts are approved pieces of the kind `consent`,
shown whole; people choose one of the journey's entries in their own words.

Wrong: `consents: consent-to-mesages`, or `gives: [{en: A guide}]` where Spanish is offered.
Right: `consents: consent-to-messages`, and `gives: [{en: A guide, es: Una guía}]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.programmes import Programme
from journeys.definition.registration import Registration
from journeys.primitives.problems import Problem, did_you_mean

ID = "registration"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each part of a registration that cannot be offered."""
    for programme in subject.programmes.by_key.values() if subject.programmes is not None else ():
        registration = programme.registration
        if registration is None:
            continue
        if not any(entry.title for entry in subject.journey.entries.values()):
            message = f"Nobody can register for '{programme.key}': the journey declares no 'entry' with a title."
            yield subject.problem_in_programmes(registration.mark, message)
        yield from _languages(subject, programme, registration)
        yield from _consents(subject, programme, registration)


def _languages(subject: LintSubject, programme: Programme, registration: Registration) -> Iterator[Problem]:
    of_journey = subject.journey.locales
    for language in registration.languages:
        if language.text not in of_journey:
            hint = did_you_mean(language.text, of_journey)
            accepted = ", ".join(of_journey)
            message = f"'{language.text[:40]}' is not in 'locales' of the journey. Accepted: {accepted}.{hint}"
            yield subject.problem_in_programmes(language.mark, message)
    offered = registration.locales(of_journey)
    example = ", ".join(f"{locale}: …" for locale in offered)
    for name, titles in registration.texts():
        missing = [locale for locale in offered if locale not in titles]
        if missing:
            owner = f"'{name}' in the registration of '{programme.key}'"
            message = f"{owner} has no text in {', '.join(missing)}; write {{{example}}}."
            yield subject.problem_in_programmes(titles.mark or registration.mark, message)


def _consents(subject: LintSubject, programme: Programme, registration: Registration) -> Iterator[Problem]:
    if registration.consents and "permission" not in registration.why:
        message = f"The registration of '{programme.key}' does not say why permission is asked; write it in 'why'."
        yield subject.problem_in_programmes(registration.mark, message)
    if subject.pieces is None or len(subject.pieces) < len(subject.sources):  # some could not be read
        return
    accepted = [key for key, piece in subject.pieces.items() if piece.kind == "consent"]
    for consent in registration.consents:
        if consent.text not in accepted:
            hint = did_you_mean(consent.text, accepted) or f" Accepted: {', '.join(sorted(accepted)) or 'none yet'}."
            yield subject.problem_in_programmes(
                consent.mark, f"No consent text has the key '{consent.text[:80]}'.{hint}"
            )
