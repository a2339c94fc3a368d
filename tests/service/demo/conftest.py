"""A demonstration that has begun."""

import pytest

from service.app import create_app, make_service
from service.demo import Demonstration, MovableClock, beside
from service.platform.configuration import Configuration
from service.platform.database import upgrade
from tests.service.clinic import START
from tests.service.demo.showing import copied, running
from tests.service.demo.visitor import Visitor


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Copies of the shipped definitions and content, that a demonstration watches."""
    return copied(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture(scope="module")
def address(files):
    with running(files) as results:
        yield results


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    """A demonstration that has begun, on an SQLite file and copies of what is shipped."""
    folder = copied(tmp_path_factory.mktemp("pages"))
    config = Configuration(database=f"sqlite:///{folder / 'demo.db'}")
    clock = MovableClock(lambda: START)
    numbers = iter(range(1, 1_000_000))
    service = make_service(config, clock=clock, new_id=lambda: f"{next(numbers):032x}")
    upgrade(service.database)
    app = create_app(config, clock=clock, new_id=service.new_id, service=service)
    begun = Demonstration(app, service, clock, folder / "definitions", folder / "content")
    assert begun.begin().is_done
    begun.app, begun.folder = app, folder
    yield begun
    service.database.close()


@pytest.fixture
def visitor(demonstration):
    return Visitor(beside(demonstration.app, demonstration))
