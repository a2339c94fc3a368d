"""A browser for the tests that need one; they are skipped where there is none."""

import pytest

from tests.demonstration.showing import CHROMIUM, FLAGS, copied, running


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (no 'chromium' in the path)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Copies of the shipped definitions and content, that a demonstration watches."""
    return copied(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture(scope="module")
def address(files):
    with running(files) as found:
        yield found
