"""Time zones: names of places are accepted, and a machine without any says so."""

import subprocess
import sys

import pytest

from service.platform.time_zones import zone_names, zone_of

#: A process in which neither the system nor the package has zones.
WITHOUT = """
import sys
class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tzdata":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Nowhere())
from service.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("name", ["Europe/Madrid", "US/Eastern", "Etc/GMT+2", "UTC", "Europe/Kyiv", "Europe/Kiev"])
def test_names_of_places_and_older_names_are_accepted(name):
    assert name in zone_names()


@pytest.mark.parametrize(
    "name",
    ["localtime", "Factory", "posixrules", "posix/Europe/Madrid", "right/UTC", "../UTC", "zone.tab", "UTC+2", ""],
)
def test_names_of_files_and_offsets_are_refused(name):
    assert name not in zone_names()


@pytest.mark.parametrize("name", ["Mars/One", "../UTC", "a\0b", "Europe"])
def test_a_zone_that_this_machine_lost_is_utc(name):
    assert zone_of(name) is not None and str(zone_of(name)) == "UTC"


def test_doctor_says_that_there_are_no_time_zones(tmp_path):
    command = [sys.executable, "-c", WITHOUT, "doctor", "--database", f"sqlite:///{tmp_path / 'none.db'}"]
    done = subprocess.run(
        command,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONTZPATH": "", "JOURNEYS_PORT": "0", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )
    assert "BAD  time zones: none found  -> Install the package tzdata" in done.stdout, done.stderr
    assert done.returncode == 1
