"""What the thread of photos does next: entries first, then whoever waits, then what is to be sent."""

from dataclasses import replace

import pytest

from wc_desktop.domain.blob_plan import (
    COMPARE_EVERY_SECONDS,
    GIVE_WAY_SECONDS,
    BlobStep,
    BlobView,
    Compare,
    Fetch,
    Rest,
    Upload,
    next_blob_step,
)
from wc_desktop.domain.blob_views import ContentFacts, Uploading, Wanted

FACTS = ContentFacts(sha256="0" * 64, size=9, media_type="image/png")
ASKED, AHEAD = Wanted(facts=FACTS, held=0, asked=True), Wanted(facts=FACTS, held=0, asked=False)
MINE = Uploading(facts=FACTS, refused=None)
VIEW = BlobView(
    now=1_000.0, not_before=0.0, online=True, waiting_since=None, compared_at=999.0, asked_for=ASKED, upload=MINE,
    ahead=AHEAD,
)  # fmt: skip


@pytest.mark.parametrize(
    ("view", "step"),
    [
        (VIEW, Fetch(what=ASKED)),
        (replace(VIEW, asked_for=None), Upload(what=MINE)),
        (replace(VIEW, asked_for=None, upload=None), Fetch(what=AHEAD)),
        (replace(VIEW, compared_at=None), Compare()),
        (replace(VIEW, compared_at=1_000.0 - COMPARE_EVERY_SECONDS), Compare()),
        (replace(VIEW, waiting_since=1_000.0 - GIVE_WAY_SECONDS), Fetch(what=ASKED)),
        (replace(VIEW, not_before=1_003.0), Rest(seconds=3.0)),
    ],
)
def test_there_is_an_order(view: BlobView, step: BlobStep) -> None:
    assert next_blob_step(view) == step


@pytest.mark.parametrize(
    "view",
    [
        replace(VIEW, online=False),
        replace(VIEW, waiting_since=1_000.0),
        replace(VIEW, waiting_since=1_000.0 - GIVE_WAY_SECONDS + 0.1),
        replace(VIEW, asked_for=None, upload=None, ahead=None),
    ],
)
def test_nothing_is_sent_while_entries_wait_or_nobody_answers(view: BlobView) -> None:
    assert isinstance(next_blob_step(view), Rest)
