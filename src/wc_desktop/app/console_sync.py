"""One exchange to its end, without threads: everything sent, everything taken, both sides compared."""

from wc_contract.wire.codes import Directive
from wc_contract.wire.messages import HelloAnswer
from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.domain.failures import DeviceForked, DeviceRevoked, EpochChanged, NumberGap, ProtocolTooOld
from wc_desktop.sync.first_sync import ReplicaDiffers, fill
from wc_desktop.sync.gateway import Gateway
from wc_desktop.sync.link import SyncLink
from wc_desktop.sync.pull_loop import pull_round
from wc_desktop.sync.push_loop import push_round

# A server that changes its epoch while we talk to it is greeted again; one that always does is broken.
_MOST_GREETINGS = 3


def sync_once(link: SyncLink) -> None:
    """Push and pull until nothing is left, and ask for a comparison.

    Raises the failures of domain.failures; what was answered and taken until then is kept.
    """
    gateway = link.connect()
    try:
        for attempt in range(1, _MOST_GREETINGS + 1):
            try:
                _exchange(link, gateway)
            except (EpochChanged, NumberGap):
                if attempt == _MOST_GREETINGS:
                    raise
            else:
                return
    finally:
        gateway.close()


def _exchange(link: SyncLink, gateway: Gateway) -> None:
    answer = _greet(link, gateway)
    push_round(gateway, link.files, answer.epoch, stopping=_never)
    if answer.directive is Directive.DRAIN_ONLY:
        return
    if link.files.view().epoch != answer.epoch:
        _rebuild(link, gateway, answer.epoch)
    # Also after a rebuild: the comparison belongs to the report.
    pull_round(gateway, link.files, answer.epoch, digest=True, progress=_unheard)


def _greet(link: SyncLink, gateway: Gateway) -> HelloAnswer:
    message = link.files.hello()
    answer = gateway.hello(message)
    link.files.take_hello(answer, message)
    match answer.directive:
        case Directive.FORKED:
            raise DeviceForked("the server says so")
        case Directive.UPGRADE:
            raise ProtocolTooOld("the server says so")
        case Directive.WIPE:
            raise DeviceRevoked("the server says so")
        case Directive.OK | Directive.RECONCILE | Directive.DRAIN_ONLY:
            pass
    if answer.last_number > message.last_number:
        # The server holds entries of ours that this journal never wrote: an older copy of this device.
        raise DeviceForked("entries from the future")
    return answer


def _rebuild(link: SyncLink, gateway: Gateway, epoch: str) -> None:
    side = link.begin_side(epoch)
    try:
        fill(gateway, side, epoch, _unsaid)
    except ReplicaDiffers:
        link.drop_side()
        raise
    link.swap_in()


def _never() -> bool:
    return False


def _unheard(_done: int, _about: int) -> None:
    """Nobody watches: a report is printed when all is done."""


def _unsaid(_progress: FirstSync) -> None:
    """Nobody watches: a report is printed when all is done."""
