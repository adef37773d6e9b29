"""A journal made anew: from the sealed copy, and from what still reads of the damaged one.

Everything is written into a side file first and put in the journal's place at the end. Whenever the program is
stopped, the folder holds either what it held before or the new journal, whole; doing it again comes to the same.
"""

from dataclasses import dataclass, field
from pathlib import Path

from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import Instant
from wc_contract.wire.sealed import OpenedRecord
from wc_desktop.cipher.engine import Connection, open_encrypted, writing
from wc_desktop.cipher.faults import CannotOpen, disk_errors
from wc_desktop.cipher.whole_file import disk_refusals, write_whole
from wc_desktop.domain.failures import DiskFailed
from wc_desktop.journal.number_mark import AHEAD, NumberMark, Used
from wc_desktop.journal.salvage import Salvaged, erase_copy, salvage
from wc_desktop.journal.schema import clear_suspicion, create_journal, journal_paths, reads_whole
from wc_desktop.journal.state import remember
from wc_desktop.journal.survey import OwnKeys, Survey, survey
from wc_desktop.journal.swap import end_swap, family, free_name, kept_aside, make_ready, ready_path
from wc_desktop.journal.texts import insert_texts, last_number

_NEW_FILE = "journal.new.db"
_SEALED_ASIDE = "journal.sealed.damaged-"
_SAVE_DRAFT = "INSERT INTO drafts (id, author_id, student_id, fields, saved_at) VALUES (?, ?, ?, ?, ?)"
_SAVE_ANSWER = "UPDATE entries SET receipt = ?, outcome = ?, receipt_epoch = ?, receipted_at = ? WHERE number = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Whose journal is made anew, and where."""

    folder: Path
    key: bytearray = field(repr=False)
    school: SchoolId
    own: OwnKeys = field(repr=False)
    mark: NumberMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """What came of it.

    restored: entries that are in the journal again. missing: numbers whose text was found nowhere here. sure: numbers
    up to it were used; of those above nobody knows. last: no number up to it is ever used again. drafts: unfinished
    forms that came over. aside: the names under which the damaged files are kept. sealed_damaged: the sealed copy was
    damaged too.
    """

    restored: int
    missing: tuple[int, ...]
    sure: int
    last: int
    drafts: int
    aside: tuple[str, ...]
    sealed_damaged: bool


def rebuild(ground: Ground, *, held_before: int, at: Instant) -> Anew:
    """Make the journal anew and set the damaged files aside. The caller keeps everybody else away from the folder.

    held_before: numbers up to it were with the district when it was heard last. An attempt that was stopped when the
    new journal was whole is ended, not begun again. Raises DiskFull, DiskFailed; then journal and sealed copy are what
    they were, or a new journal is ready that the next opening takes.
    """
    path, sealed_path = journal_paths(ground.folder)
    ended = end_swap(path) is not None and _stands(path, ground.key)
    found = survey(sealed_path, ground.own)
    used = ground.mark.used()
    reach = max((*found.texts, held_before, 0 if used is None else used.upto))
    saved = salvage(path, ground.key, ground.own, upto=reach)
    # What the damaged journal committed counts more than a copy that may have been taken back in vain.
    texts = {**found.texts, **saved.texts}
    # The newest number of a journal that was made anew counts those that were only set apart.
    sure = max(max(texts, default=0), held_before, 0 if ended else saved.last_number)
    if used is not None and used.exact:
        sure = max(sure, used.upto)
    last = max(sure, saved.last_number, _set_apart(used, found))
    with disk_refusals():
        if ended:
            aside = kept_aside(ground.folder)
        else:
            make_ready(_write(ground, texts, saved, last, at))
            aside = end_swap(path) or ()
        if found.damaged and sealed_path.exists():
            aside = (*aside, _renew_sealed(sealed_path, found))
        clear_suspicion(ground.folder)
    return Anew(
        restored=len(texts),
        missing=tuple(number for number in range(held_before + 1, last + 1) if number not in texts),
        sure=sure,
        last=last,
        drafts=len(saved.drafts),
        aside=aside,
        sealed_damaged=found.damaged,
    )


def is_begun(folder: Path) -> bool:
    """Return whether an attempt was stopped when the new journal was whole: rebuild ends it."""
    return ready_path(folder).exists()


def _stands(path: Path, key: bytearray) -> bool:
    try:
        connection = open_encrypted(path, key)
    except CannotOpen:
        return False
    try:
        return reads_whole(connection)
    finally:
        connection.close()


def _set_apart(used: Used | None, found: Survey) -> int:
    """Return up to where numbers may have been used, nobody knows whether."""
    if found.end_whole or (used is not None and used.exact):
        # The sealed copy is written before anything else: where its end is whole, nothing came after it.
        return 0
    return max(found.texts, default=0) + AHEAD if used is None else used.upto


def _write(ground: Ground, texts: dict[int, OpenedRecord], saved: Salvaged, last: int, at: Instant) -> Path:
    path = ground.folder / _NEW_FILE
    for left in family(path):
        # Of an attempt that broke off before the end: it holds nothing that is not in the files it was made from.
        left.unlink()
    connection = create_journal(path, ground.key, device=ground.own.device, school=ground.school)
    try:
        with writing(connection):
            insert_texts(connection, texts.values(), at)
            connection.executemany(_SAVE_ANSWER, [(*answer, number) for number, answer in saved.answers.items()])
            connection.executemany(_SAVE_DRAFT, saved.drafts)
            _keep_facts(connection, saved, last)
        _prove(connection, len(texts))
    finally:
        connection.close()
    if tuple(family(path)) != (path,):
        # A write-ahead log that could not be folded in would stay behind, and its entries with it.
        raise DiskFailed("the new journal was not made whole")
    return path


def _keep_facts(connection: Connection, saved: Salvaged, last: int) -> None:
    for name in ("clock_offset_ms", "server_seen_at"):
        if name in saved.facts:
            remember(connection, name, saved.facts[name])
    remember(connection, "last_number", str(max(last, last_number(connection))))


def _prove(connection: Connection, entries: int) -> None:
    with disk_errors():
        held = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
    if held != entries or not reads_whole(connection):
        raise DiskFailed("what was just written does not read")


def _renew_sealed(path: Path, found: Survey) -> str:
    """Keep the damaged sealed copy aside, and let only what opens stand in its place."""
    name = free_name(path.parent, _SEALED_ASIDE)
    content = path.read_bytes()
    write_whole(path.with_name(name), content)
    write_whole(path, b"".join(content[start:end] for start, end in found.spans))
    return name


def forget_attempt(folder: Path) -> None:
    """Erase what an attempt left that broke off before its end: nothing is only there."""
    erase_copy(folder)
    for left in family(folder / _NEW_FILE):
        left.unlink()
