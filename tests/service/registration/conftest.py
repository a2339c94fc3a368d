"""A programme that people can join, and visitors who join it."""

import shutil

import pytest

from tests.folders import ROOT
from tests.service.registration.visitor import PROGRAMMES, Joiners

TEXTS = ROOT / "content" / "nsclc" / "_texts"
MESSAGES = """\
---
title: Messages about your care
summary: You choose whether we may write to you.
piece:
  kind: consent
  purpose: education
  grants: {purpose: [education, adherence], channels: [email, sms, push]}
---
May we send you messages about your care? You can say yes or no. Your care stays the same.
"""
MENSAJES = """\
---
title: Mensajes sobre su cuidado
summary: Usted decide si podemos escribirle.
---
¿Podemos enviarle mensajes sobre su cuidado? Puede decir sí o no. Su atención será la misma.
"""


def with_registration(folder) -> None:
    """Adds the programme, its consent texts and the text of a code to the sample."""
    texts = folder / "content" / "follow_up" / "_texts"
    for name in ("verification-code", "consent-to-measurement"):
        shutil.copytree(TEXTS / name, texts / name)
    consent = texts / "consent-to-messages"
    consent.mkdir()
    (consent / "en.md").write_text(MESSAGES)
    (consent / "es.md").write_text(MENSAJES)
    (folder / "definitions" / "follow_up.programmes.yaml").write_text(PROGRAMMES)


@pytest.fixture(scope="session")
def published_rows(publish_sample):
    return publish_sample(with_registration)


@pytest.fixture
def joiners(clinic) -> Joiners:
    return Joiners(clinic)
