"""When a server takes itself for put back: by its own word of where it stood, and by no other."""

from tests import factories as make

from wc_sync_server.domain.checkpoints import Checkpoint, scope_of
from wc_sync_server.domain.directives import went_back

_HERE, _THERE = (scope_of(make.named(school), confidential=True) for school in ("here", "there"))


def stand(district: int, school: int, *, epoch: str = "one", scope: str = _HERE) -> Checkpoint:
    return Checkpoint(epoch=epoch, district_head=district, school_head=school, scope=scope)


def test_a_server_went_back_when_it_stood_further_in_this_epoch() -> None:
    assert went_back(stand(5, 10), stand(5, 9))
    assert went_back(stand(6, 1), stand(5, 9))
    assert not went_back(stand(5, 9), stand(5, 9))
    assert not went_back(stand(9, 9, epoch="before"), stand(5, 9))
    assert not went_back(None, stand(5, 9))


def test_how_far_another_schools_stream_was_tells_nothing_of_this_one() -> None:
    """A workstation that was set up anew for another school may still hold the checkpoint of the one before."""
    assert not went_back(stand(5, 1_000, scope=_THERE), stand(5, 9))
    assert went_back(stand(6, 1_000, scope=_THERE), stand(5, 9)), "the district's stream is one"
