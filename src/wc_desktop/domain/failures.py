"""Every way in which the workstation says no, by who can act. A screen turns `code` into a sentence."""

from zoneinfo import ZoneInfo

from wc_contract.model.errors import Refused, Unavailable
from wc_contract.model.instants import Instant


class WrongPassword(Refused):
    """The password does not open this person's slot. left tries remain before an online sign-in is asked for."""

    code = "wrong_password"

    def __init__(self, left: int) -> None:
        super().__init__(f"wrong password, {left} tries left")
        self.left = left


class TooManyTries(Refused):
    """Ten wrong passwords: this person must sign in online before the slot is opened again."""

    code = "too_many_tries"


class WrongEmergencyCode(Refused):
    """The code does not open the emergency cards. left tries remain before a nurse must unlock."""

    code = "wrong_emergency_code"

    def __init__(self, left: int) -> None:
        super().__init__(f"wrong emergency code, {left} tries left")
        self.left = left


class EmergencyCodeSpent(Refused):
    """Ten wrong codes: the next unlock with a password gives new tries."""

    code = "emergency_code_spent"


class EmergencyCardOff(Refused):
    """The district does not want emergency cards on its workstations."""

    code = "emergency_card_off"


class EmergencyCodeNotYours(Refused):
    """Codes of the emergency cards are made by nurses, supervisors and administrators."""

    code = "emergency_code_not_yours"


class EmergencyCardDamaged(Unavailable):
    """The emergency cards were not written yet, or their file does not read; the next unlock writes them anew."""

    code = "emergency_card_damaged"


class UnknownPerson(Refused):
    """This person has no slot on this workstation."""

    code = "unknown_person"


class SlotRemoved(Refused):
    """The district took this person off the workstation, and their slot here is gone."""

    code = "slot_removed"


class SlotRetired(Refused):
    """The lease names a newer generation of this person's slot, or no longer names the person."""

    code = "slot_retired"


class SlotDamaged(Refused):
    """The slot file was changed, renamed, or belongs to another workstation."""

    code = "slot_damaged"


class LeaseExpired(Refused):
    """The permission to work offline has run out; contact with the server renews it.

    because is what kept this workstation from asking for another, where it is more than that nobody answered.
    """

    code = "lease_expired"

    def __init__(self, *, issued_at: Instant, ended_at: Instant, zone: ZoneInfo, because: str = "") -> None:
        super().__init__("the lease has run out")
        self.issued_at = issued_at
        self.ended_at = ended_at
        self.zone = zone
        self.because = because


class LeaseHolds(Refused):
    """The workstation has a lease: what may be done without one is done after unlocking it."""

    code = "lease_holds"


class LeaseForged(Refused):
    """The lease is not signed by the district or names another workstation."""

    code = "lease_forged"


class ClockBehind(Refused):
    """The wall clock stands before an instant this workstation has already seen."""

    code = "clock_behind"


class AlreadyEnrolled(Refused):
    """There is a workstation in this folder already."""

    code = "already_enrolled"


class KeystoreRefused(Refused):
    """No keystore that can be trusted: none, a null one, a plain-text one, or one that does not give back."""

    code = "keystore_refused"


class OrderForged(Refused):
    """What asks for this workstation to be erased is not signed by its district. Nothing was destroyed."""

    code = "order_forged"


class KeystoreChanged(Refused):
    """The keystore is not the one this workstation was enrolled with, or has lost its secret."""

    code = "keystore_changed"


class JournalDamaged(Refused):
    """The journal does not open. The sealed copy beside it holds every entry: it can be made anew from there."""

    code = "journal_damaged"


class JournalPageDamaged(JournalDamaged):
    """A page of the open journal does not read: it must be closed, and made anew at the next opening."""

    code = "journal_page_damaged"


class JournalForeign(JournalDamaged):
    """The journal reads, but another workstation or a newer program wrote it: nothing is made anew here."""

    code = "journal_foreign"


class ReplicaDamaged(Refused):
    """The replica does not open: damage and a wrong key look alike. Rebuild it; the journal is safe.

    reason is one of: unreadable, empty, not_encrypted, foreign, newer_schema.
    """

    code = "replica_damaged"

    def __init__(self, reason: str) -> None:
        super().__init__(f"replica does not open: {reason}")
        self.reason = reason


class FirstSyncUnfinished(Refused):
    """The replica is not complete yet: take the first sync up again."""

    code = "first_sync_unfinished"


class FilesUnreadable(Refused):
    """The folder or a file of this workstation may not be read or written by the account that runs the program."""

    code = "files_unreadable"


class FolderOnNetwork(Refused):
    """The workstation's folder lies on another computer's disk: a broken line there damages databases."""

    code = "folder_on_network"


class FolderSynced(Refused):
    """A program copies the workstation's folder to a cloud: that makes a second workstation of it."""

    code = "folder_synced"


class DocumentsShut(Unavailable):
    """The file of photos and documents may not be used just now; it is as it was."""

    code = "documents_shut"


class DocumentsNewer(Unavailable):
    """A later version of the program wrote the file of photos and documents; it is left as it is."""

    code = "documents_newer"


class AlreadyOpen(Refused):
    """Another window of this program holds the files of this workstation."""

    code = "already_open"


class NotAllowed(Refused):
    """The rules do not let this be written before the act; codes says which findings."""

    code = "not_allowed"

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__("not allowed before the act: " + ", ".join(codes))
        self.codes = codes


class ReasonMissing(Refused):
    """A hard stop may be gone past only with a reason; codes says which findings ask for one."""

    code = "reason_missing"

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__("a reason is asked for: " + ", ".join(codes))
        self.codes = codes


class NotFound(Refused):
    """The record is not in this school's replica."""

    code = "not_found"


class Unfinished(Refused):
    """A form cannot be signed yet; codes says which findings stand against it."""

    code = "unfinished"

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__("not complete: " + ", ".join(codes))
        self.codes = codes


class FieldsWrong(Refused):
    """Values do not fit the record's declaration; fields names them."""

    code = "fields_wrong"

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__("fields do not fit: " + ", ".join(fields))
        self.fields = fields


class CountsDiffer(Refused):
    """Two people counted and found different numbers: they count again, and nothing is written."""

    code = "counts_differ"


class SecondPersonMissing(Refused):
    """A controlled medicine is counted by two different people, each of whom signs in."""

    code = "second_person_missing"


class AlreadyAnswered(Refused):
    """The review case has its answer."""

    code = "already_answered"


class AlreadyAmended(Refused):
    """Another entry stands for this dose already: that one is amended, if any."""

    code = "already_amended"


class SendAgainFirst(Refused):
    """What this would build on was refused by the district: that comes first."""

    code = "send_again_first"


class NotRefused(Refused):
    """Only an entry that the district refused, and that nobody has said again, is said again."""

    code = "not_refused"


class AlreadySaid(Refused):
    """The records say all that a refused entry would change."""

    code = "already_said"


class DiskFull(Unavailable):
    """There was no room to write; nothing was changed."""

    code = "disk_full"


class DiskFailed(Unavailable):
    """The disk refused a read or a write; nothing was changed."""

    code = "disk_failed"


class ServerUnreachable(Unavailable):
    """No answer from the server."""

    code = "server_unreachable"


class ServerSlow(ServerUnreachable):
    """The server did not answer in time; a smaller batch may pass."""

    code = "server_slow"


class ServerBusy(Unavailable):
    """The server asks to come back later; after says in how many seconds, when it said so."""

    code = "busy"

    def __init__(self, after: int | None = None) -> None:
        super().__init__("server busy")
        self.after = after


class ServerFailed(Unavailable):
    """The server answered with an error of its own, or with something that is not an answer."""

    code = "server_failed"


class PullBroken(Unavailable):
    """A pull ended before its end line; what arrived is kept and the next pull goes on from there."""

    code = "pull_broken"


class CertificateNotTrusted(Refused):
    """The server's certificate is not vouched for by the district's or the system's authorities."""

    code = "certificate_not_trusted"


class InsecureAddress(Refused):
    """The server's address is neither https nor on this machine."""

    code = "insecure_address"


class NotASyncServer(Refused):
    """Something answers at this address, but it is not a White Cross sync server."""

    code = "not_a_sync_server"


class WrongDistrict(Refused):
    """The server at this address serves another district."""

    code = "wrong_district"


class ProtocolTooOld(Refused):
    """The server no longer speaks with this version of the workstation: upgrade the workstation."""

    code = "protocol_too_old"


class ProtocolTooNew(Refused):
    """The server is older than this workstation: the district must upgrade it."""

    code = "protocol_too_new"


class SignInFailed(Refused):
    """E-mail and password do not match, or the account does not exist; nobody says which."""

    code = "sign_in_failed"


class SessionOver(Refused):
    """The server does not know this workstation's session: it was ended, or this is not the district's server."""

    code = "session_over"


class SecondFactorFailed(Refused):
    """The six-digit code is wrong or was used before."""

    code = "second_factor_failed"


class PasswordTooShort(Refused):
    """The password for this workstation has fewer than ten characters."""

    code = "password_too_short"


class NoSignOn(Refused):
    """The district has no single sign-on."""

    code = "no_sign_on"


class SignOnRefused(Refused):
    """The district's single sign-on vouches for nobody who has an account here."""

    code = "sign_on_refused"


class LockedOut(Refused):
    """Too many tries at the server; after says in how many seconds to come back, when it said so."""

    code = "locked_out"

    def __init__(self, after: int | None = None) -> None:
        super().__init__("locked out")
        self.after = after


class CodeInvalid(Refused):
    """The one-time code is unknown or was used."""

    code = "code_invalid"


class CodeExpired(Refused):
    """The one-time code is older than fifteen minutes."""

    code = "code_expired"


class NotAssigned(Refused):
    """This person does not work at this school."""

    code = "not_assigned"


class DeviceRevoked(Refused):
    """The district has revoked this workstation."""

    code = "device_revoked"


class DeviceForked(Refused):
    """Two copies of this workstation exist; the district must decide which goes on."""

    code = "forked"


class NumberGap(Refused):
    """The server does not know an entry before the first one sent."""

    code = "gap"


class EpochChanged(Refused):
    """The server was restored or replaced: say hello again and resend."""

    code = "epoch_changed"


class BatchTooLarge(Refused):
    """The server or a proxy found the batch too large; halve it."""

    code = "too_large"


class UploadsFull(Unavailable):
    """The district takes no more photos and documents of this workstation today; after says for how many seconds."""

    code = "blob_daily"

    def __init__(self, after: int) -> None:
        super().__init__("enough for a day")
        self.after = after


class UploadElsewhere(Refused):
    """The server goes on with a photo or document from another place than the piece sent: from byte expected."""

    code = "blob_offset"

    def __init__(self, expected: int) -> None:
        super().__init__(f"goes on at {expected}")
        self.expected = expected


class RequestRefused(Refused):
    """The server refused the request with a code this version has no class for; server_code names it."""

    code = "request_refused"

    def __init__(self, server_code: str) -> None:
        super().__init__(f"request refused: {server_code}")
        self.server_code = server_code


class NothingToExport(Refused):
    """No entry is there to be saved as a file; none was written."""

    code = "nothing_to_export"


class ExportForeign(Refused):
    """The sealed copy in this folder is not this workstation's: none of its records opens with its keys."""

    code = "export_foreign"


class FileExists(Refused):
    """There is a file of that name already, and nobody said that it may be replaced."""

    code = "file_exists"


class FolderMissing(Refused):
    """The folder in which the file is to be put is not there."""

    code = "folder_missing"


class FileNotRead(Refused):
    """A file that somebody chose does not read: it is gone, or this account may not read it."""

    code = "file_not_read"


class CopyFailed(Unavailable):
    """A copy could not be written where it was to go; what is there of it is not whole."""

    code = "copy_failed"
