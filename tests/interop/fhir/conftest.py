"""Databases in which the shipped lung cancer journey is published, for bundles to be ingested into."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.publishing.library import Library
from tests.interop.fhir.place import Place
from tests.once import made_once


@pytest.fixture(scope="session")
def library() -> Library:
    """What is compiled once for all tests here: the journey and its pieces."""
    return Library()


@pytest.fixture(scope="session")
def published(library: Library) -> Path:
    """A database in which the journey is published and nobody is enrolled."""

    def publish(file: Path) -> None:
        place = Place(f"sqlite:///{file}", library)
        place.publish()
        place.service.database.close()

    return made_once("fhir.db", publish)


@pytest.fixture
def clinic(tmp_path: Path, published: Path, library: Library) -> Iterator[Place]:
    file = shutil.copy(published, tmp_path / "journeys.db")
    made = Place(f"sqlite:///{file}", library)
    yield made
    made.service.database.close()


@pytest.fixture(scope="session")
def bundle_of(shared_data: Path) -> Callable[[str], bytes]:
    """The bytes of a sample bundle that nobody on this project wrote."""
    return lambda name: next((shared_data / "fhir").glob(f"{name}_*.json")).read_bytes()
