"""Compiling before patients ask: once for all threads, before the process is ready, and again after a publication."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from service.app import create_app
from service.http.health import EXTENSION
from service.operations.readiness import readiness
from service.operations.warming import Warmer
from service.platform.configuration import Configuration
from service.publishing import library
from service.publishing.library import Compiled, Library
from service.publishing.service import Service
from service.publishing.store import releases
from tests.service.clinic import DEFINITIONS

THREADS = 16


@pytest.fixture
def compilations(monkeypatch):
    """The files that were compiled, one entry each time."""
    compiled = []
    compile_definition = library.compile_definition

    def spy(definition, file, rules):
        compiled.append(Path(file).name)
        return compile_definition(definition, file, rules)

    monkeypatch.setattr(library, "compile_definition", spy)
    return compiled


def fresh(service: Service) -> Service:
    """The service as another process would make it: nothing is compiled yet."""
    return Service(
        service.database, service.clock, service.new_id, service.new_secret, Library(service.library.rules, Compiled())
    )


def test_sixteen_threads_compile_a_release_once(clinic, compilations, monkeypatch):
    clinic.publish()
    service, barrier, reads = fresh(clinic.service), Barrier(THREADS), []
    record = Library.record
    monkeypatch.setattr(Library, "record", lambda *args: reads.append(1) or record(*args))
    with service.database.reading() as connection:
        newest = releases.newest_publication(connection, "follow_up")

    def first_view(_):
        barrier.wait()
        with service.database.reading() as connection:
            release = service.library.releases(connection)[newest.release]
            return service.library.servable_content(connection, release, 1, locale="en", now=service.clock())

    compilations.clear()
    with ThreadPoolExecutor(THREADS) as pool:
        contents = list(pool.map(first_view, range(THREADS)))
    assert len(compilations) == 1
    assert len(reads) == 1
    assert all(content is contents[0] for content in contents)


def test_a_process_is_ready_when_its_releases_are_compiled(clinic, compilations):
    clinic.publish()
    service = fresh(clinic.service)
    warmer = Warmer(service)
    assert readiness(service, warmer).status == "unready"
    assert readiness(service, warmer).releases == "compiling"
    compilations.clear()
    warmer.warm()
    assert readiness(service, warmer).status == "ready"
    assert len(compilations) == len(set(compilations)) >= 1
    compilations.clear()
    warmer.warm()
    assert compilations == []


def test_readyz_answers_503_while_releases_are_compiled(clinic):
    clinic.publish()
    service = fresh(clinic.service)
    warmer = Warmer(service)
    app = create_app(Configuration(), clock=service.clock, new_id=str, service=service, warmer=warmer)
    assert app.extensions[EXTENSION] is warmer
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["releases"]) == (503, "compiling")
    warmer.warm()
    assert app.test_client().get("/readyz").status_code == 200


def test_an_altered_release_does_not_keep_the_process_from_being_ready(clinic, monkeypatch):
    clinic.publish()
    service = fresh(clinic.service)

    def refuse(definition, file, rules):
        raise ValueError(file)

    monkeypatch.setattr(library, "compile_definition", refuse)
    warmer = Warmer(service)
    warmer.warm()
    assert warmer.is_done


def test_a_new_publication_is_compiled_before_anybody_joins_it(clinic, compilations, tmp_path):
    clinic.publish()
    service = fresh(clinic.service)
    warmer = Warmer(service)
    warmer.warm()
    compilations.clear()
    for file in DEFINITIONS.glob("*.yaml"):
        (tmp_path / file.name).write_text(file.read_text() + "\n# a new release\n")
    clinic.publish(tmp_path)
    compilations.clear()
    warmer.warm()
    assert compilations
    assert len(compilations) == len(set(compilations))
