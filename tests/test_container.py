"""The image and the services of compose.yaml: settings that are accepted, commands that exist, and a real build."""

import json
import os
import re
import shlex
import shutil
import subprocess
import time
import urllib.request
from contextlib import suppress

import pytest
import yaml

from service.cli import COMMANDS
from service.platform.configuration import Configuration
from tests.folders import ROOT
from tests.ports import free_port

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "patient-journeys"}
CONTAINERFILE = (ROOT / "Containerfile").read_text()
#: Options of `buildah bud`, for a machine on which the base image or the certificates lie elsewhere.
OPTIONS = shlex.split(os.environ.get("JOURNEYS_TEST_BUILD", ""))


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_settings_of_a_service_are_accepted_and_its_command_exists(name):
    environment = OURS[name]["environment"]
    config = Configuration.of_environment(environment)
    assert config.channels
    assert not config.worker  # a service of its own fires timers
    command = OURS[name].get("command") or json.loads(re.search(r"^CMD (.*)$", CONTAINERFILE, re.MULTILINE)[1])
    assert command[0] == "journeys"
    assert any(command[1] in commands for commands in COMMANDS.values())


def test_services_wait_for_what_they_need_and_no_port_is_open_to_other_machines():
    assert set(OURS) == {"schema", "web", "worker"}
    for name, service in COMPOSE["services"].items():
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"]), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
    assert OURS["worker"]["depends_on"] == {"schema": {"condition": "service_completed_successfully"}}


def test_the_image_is_made_of_what_the_ignore_file_lets_in():
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINERFILE, re.MULTILINE) for name in line.split()
    }
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


@pytest.fixture(scope="module")
def buildah():
    """A function that runs buildah, which needs no daemon."""
    if shutil.which("buildah") is None:
        pytest.skip("no image can be built: buildah is not installed")

    def run(*words: str, check: bool = True) -> str:
        command = ["buildah", "--storage-driver", "vfs", *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done.stdout.strip()

    return run


@pytest.mark.long
def test_the_image_is_built_and_serves(buildah):
    base = re.search(r"^ARG PYTHON=(.*)$", CONTAINERFILE, re.MULTILINE)[1]
    if not OPTIONS and not buildah("pull", "--quiet", base, check=False):
        pytest.skip(f"no image can be built: the base image {base} cannot be fetched")
    image = buildah("bud", "--quiet", "--isolation", "chroot", *OPTIONS, "--file", "Containerfile", ".").splitlines()[
        -1
    ]
    container, port = buildah("from", image), free_port()
    inside = ("buildah", "--storage-driver", "vfs", "run", "--isolation", "chroot", container, "--")
    try:
        subprocess.run([*inside, "journeys", "db", "upgrade"], check=True, timeout=60, capture_output=True)
        server = subprocess.Popen([*inside, "journeys", "serve", "--port", str(port)], stderr=subprocess.DEVNULL)
        try:
            assert ready(port)["database"] == "ok"
        finally:
            server.terminate()
            server.wait(30)
    finally:
        buildah("rm", container)
        buildah("rmi", image)


def ready(port: int) -> dict:
    """The answer of the readiness check, once there is one."""
    for _ in range(120):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return json.load(answer)
        time.sleep(0.5)
    raise AssertionError("the service did not start")
