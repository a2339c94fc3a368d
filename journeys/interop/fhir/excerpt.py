"""Cuts a FHIR resource down to the elements that a mapping can read; nothing else of a record is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeys.interop.fhir.resources import (
    FORMS,
    LONGEST_TEXT,
    Resource,
    codes_of,
    is_incomplete,
    is_modified,
    reference_of,
    type_of,
)
from journeys.primitives.locales import is_language, read_tag

_CONCEPTS = ("code", "category", "reasonCode", "valueCodeableConcept", "type", "medicationCodeableConcept")
_STATUSES = ("status", "clinicalStatus", "verificationStatus")
_REFERENCES = ("subject", "patient", "reasonReference", "addresses", "medicationReference")
_LINKS = (*_REFERENCES, "contained")
_DATES = tuple(dict.fromkeys(path for form in FORMS.values() for paths in form.dates.values() for path in paths))
_LANGUAGE_SYSTEMS = ("urn:ietf:bcp:47", "")
#: Language tags of these systems count before codes of others, such as `urn:iso:std:iso:639:-2`.
_REASONS_FOR_NONE = ("NullFlavor", "data-absent-reason")
#: The ends of the names of systems whose codes say why a language is missing (`UNK`, `asked-unknown`).
_LONGEST = 500
#: Longer texts are neither codes nor references nor dates.


def excerpt_of(resource: Resource) -> dict[str, Any]:
    """The elements of a resource that a mapping can read, in their FHIR shape; of a Patient the death and language."""
    kind = type_of(resource)
    excerpt: dict[str, Any] = unneeded_excerpt_of(resource)
    if kind == "Patient":
        return excerpt | _patient(resource)
    for name in _STATUSES:
        codes = sorted(code for code in codes_of(resource, name) if _is_text(code))
        if codes:
            excerpt[name] = {"coding": [{"code": code} for code in codes]}
    for name in _CONCEPTS:
        concepts = [concept for item in _items(resource.get(name)) if (concept := _concept(item))]
        if concepts:
            excerpt[name] = concepts
    for name in _REFERENCES:
        links = [link for item in _items(resource.get(name)) if (link := _reference(item))]
        if links:
            excerpt[name] = links
    for path in _DATES:
        _copy_date(resource, path, excerpt)
    if "valueCodeableConcept" not in excerpt and any(_is_other_value(name, resource[name]) for name in resource):
        excerpt["valueOther"] = True
    if contained := _contained(resource):
        excerpt["contained"] = contained
    if is_modified(resource):
        excerpt["modified"] = True
    return excerpt


def unneeded_excerpt_of(resource: Resource) -> dict[str, Any]:
    """What is kept of a resource that no rule needs: that it exists, and whether elements were left out."""
    return {"resourceType": type_of(resource)} | ({"incomplete": True} if is_incomplete(resource) else {})


def without_links(excerpt: Mapping[str, Any]) -> dict[str, Any]:
    """An excerpt without its references, which name other resources anew in every export."""
    return {name: value for name, value in excerpt.items() if name not in _LINKS}


def _patient(resource: Resource) -> dict[str, Any]:
    excerpt: dict[str, Any] = {}
    if isinstance(resource.get("deceasedBoolean"), bool):
        excerpt["deceasedBoolean"] = resource["deceasedBoolean"]
    if _is_text(resource.get("deceasedDateTime")):
        excerpt["deceasedDateTime"] = resource["deceasedDateTime"]
    if (language := _preferred_language(resource)) is not None:
        excerpt["language"] = language
    return excerpt


def _preferred_language(resource: Resource) -> str | None:
    """The language that a patient prefers, as a locale; else the next whose code can be read."""
    communication = resource.get("communication")
    languages = [item for item in communication if _is_object(item)] if isinstance(communication, list) else []
    languages.sort(key=lambda item: item.get("preferred") is not True)
    tags = (tag for item in languages for tag in _tags(item.get("language")))
    return next(tags, None)


def _tags(concept: Any) -> list[str]:
    """The language tags of a CodeableConcept, or of a plain code; those of BCP 47 first."""
    concept = {"coding": [{"code": concept}]} if isinstance(concept, str) else concept
    codings = concept.get("coding") if _is_object(concept) else None
    pairs = [(coding.get("system") or "", coding.get("code")) for coding in _items(codings) if _is_object(coding)]
    tags = [
        (system not in _LANGUAGE_SYSTEMS, tag)
        for system, code in pairs
        if isinstance(system, str) and not system.endswith(_REASONS_FOR_NONE) and isinstance(code, str)
        if (tag := read_tag(code)) is not None and is_language(tag)
    ]
    return [tag for _, tag in sorted(tags, key=lambda item: item[0])]


def _concept(item: Any) -> dict[str, Any] | None:
    codings = item.get("coding") if isinstance(item, dict) else None
    pairs = [
        {"system": coding["system"], "code": coding["code"]}
        for coding in (codings if isinstance(codings, list) else ())
        if isinstance(coding, dict) and _is_text(coding.get("system")) and _is_text(coding.get("code"))
    ]
    return {"coding": pairs} if pairs else None


def _reference(item: Any) -> dict[str, str] | None:
    reference = reference_of(item)
    return {"reference": reference} if reference is not None and _is_text(reference) else None


def _contained(resource: Resource) -> dict[str, Any]:
    """The codes of contained resources by their ids; of several with one id those of the first."""
    contained: dict[str, Any] = {}
    for item in _items(resource.get("contained")):
        if isinstance(item, dict) and _is_text(item.get("id")):
            codes = [concept for code in _items(item.get("code")) if (concept := _concept(code))]
            contained.setdefault(item["id"], {"code": codes})
    return contained


def _copy_date(resource: Resource, path: str, excerpt: dict[str, Any]) -> None:
    name, _, inner = path.partition(".")
    value = resource.get(name)
    if not inner:
        if _is_text(value):
            excerpt[name] = value
    elif isinstance(value, Mapping) and _is_text(value.get(inner)):
        excerpt.setdefault(name, {})[inner] = value[inner]


def _is_other_value(name: str, value: Any) -> bool:
    """Whether an element is the value of an Observation in another form than codes (`valueQuantity`, `valueString`)."""
    return name.startswith("value") and name != "valueCodeableConcept" and value is not None


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_text(value: Any) -> bool:
    """Whether a value is a short text that UTF-8 and every database can hold."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT or "\0" in value:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
