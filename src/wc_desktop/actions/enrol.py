"""Making a workstation known, and filling its replica for the first time."""

from pathlib import Path

from wc_contract.model.ids import UserId
from wc_desktop.domain.enrolment import EnrolRequest, FirstSync
from wc_desktop.ports import Parts, Progress, Workstation

__all__ = ["EnrolRequest", "FirstSync", "enrol", "resume_first_sync"]


def enrol(request: EnrolRequest, data_dir: Path, parts: Parts, progress: Progress) -> Workstation:
    """Make this workstation known to the server and fill its replica; return it, ready to be unlocked.

    Two steps: when the second is interrupted the workstation is enrolled all the same, and resume_first_sync goes
    on from what arrived. Raises the failures of transport (domain.failures), and KeystoreRefused.
    """
    progress(FirstSync(done=0, total_about=0, stage="enrolling"))
    station = parts.enrol_device(request, data_dir)
    resume_first_sync(station, station.people()[0].id, request.password, progress)
    return station


def resume_first_sync(station: Workstation, user: UserId, password: str, progress: Progress) -> None:
    """Fill the replica's side file from where it stands, and swap it in when it is complete.

    Also the way to rebuild a damaged replica: the old one stays in its place until the new one is complete, and
    the journal is not touched. Raises what Workstation.open raises about the password, and ServerUnreachable.
    """
    station.parts.first_sync(station, user, password, progress)
