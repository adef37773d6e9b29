"""What a device should do next (sync.md, 'hello')."""

from wc_contract.wire.codes import Directive
from wc_contract.wire.messages import Hello
from wc_contract.wire.versions import version_key
from wc_sync_server.domain.access import Admission, DeviceStatus
from wc_sync_server.domain.checkpoints import Checkpoint


def directive_for(
    admission: Admission,
    hello: Hello,
    checkpoint: Checkpoint | None,
    *,
    now: Checkpoint,
    min_app_version: str,
    ahead: bool = False,
) -> Directive:
    """Return the most urgent thing to do. now is where the streams stand; ahead: see contact_nonce.Heard."""
    match admission.device.status:
        case DeviceStatus.REVOKED | DeviceStatus.WIPED:
            return Directive.WIPE
        case DeviceStatus.FORKED:
            return Directive.FORKED
        case DeviceStatus.ACTIVE:
            pass
    # Too old to understand what it would fetch: what it holds is taken all the same (law 1).
    if not admission.anyone_valid or version_key(hello.app_version) < version_key(min_app_version):
        return Directive.DRAIN_ONLY
    lost = hello.checkpoint is not None and (checkpoint is None or _elsewhere(checkpoint, now))
    # A number behind ours may only mean that a push overtook this hello: comparing shows it, a push proves it.
    behind = hello.last_number < admission.device.last_number
    return Directive.RECONCILE if lost or behind or ahead else Directive.OK


def went_back(checkpoint: Checkpoint | None, now: Checkpoint) -> bool:
    """Whether the server once stood further in this very epoch: it was put back, and nobody said so.

    A checkpoint bears our own signature, so no device can make one up; one of another school tells nothing of this.
    """
    if checkpoint is None or checkpoint.epoch != now.epoch:
        return False
    of_school = checkpoint.scope == now.scope and checkpoint.school_head > now.school_head
    return of_school or checkpoint.district_head > now.district_head


def _elsewhere(checkpoint: Checkpoint, now: Checkpoint) -> bool:
    return checkpoint.epoch != now.epoch or checkpoint.scope != now.scope or went_back(checkpoint, now)
