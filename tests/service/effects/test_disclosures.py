"""What patients were given: stored once in short rows, and kept by the migration that shortened them."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from service.effects.store.disclosures import disclosures_to_patient
from service.platform.database import downgrade, upgrade
from service.platform.database.schema import MIGRATIONS


def revision_before(title):
    """The revision that the migration with this title follows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    (script,) = (script for script in scripts if script.doc.startswith(title))
    return script.down_revision


def given_out(clinic):
    with clinic.service.database.reading() as connection:
        return disclosures_to_patient(connection, "p1", clinic.clock().replace(year=2030))


def test_what_the_last_release_stored_is_served(clinic):
    enrollment = clinic.enroll()
    for day in ("2026-07-20T09:00:00", "2026-07-30T09:00:00"):
        clinic.clock.set(day)
        for path in ("view", "view?locale=es", "content"):
            assert clinic.get(f"/v1/enrollments/{enrollment}/{path}", clinic.phone).status == 200
    before, database = given_out(clinic), clinic.service.database
    assert len(before) > 3
    assert len({disclosure.stay for _, _, disclosure in before}) > 1
    downgrade(database, revision_before("Shorter rows of shown content"))
    with database.reading() as connection:
        versions = set(connection.execute(text("SELECT version FROM shown")).scalars())
    assert versions == {disclosure.version for _, _, disclosure in before}
    upgrade(database)
    assert given_out(clinic) == before


def test_the_key_is_the_only_index(database):
    inspector = inspect(database.engine)
    assert inspector.get_indexes("shown") == []
    assert inspector.get_pk_constraint("shown")["constrained_columns"][:2] == ["enrollment", "stay"]
    if database.is_sqlite:
        with database.reading() as connection:
            declared = connection.execute(text("SELECT sql FROM sqlite_schema WHERE name = 'shown'")).scalar_one()
            indexes = connection.execute(text("SELECT name FROM sqlite_schema WHERE tbl_name = 'shown'")).scalars()
            assert "WITHOUT ROWID" in declared
            assert list(indexes) == ["shown"]
