"""Databases in which the shipped lung cancer journey is published, for bundles to be ingested into."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.publishing.library import Library
from tests.interop.fhir.place import Place


@pytest.fixture(scope="session")
def library() -> Library:
    """What is compiled once for all tests here: the journey and its pieces."""
    return Library()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Path:
    """A database in which the journey is published and nobody is enrolled."""
    file = tmp_path_factory.mktemp("published") / "journeys.db"
    made = Place(f"sqlite:///{file}", library)
    made.publish()
    made.service.database.close()
    return file


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
