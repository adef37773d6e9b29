"""Every file of a workstation damaged in every place, then opened as the program does it.

Whatever is done to a file, one of these is true afterwards, or it counts as a fault of ours: all is there; or it was
told in a sentence, and what the screen or docs/troubleshooting.md offers brings all back that the sealed copy or the
server holds. No other error than the program's own comes out.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tests.desktop.actions.test_log_dose import give
from tests.desktop.blobs.test_store import attached
from tests.desktop.clinic import NURSE, PASSWORD, Clinic, digest_of, small_school
from tests.pictures import picture

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import UserId
from wc_contract.wire.entries import entry_to_body
from wc_desktop.actions.incidents import drafts, new_draft, save_draft
from wc_desktop.actions.unlock import Desk, unlock
from wc_desktop.app.opened import OpenFiles, own_keys_of
from wc_desktop.app.parts import opened_of
from wc_desktop.app.rebuild import rebuild_journal
from wc_desktop.blobs.store import DAMAGED
from wc_desktop.cipher.faults import Damaged
from wc_desktop.domain.failures import (
    FirstSyncUnfinished,
    JournalDamaged,
    ReplicaDamaged,
)
from wc_desktop.journal.survey import survey
from wc_desktop.ui.messages.failures import failure_sentence

ANA = UserId(NURSE)
PAGE: Final = 4096
STEP: Final = 997
# Of small files, which hold one thing each, more is tried than every 997th octet.
SMALL: Final = 8_192
SMALL_STEP: Final = 13

DATABASES: Final = ("replica.db", "replica.db-wal", "journal.db", "journal.db-wal", "blobs.db", "blobs.db-wal")
SEALED: Final = "journal.sealed"
LETTING_IN: Final = ("slots.json", "station.json", "device.sealed", "token.sealed")
OTHERS: Final = ("journal.number", "journal.proved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One file, what is done to it, and where."""

    file: str
    kind: str
    place: int = 0

    def strike(self, folder: Path) -> None:
        """Do it."""
        path = folder / self.file
        content = bytearray(path.read_bytes())
        match self.kind:
            case "bit":
                content[self.place] ^= 1 << (self.place % 8)
                path.write_bytes(content)
            case "cut" | "emptied":
                path.write_bytes(content[: self.place])
            case "removed":
                path.unlink()
            case _:
                raise ValueError(self.kind)


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What came of an attack: told names the sentences that were shown, and wrong what should not be."""

    told: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def attacks(folder: Path) -> Iterator[Attack]:
    """Yield every attack on the files of an image."""
    for path in sorted(folder.iterdir()):
        if path.name not in (*DATABASES, SEALED, *LETTING_IN, *OTHERS):
            continue
        size = path.stat().st_size
        step = STEP if size > SMALL else SMALL_STEP
        yield from (Attack(file=path.name, kind="bit", place=place) for place in range(step // 2, size, step))
        # Cuts at each page of a database, and of each other file too.
        edge = PAGE if size > SMALL else SMALL_STEP
        yield from (Attack(file=path.name, kind="cut", place=place) for place in range(edge, size, edge))
        yield Attack(file=path.name, kind="emptied")
        yield Attack(file=path.name, kind="removed")


class Image:
    """A workstation as a power cut leaves it: logs unfolded, entries and a photo unsent, a form begun."""

    def __init__(self, folder: Path) -> None:
        self.clinic = Clinic(folder / "station")
        self.folder = folder / "image"
        self.photo = picture(40_000)
        self.rows = small_school()
        station = self.clinic.enrol(server_url="http://127.0.0.1:1")
        station.token_drawer().write("a token")
        self.clinic.fill(station, self.rows)
        desk = unlock(station, ANA, PASSWORD)
        for _ in range(24):
            give(desk, "Sofia", override_reason="agreed " + "and said again " * 60)
        attached(desk, self.photo)
        desk.close()
        desk = unlock(station, ANA, PASSWORD)
        save_draft(desk, replace(new_draft(desk), fields={"narrative": "x" * 3_000}))
        # Behind the form: of a log whose very end alone is damaged nobody can tell what was in it.
        for _ in range(12):
            give(desk, "Omar", override_reason="agreed")
        self.name = next(iter(desk.opened.blobs.uploads())).facts.sha256
        desk.opened.blobs.touch(self.name)
        self._pull(desk)
        newest = desk.journal.newest(10_000)
        read = [desk.journal.entry(record.id) for record in newest]
        self.entries = {entry.number: entry_to_body(entry) for entry in read if entry is not None}
        shutil.copytree(self.clinic.folder, self.folder)
        desk.close()

    def _pull(self, desk: Desk) -> None:
        kind = "student"
        row = list(self.rows[kind][0])
        row[-1] = 9_999
        self.rows[kind][0] = row
        opened_of(desk).records.take_rows(kind, [row], 9_999)

    def tried(self, *struck: Attack) -> Verdict:
        """Lay the image out anew, attack it, and open it as the program does."""
        shutil.rmtree(self.clinic.folder, ignore_errors=True)
        shutil.copytree(self.folder, self.clinic.folder)
        for attack in struck:
            attack.strike(self.clinic.folder)
        files = {attack.file for attack in struck}
        verdict = Verdict()
        try:
            _Nurse(self, verdict, files).opens()
        except Exception as error:  # noqa: BLE001  # what a person would see as a crash
            verdict.wrong.append(f"{type(error).__name__} came out: {error}")
        return verdict


class _Nurse:
    """Opens the desk, follows what the sentences say, and looks whether all is there."""

    def __init__(self, image: Image, verdict: Verdict, files: set[str]) -> None:
        self._image = image
        self._clinic = image.clinic
        self._verdict = verdict
        self._files = files

    def opens(self) -> None:
        desk = self._opened()
        try:
            self._must_be_all(desk)
        finally:
            desk.close()

    def _opened(self) -> Desk:
        for _ in range(6):
            desk = None
            try:
                station = self._clinic.station()
                desk = unlock(station, ANA, PASSWORD)
                self._reads_everything(desk)
            except WhiteCrossError as failure:
                if desk is not None:
                    desk.close()
                self._verdict.told.append(failure.code)
                if not failure_sentence(failure).endswith("."):
                    self._verdict.wrong.append(f"no sentence for {failure.code}")
                self._follows(failure)
            except AssertionError:
                # station.json is gone: the window offers to enrol.
                self._verdict.told.append("not enrolled")
                self._puts_back()
            else:
                return desk
        raise RuntimeError(f"it never opened: {self._verdict.told}")

    def _follows(self, failure: WhiteCrossError) -> None:
        match failure:
            case JournalDamaged():
                rebuild_journal(self._clinic.parts, self._clinic.station(), ANA, PASSWORD)
            case ReplicaDamaged() | FirstSyncUnfinished():
                self._clinic.fill(self._clinic.station(), self._image.rows)
            case Damaged() if self._files & {"replica.db", "replica.db-wal"}:
                # The screen says to stay connected: the records are looked through and fetched anew by themselves.
                self._clinic.fill(self._clinic.station(), self._image.rows)
            case _ if self._files & set(LETTING_IN):
                self._puts_back()
            case _:
                raise failure

    def _puts_back(self) -> None:
        for name in self._files & set(LETTING_IN):
            shutil.copy(self._image.folder / name, self._clinic.folder / name)

    def _reads_everything(self, desk: Desk) -> None:
        for record in desk.journal.newest(10_000):
            desk.journal.entry(record.id)
        drafts(desk)
        self._clinic.station().token_drawer().read()
        if not desk.records.check():
            raise ReplicaDamaged("unreadable")
        if dict(desk.records.digests()) != digest_of(self._image.rows):
            # What the comparison at the end of the next pull finds, and answers by fetching.
            self._verdict.told.append("replica_differs")
            raise ReplicaDamaged("differs")

    def _must_be_all(self, desk: Desk) -> None:
        held = {}
        for record in desk.journal.newest(10_000):
            entry = desk.journal.entry(record.id)
            if entry is not None:
                held[entry.number] = entry_to_body(entry)
        lost = [number for number, body in self._image.entries.items() if held.get(number) != body]
        if lost:
            self._verdict.wrong.append(f"entries lost: {lost}")
        if SEALED not in self._files or "journal_damaged" not in self._verdict.told:
            sealed = survey(self._clinic.folder / SEALED, own_keys_of(self._clinic.station())).texts
            bare = [number for number in self._image.entries if number not in sealed]
            if bare:
                self._verdict.wrong.append(f"not sealed: {bare}")
        if opened_of(desk).journal_came_back:
            self._verdict.told.append("journal_came_back")
        if not desk.journal.drafts() and not self._verdict.told:
            self._verdict.wrong.append("a form that was begun is gone without a word")
        self._photo_must_be_there(opened_of(desk))

    def _photo_must_be_there(self, opened: OpenFiles) -> None:
        # A page that does not read may come as zeros, and be told at the next one only.
        for _ in range(3):
            try:
                while opened.mend_blobs():
                    continue
                found = opened.blobs.read(self._image.name, 0, len(self._image.photo))
                state = opened.blobs.states([self._image.name]).get(self._image.name)
                opened.blobs.counts()
            except Damaged as failure:
                # As the thread of photos does.
                self._verdict.told.append(failure.code)
                opened.set_blobs_aside()
                continue
            if found == self._image.photo:
                return
            # Shown as damaged, or as not here: to be attached again.
            if state is None or state.refused == DAMAGED:
                self._verdict.told.append("blob_damaged")
                return
        self._verdict.wrong.append("a photo that reads as something else is taken for whole")


def summed(found: Sequence[tuple[Attack, Verdict]]) -> dict[tuple[str, str], Counter[str]]:
    """Return per file and kind how often all was there, it was told and came back, or it was wrong."""
    table: dict[tuple[str, str], Counter[str]] = {}
    for attack, verdict in found:
        how = "wrong" if verdict.wrong else "told" if verdict.told else "whole"
        table.setdefault((attack.file, attack.kind), Counter())[how] += 1
    return table
