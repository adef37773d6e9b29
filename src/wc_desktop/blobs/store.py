"""Photos and documents of an unlocked workstation, each step short. Used on the replica thread only."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from wc_contract.model.instants import Instant, instant_to_text
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.cipher.faults import disk_errors
from wc_desktop.domain.blob_views import BlobCounts, ContentFacts, ContentPlace, ContentState, Uploading, Wanted

# As long as an entry with its receipt stays in the journal: a district that is restored to last month gets it again.
KEPT_AFTER_SENDING: Final = timedelta(days=35)
WANTED_AHEAD, ASKED_FOR = 1, 2
DAMAGED: Final = "blob_damaged"
_AT_ONCE: Final = 1_048_576
_FREED_AT_ONCE: Final = 256
_FACTS: Final = "sha256, size, media_type"
# What may go when room is needed: not asked for, and either fetched, or sent so long ago that it will not be asked for.
_MAY_GO: Final = "wanted < 2 AND (held > 0 AND own = 0 OR own = 1 AND sent_at IS NOT NULL AND sent_at < ?)"


class Proving:
    """The hash of content that is all here, taken a slice at a time."""

    def __init__(self, connection: Connection, facts: ContentFacts) -> None:
        self._connection = connection
        self._facts = facts
        self._digest = sha256()
        self._read = 0

    @property
    def sound(self) -> bool:
        """Whether the hash is the name; to be asked at the end."""
        return self._read == self._facts.size and self._digest.hexdigest() == self._facts.sha256

    def go_on(self) -> bool:
        """Read a slice; return whether there is more."""
        slice_ = read_range(self._connection, self._facts.sha256, self._read, _AT_ONCE)
        self._digest.update(slice_)
        self._read += len(slice_)
        return bool(slice_) and self._read < self._facts.size


class BlobStore:
    """What is here, what is to be sent and what is to be fetched; all of it outlives the program."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ahead: frozenset[str] = frozenset()  # what was asked for ahead last

    # Content of our own.

    def forget_begun(self) -> None:
        """Forget what was begun and not finished, once, before anything is begun.

        Attaching broke off: the person still has the file that was chosen, and no record names this.
        """
        with writing(self._connection):
            self._connection.execute("DELETE FROM contents WHERE own = 1 AND whole = 0")

    def begin_own(self, facts: ContentFacts) -> bool:
        """Make room for content that somebody attaches; return whether it must still be written."""
        row = self._row("whole AND refused IS NOT ?", facts.sha256, DAMAGED)
        if row is not None and row[0]:
            with writing(self._connection):
                # Fetched before, attached now: from here on it is ours to send.
                self._connection.execute("UPDATE contents SET own = 1 WHERE sha256 = ?", (facts.sha256,))
            return False
        with writing(self._connection):
            # What is damaged here and attached again is written anew.
            self._connection.execute("UPDATE contents SET whole = 0 WHERE sha256 = ?", (facts.sha256,))
            self._connection.execute("DELETE FROM contents WHERE sha256 = ?", (facts.sha256,))
            self._insert(facts, own=1)
        return True

    def finish(self, facts: ContentFacts) -> None:
        """Let content be seen from now on; all its pieces are here and proved."""
        with writing(self._connection):
            self._connection.execute("UPDATE contents SET whole = 1, wanted = 0 WHERE sha256 = ?", (facts.sha256,))

    def abandon(self, name: str) -> None:
        """Forget content that was begun: the rest of it does not come."""
        with writing(self._connection):
            self._connection.execute("DELETE FROM contents WHERE sha256 = ? AND own = 1 AND whole = 0", (name,))

    def lost(self, name: str) -> None:
        """Let content that was begun be shown as damaged here: nobody else has it, and the rest of it does not come."""
        with writing(self._connection):
            self._connection.execute("DELETE FROM pieces WHERE sha256 = ?", (name,))
            self._connection.execute(
                "UPDATE contents SET held = 0, whole = 1, refused = ? WHERE sha256 = ?", (DAMAGED, name)
            )

    def own(self, *, sent: bool) -> Iterator[Uploading]:
        """Yield all content of our own that the district had at some time, or never had, as far as the file reads."""
        with disk_errors():
            # Unsorted, so that a page that does not read costs only what comes after it.
            for row in self._connection.execute(
                f"SELECT {_FACTS}, refused FROM contents NOT INDEXED"  # noqa: S608
                " WHERE own = 1 AND whole = 1 AND (sent_epoch IS NOT NULL) = ?",
                (sent,),
            ):
                yield _uploading(row)

    def uploads(self, *, after: str = "", epoch: str | None = None, limit: int = 200) -> Sequence[Uploading]:
        """Return content of our own that the district does not have for certain in this epoch, by name."""
        with disk_errors():
            rows = self._connection.execute(
                f"SELECT {_FACTS}, refused FROM contents WHERE own = 1 AND whole = 1 AND refused IS NULL"  # noqa: S608
                " AND (sent_epoch IS NULL OR sent_epoch <> ?) AND sha256 > ? ORDER BY sha256 LIMIT ?",
                (epoch or "", after, limit),
            ).fetchall()
        return [_uploading(row) for row in rows]

    def refused(self) -> Sequence[Uploading]:
        """Return content that the district does not take, with the reason, for a person to see."""
        with disk_errors():
            rows = self._connection.execute(
                f"SELECT {_FACTS}, refused FROM contents WHERE refused IS NOT NULL ORDER BY sha256"  # noqa: S608
            ).fetchall()
        return [_uploading(row) for row in rows]

    def sent(self, name: str, *, epoch: str, at: Instant) -> None:
        """Remember that the district has content whole and proved, in this epoch."""
        with writing(self._connection):
            self._connection.execute(
                "UPDATE contents SET sent_epoch = ?, sent_at = ?, refused = NULL"
                " WHERE sha256 = ? AND (sent_epoch IS NULL OR sent_epoch <> ?)",
                (epoch, instant_to_text(at), name, epoch),
            )

    def refuse(self, name: str, code: str) -> None:
        """Remember why content will not be taken; it stays here, and is shown."""
        with writing(self._connection):
            self._connection.execute("UPDATE contents SET refused = ? WHERE sha256 = ?", (code, name))

    def try_again(self, name: str) -> None:
        """Send content that was refused once more: somebody said that the reason is gone."""
        with writing(self._connection):
            self._connection.execute("UPDATE contents SET refused = NULL WHERE sha256 = ?", (name,))

    # Content that is fetched.

    def want(self, facts: ContentFacts, *, asked: bool) -> bool:
        """Ask for content; return whether it is here already."""
        row = self._row("whole, wanted", facts.sha256)
        if row is not None and row[0]:
            return True
        level = ASKED_FOR if asked else WANTED_AHEAD
        if row is not None and row[1] >= level:
            return False
        with writing(self._connection):
            if row is None:
                self._insert(facts, own=0)
            self._connection.execute(
                "UPDATE contents SET wanted = max(wanted, ?) WHERE sha256 = ?", (level, facts.sha256)
            )
        return False

    def want_ahead(self, wanted: Sequence[ContentFacts]) -> int:
        """Ask for content that nobody waits for; return how much of it is not here. What was given up stays so."""
        with disk_errors():
            known = dict(self._connection.execute("SELECT sha256, whole FROM contents").fetchall())
        self._ahead = frozenset(facts.sha256 for facts in wanted)
        new = {facts.sha256: facts for facts in wanted if facts.sha256 not in known}
        if new:
            with writing(self._connection):
                for facts in new.values():
                    self._insert(facts, own=0, wanted=WANTED_AHEAD)
        return sum(not known.get(facts.sha256) for facts in wanted)

    def next_wanted(self, *, asked: bool) -> Wanted | None:
        """Return what to fetch next: what a person asked for, or else what is wanted ahead."""
        level = ASKED_FOR if asked else WANTED_AHEAD
        with disk_errors():
            row = self._connection.execute(
                f"SELECT {_FACTS}, held, wanted FROM contents WHERE whole = 0 AND wanted = ?"  # noqa: S608
                " ORDER BY held = 0, sha256 LIMIT 1",
                (level,),
            ).fetchone()
        return None if row is None else Wanted(facts=_facts(row), held=row[3], asked=row[4] == ASKED_FOR)

    def give_up(self, name: str) -> None:
        """Do not ask for content until want_again: the district does not have it, or there is no room."""
        with writing(self._connection):
            self._connection.execute(
                "UPDATE contents SET wanted = -abs(wanted) WHERE sha256 = ? AND whole = 0", (name,)
            )

    def want_again(self) -> None:
        """Ask once more for what was given up: records come before their content, which may be there by now."""
        with writing(self._connection):
            self._connection.execute("UPDATE contents SET wanted = -wanted WHERE wanted < 0")

    def keep_piece(self, name: str, start: int, content: bytes) -> int:
        """Keep a piece that goes on where what is held ends; return how much is held then.

        A piece from elsewhere changes nothing.
        """
        row = self._row("held, size", name)
        if row is None:
            return 0
        held, size = int(row[0]), int(row[1])
        if start != held or not content or held + len(content) > size:
            return held
        with writing(self._connection):
            self._connection.execute(
                "INSERT INTO pieces (sha256, start, content) VALUES (?, ?, ?)", (name, start, content)
            )
            self._connection.execute("UPDATE contents SET held = ? WHERE sha256 = ?", (held + len(content), name))
        return held + len(content)

    def proving(self, facts: ContentFacts) -> Proving:
        """Begin to prove the hash of content whose pieces are all here."""
        return Proving(self._connection, facts)

    def drop_pieces(self, name: str) -> None:
        """Forget pieces that turned out not to be what they are called; who wants it fetches it anew.

        What the district never had cannot be fetched: it stays, is not sent, and is shown.
        """
        row = self._row("own AND sent_epoch IS NULL", name)
        if row is not None and row[0]:
            self.refuse(name, DAMAGED)
            return
        with writing(self._connection):
            self._connection.execute("DELETE FROM pieces WHERE sha256 = ?", (name,))
            self._connection.execute(
                "UPDATE contents SET held = 0, whole = 0, own = 0, wanted = max(abs(wanted), 1) WHERE sha256 = ?",
                (name,),
            )

    # Reading, and room.

    def has(self, name: str) -> bool:
        """Return whether content is here, whole."""
        row = self._row("whole", name)
        return row is not None and bool(row[0])

    def states(self, names: Collection[str]) -> Mapping[str, ContentState]:
        """Return where content is that is here, or was asked for; of all else nothing."""
        with disk_errors():
            rows = self._connection.execute(
                "SELECT sha256, whole, own AND sent_epoch IS NULL, wanted, held, refused FROM contents"
                " WHERE sha256 IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(names)),),
            ).fetchall()
        return {name: ContentState(place=_place(*facts), held=facts[3], refused=facts[4]) for name, *facts in rows}

    def read(self, name: str, start: int, length: int) -> bytes:
        """Return a range of what is here."""
        return read_range(self._connection, name, start, length)

    def touch(self, name: str) -> None:
        """Remember that content was looked at: what was not looked at longest goes first."""
        with writing(self._connection):
            self._connection.execute(
                "UPDATE contents SET used = 1 + (SELECT max(used) FROM contents) WHERE sha256 = ?", (name,)
            )

    def make_room(self, need: int, budget: int, at: Instant, *, asked: bool) -> bool:
        """Evict until need bytes more fit into budget; return whether they do.

        Content of our own counts for nothing until it was sent long ago, and never goes before that. For what nobody
        asked for nothing goes that is wanted ahead too, or they would evict each other for ever, and nothing in vain.
        """
        before = instant_to_text(at - KEPT_AFTER_SENDING)
        with disk_errors():
            free = budget - self._evictable(before)
            may_go = self._connection.execute(
                f"SELECT sha256, held FROM contents WHERE {_MAY_GO} ORDER BY used, sha256",  # noqa: S608
                (before,),
            ).fetchall()
        others = [row for row in may_go if row[0] not in self._ahead]
        going = []
        for name, held in (*others, *(row for row in may_go if asked and row[0] in self._ahead)):
            if free >= need:
                break
            going.append((name,))
            free += held
        if free < need and not asked:
            return False
        with writing(self._connection):
            self._connection.executemany("DELETE FROM contents WHERE sha256 = ?", going)
        with disk_errors():
            self._connection.execute(f"PRAGMA incremental_vacuum({_FREED_AT_ONCE})").fetchall()
        return free >= need

    def counts(self) -> BlobCounts:
        """Return how much waits, was refused, is wanted, and may be evicted."""
        with disk_errors():
            waiting, refused, wanted, held = self._connection.execute(
                "SELECT coalesce(sum(own AND whole AND sent_epoch IS NULL AND refused IS NULL), 0),"
                " coalesce(sum(refused IS NOT NULL), 0), coalesce(sum(wanted > 0 AND NOT whole), 0),"
                " coalesce(sum(held * (own = 0)), 0) FROM contents"
            ).fetchone()
        return BlobCounts(waiting=waiting, refused=refused, wanted=wanted, bytes=held)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _evictable(self, before: str) -> int:
        (held,) = self._connection.execute(
            f"SELECT coalesce(sum(held), 0) FROM contents WHERE own = 0 OR {_MAY_GO}",  # noqa: S608
            (before,),
        ).fetchone()
        return int(held)

    def _insert(self, facts: ContentFacts, *, own: int, wanted: int = 0) -> None:
        self._connection.execute(
            "INSERT INTO contents (sha256, size, media_type, own, wanted) VALUES (?, ?, ?, ?, ?)",
            (facts.sha256, facts.size, facts.media_type, own, wanted),
        )

    def _row(self, columns: str, name: str, *values: str) -> Sequence[Any] | None:
        with disk_errors():
            row: Sequence[Any] | None = self._connection.execute(
                f"SELECT {columns} FROM contents WHERE sha256 = ?",  # noqa: S608
                (*values, name),
            ).fetchone()
        return row


def read_range(connection: Connection, name: str, start: int, length: int) -> bytes:
    """Return a range of content, as far as its pieces are here and follow each other."""
    found = bytearray()
    with disk_errors():
        rows = connection.execute(
            "SELECT start, content FROM pieces WHERE sha256 = ? AND start < ? AND start + length(content) > ?"
            " ORDER BY start",
            (name, start + length, start),
        )
        for begins, content in rows:
            if begins > start + len(found):
                break
            found += content[max(start - begins, 0) : start + length - begins]
    return bytes(found)


def _uploading(row: Sequence[Any]) -> Uploading:
    return Uploading(facts=_facts(row), refused=row[3])


def _place(whole: int, unsent: int, wanted: int, _held: int, refused: str | None) -> ContentPlace:
    if refused is not None:
        return ContentPlace.REFUSED
    if whole:
        return ContentPlace.SENDING if unsent else ContentPlace.HERE
    if wanted == 0:
        return ContentPlace.AWAY
    return ContentPlace.FETCHING if wanted > 0 else ContentPlace.LATER


def _facts(row: Sequence[Any]) -> ContentFacts:
    return ContentFacts(sha256=row[0], size=row[1], media_type=row[2])
