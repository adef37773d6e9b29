"""A sentence for every way in which the workstation or the server says no (wc_desktop.domain.failures)."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication

from wc_contract.model.errors import WhiteCrossError
from wc_desktop.ui.messages.findings import finding_sentence

_CONTEXT: Final = "Failures"

FAILURES: Final[Mapping[str, str]] = {
    "white_cross": "Something went wrong. Nothing was changed; try again.",
    "refused": "This is not allowed. Nothing was changed.",
    "unavailable": "This cannot be done just now. Nothing was lost; try again in a moment.",
    "defect": "The program made a mistake. What was saved is safe. Please tell your administrator.",
    "runner_stopped": "The program is closing; this was not done.",
    "first_sync_cancelled": "The download was stopped. What arrived is kept; it goes on from there next time.",
    "already_enrolled": "This folder holds an enrolled workstation already. Unlock it, or choose another folder.",
    "file_damaged": "Part of a file of this workstation does not read. Connect it to the network: records are fetched "
    "anew by themselves, and a sealed copy holds every entry. Call your administrator if this stays.",
    "files_unreadable": "The files of this workstation cannot be used. Sign in to the computer with the account that "
    "enrolled it, or ask your administrator to look at the folder.",
    "folder_on_network": "The folder of this workstation is on another computer's disk, where its files would be "
    "damaged. Nothing was changed. Ask your administrator to move it to this computer's own disk.",
    "folder_synced": "The folder of this workstation is one that a program copies to a cloud (OneDrive, Dropbox, "
    "Google Drive, iCloud or the like). Nothing was changed. Ask your administrator to move it out of there.",
    "documents_shut": "Photos and documents do not open here. Nothing of them is lost, and all else works. Sign in to "
    "the computer with the account that enrolled this workstation, or ask your administrator to look at the file "
    "blobs.db.",
    "documents_newer": "Photos and documents are of a newer version. They are left as they are, and all else works. "
    "Ask your administrator to update this program.",
    "malformed": "An entry in a file does not read. It is kept as it is; tell your administrator.",
    "wrong_password": "The password is not right.",
    "too_many_tries": "Too many wrong passwords. Connect this workstation to the network and sign in once.",
    "wrong_emergency_code": "The emergency code is not right. Type the six groups as they stand on the paper.",
    "emergency_code_spent": "Too many wrong emergency codes. A nurse who unlocks this workstation gives new tries.",
    "emergency_card_off": "Your district does not keep emergency cards on its workstations.",
    "emergency_code_not_yours": "A nurse, a supervisor or an administrator makes the code of the emergency cards. "
    "Ask one of them.",
    "emergency_card_damaged": "There are no emergency cards to open. A nurse who unlocks this workstation has them "
    "written anew; until then call the school's office or 911.",
    "unknown_person": "You cannot unlock this workstation. Once you are assigned to this school, a colleague who "
    "can unlock it adds you on its Sync screen.",
    "slot_removed": (
        "Your key to this workstation was taken away: the district unassigned you here, or changed your sign-in. What "
        "you recorded is kept. If you still work here, a colleague can add you again once you are assigned."
    ),
    "slot_retired": "This password does not open the workstation any more: it was changed, or you were unassigned. "
    "A colleague who can unlock it adds you again on its Sync screen; is there none, call your administrator.",
    "slot_damaged": "The file that lets you in is damaged. Ask your administrator to enrol this workstation again; "
    "entries that wait are kept.",
    "lease_expired": "The permission to work offline has run out. Connect this workstation to the network. Until then "
    "what happened can be written down, and nothing is shown.",
    "lease_holds": "The district has answered: this workstation opens as usual. Unlock it.",
    "lease_forged": "The permission to work offline is not the district's. Tell your administrator; do not work here.",
    "order_forged": "Somebody asked for this workstation to be erased, but it was not its district. Nothing was "
    "erased; tell your administrator.",
    "clock_behind": "This workstation's clock has gone back. Set the right date and time, then try again.",
    "keystore_refused": "This computer offers no safe place for keys. Ask your administrator to set up its keystore.",
    "keystore_changed": "The keys of this workstation are gone from this computer's keystore. Sign in to the computer "
    "with the account it was enrolled with, or ask your administrator to enrol it again.",
    "journal_damaged": "The journal on this workstation is damaged. Rebuild it: a sealed copy holds every entry. "
    "The damaged file is kept. Do not delete anything.",
    "journal_page_damaged": "The journal on this workstation has become damaged: nothing more can be saved in it. "
    "Lock the workstation if it is open, and unlock it; then rebuild the journal from its sealed copy.",
    "journal_came_back": "The journal had lost its newest entries, as a power cut on a worn disk does it. They are "
    "back, from the sealed copy. Look whether a form that you began is still there, and tell your administrator.",
    "journal_foreign": "The journal in this folder belongs to another workstation, or to a newer version of this "
    "program. Nothing was changed. Call your administrator.",
    "replica_damaged": "The records on this workstation do not open. Rebuild them from the server; "
    "entries that were not sent yet are safe.",
    "first_sync_unfinished": "The first download is not complete. Enter your password to go on with it.",
    "already_open": "White Cross is already open on this computer. Use the window that is open.",
    "not_allowed": "The rules do not allow this.",
    "reason_missing": "A reason is needed.",
    "not_found": "This record is not on this workstation any more.",
    "unfinished": "The form is not complete.",
    "fields_wrong": "Something that was entered does not fit. Nothing was saved; correct it and save again.",
    "counts_differ": "The two counts differ. Count again, together; nothing was saved.",
    "second_person_missing": "A controlled medicine is counted by two people. Choose who counts with you; nothing was "
    "saved.",
    "already_answered": "This case has its answer already. Nothing was changed.",
    "already_amended": "This dose was corrected already. Open the newer entry; the correction is made there.",
    "send_again_first": "The district refused the entry that this builds on. Open it under Sync and send it again "
    "first.",
    "not_refused": "This entry is not refused any more, or it was sent again already. Nothing was changed.",
    "already_said": "The record says all of this by now. Nothing is to be sent; set the entry aside.",
    "disk_full": "The disk is full: nothing was saved. Free some space, then save again. What you typed is still here.",
    "disk_low": "The disk of this computer is almost full: this program works from its reserve. Go on: entries are "
    "saved as long as there is room. Free some space, or ask your administrator to.",
    "keys_wait_for_room": "New keys for this workstation wait for room on the disk. Somebody may not unlock it any "
    "more, and a copy of its files from before could still be opened with that person's password. Free some space, "
    "then lock the workstation.",
    "disk_failed": "The disk refused to save. Try again; if it fails again, write it on paper and call for help.",
    "server_unreachable": "The server does not answer. Check the network and the address, then try again.",
    "server_slow": "The server answers very slowly. It is tried again by itself.",
    "busy": "The server is busy. It is tried again by itself.",
    "server_failed": "The server had a problem of its own. Try again later; tell your administrator if it stays.",
    "pull_broken": "The download was cut off. What arrived is kept; it goes on from there.",
    "certificate_not_trusted": "The server's certificate is not trusted. Choose the district's CA file, or ask for it; "
    "do not go on without.",
    "insecure_address": "The address is not safe: it must begin with https://.",
    "not_a_sync_server": "There is no White Cross server at this address. Check the address.",
    "wrong_district": "This server belongs to another district. Check the address and the district code.",
    "protocol_too_old": "This program is too old for the server. Ask your administrator to update it; "
    "entries are kept until then.",
    "protocol_too_new": "The server is older than this program. Ask your administrator to update the server.",
    "sign_in_failed": "E-mail and password do not match.",
    "session_over": "The server does not know this workstation. Entries are kept here; do not delete anything. "
    "Check that the address is your district's, and call your administrator.",
    "second_factor_failed": "The six-digit code is wrong or was used before. Wait for the next one.",
    "password_too_short": "The password for this workstation needs at least ten characters.",
    "no_sign_on": "Your district has no single sign-on. Sign in with e-mail and password.",
    "sign_on_refused": "The district's sign-in did not name anybody who has an account here. Try again; if it stays, "
    "ask your administrator to link your account.",
    "locked_out": "Too many tries. Wait a few minutes, then try again.",
    "code_invalid": "The one-time code is not known or was used. Ask your administrator for a new one.",
    "code_expired": "The one-time code is older than fifteen minutes. Ask your administrator for a new one.",
    "not_assigned": "You are not assigned to this school. Ask your administrator.",
    "device_revoked": "The district has revoked this workstation. Do not work here; call your administrator.",
    "forked": "There are two copies of this workstation. Stop working here and call your administrator. "
    "What you entered is kept; it is sent when the district has settled which copy goes on.",
    "gap": "The server misses an earlier entry of this workstation. It is sent again by itself.",
    "epoch_changed": "The server was restored. Entries are sent again by themselves.",
    "too_large": "An entry is too large to send. Tell your administrator; it is kept here.",
    "blob_offset": "A photo or document is sent on from another place. It is tried again by itself.",
    "blob_type": "This is neither a picture (JPEG, PNG, WebP, HEIC, TIFF) nor a PDF. Scan or save it as one of these.",
    "blob_too_large": "This photo or document is too large. Save it smaller, then attach it again.",
    "blob_daily": "This workstation has sent as many photos and documents as the district takes in a day. They are "
    "kept here, and sent by themselves when the day is over.",
    "blob_empty": "This file is empty. Choose another one.",
    "blob_differs": "A photo or document arrived damaged at the server. It is sent again by itself.",
    "blob_damaged": "A photo or document on this workstation is damaged. Attach it again from where it came from.",
    "request_refused": "The server refused this. Tell your administrator.",
    "nothing_to_export": "There is nothing to export: no entry was found here that waits. No file was written.",
    "export_foreign": "The sealed copy in this folder is another workstation's. Take journal.sealed itself to your "
    "administrator. No file was written.",
    "file_exists": "There is a file of that name already. Choose another name, or say --force to replace it.",
    "folder_missing": "There is no such folder to put the file into. Is the stick plugged in? (A file's name ends in "
    ".wcjournal.) No file was written.",
    "file_not_read": "This file does not read. Is the stick or camera still plugged in? Choose it again.",
    "copy_failed": "The copy was not written whole. Is there room, and may you write there? Delete what is there of "
    "it, and save again.",
    "upgrade_needed": "This program is too old to fetch records. What you enter is still sent to the district. "
    "Ask your administrator to update it.",
    "drain_only": "This workstation may only send what it holds. Call your administrator before going on.",
    "replica_differs": "The records here differ from the server's. They are rebuilt by themselves.",
    "locked_while_attaching": "A photo or document was still being read when the workstation was locked, and was not "
    "kept. Unlock, and add it again.",
    "rows_unstored": "This workstation could not take some of the district's records; all others are here. Look at the "
    "server where you miss one, and tell your administrator. They are fetched again after the next unlock.",
}

_WITH_FINDINGS: Final = ("not_allowed", "reason_missing", "unfinished")


def failure_code_sentence(code: str) -> str:
    """Return the sentence of a failure's code."""
    words = FAILURES.get(code)
    if words is None:
        unknown = QCoreApplication.translate(_CONTEXT, 'Not done ("{code}"). Tell your administrator.')
        return unknown.format(code=code)
    return QCoreApplication.translate(_CONTEXT, words)


def failure_sentence(failure: WhiteCrossError) -> str:
    """Return what went wrong and what to do, with what this one failure knows: tries left, minutes, findings."""
    first = failure_code_sentence(failure.code)
    if failure.code in _WITH_FINDINGS:
        return " ".join((first, *(finding_sentence(code) for code in getattr(failure, "codes", ()))))
    left = getattr(failure, "left", None)
    if isinstance(left, int):
        return f"{first} {tries_left(left)}"
    after = getattr(failure, "after", None)
    if isinstance(after, int):
        minutes = max(1, -(-after // 60))
        said = QCoreApplication.translate(_CONTEXT, "Try again in %n minute(s).", "", minutes)
        return f"{first} {_english_plural(said, minutes)}"
    return first


def tries_left(left: int) -> str:
    """Return how many passwords may still be tried."""
    said = QCoreApplication.translate(_CONTEXT, "%n try(ies) left.", "", left)
    return _english_plural(said, left)


def _english_plural(text: str, count: int) -> str:
    # Without an English translation file Qt leaves the source's brackets in place.
    one = count == 1
    text = text.replace("try(ies)", "try" if one else "tries")
    return text.replace("(s)", "" if one else "s")
