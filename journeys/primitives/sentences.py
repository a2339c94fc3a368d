"""Splits a text into its sentences. It judges nothing."""

from __future__ import annotations

import re

_END = re.compile(r"(?<=[.!?…])[\"”’»)\]*]*\s+(?=[\W_]*[A-ZÁÉÍÓÚÜÑ0-9¿¡⟨\ue015\ue016])")
#: U+E015 and U+E016 stand for a value and a term, where words are counted.
_SHORTENED = re.compile(r"\b(Dr|Dra|Mr|Mrs|Ms|Sr|Sra|Ud|Uds|vs|e\.g|i\.e|p\. ?ej)\.(?=\s)", re.IGNORECASE)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text; the point of an abbreviation does not end a sentence."""
    protected = _SHORTENED.sub(lambda match: match[0].replace(".", "\ue017"), " ".join(text.split()))
    return [part.replace("\ue017", ".") for part in _END.split(protected)]
