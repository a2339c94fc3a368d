"""Patients with a confirmed address, and visitors who sign in."""

import shutil

import pytest

from tests.folders import ROOT
from tests.service.sign_in.visitor import SigningIn

TEXT = ROOT / "content" / "nsclc" / "_texts" / "verification-code"


@pytest.fixture(scope="session")
def published_rows(publish_sample):
    """A journey with the shipped text of a code."""
    return publish_sample(lambda folder: shutil.copytree(TEXT, folder / "content" / "follow_up" / "_texts" / TEXT.name))


@pytest.fixture
def signing_in(clinic) -> SigningIn:
    return SigningIn(clinic)
