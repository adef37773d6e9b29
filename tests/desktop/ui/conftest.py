"""What tests of the screens share."""

import gc
import itertools

import pytest

_EVERY = 8
_begun = itertools.count()


@pytest.fixture(autouse=True)
def no_collection_while_painting() -> None:
    """Let Python's collector clear away the windows of earlier tests between tests only.

    A collection that begins inside a paint event of ours destroys them there, and Qt steps on them: on a busy machine
    every other run of these tests ended so.
    """
    gc.disable()
    if next(_begun) % _EVERY == 0:
        gc.collect()


def pytest_runtest_logfinish() -> None:
    """Let the collector go on once the last event of a test was taken."""
    gc.enable()
