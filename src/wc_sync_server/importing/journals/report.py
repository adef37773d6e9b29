"""What an import of journals came to, for a person and for a script. Numbers and names of workstations, no content."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wc_contract.model.spans import ranges
from wc_sync_server.importing.journals.reading import FileRead

DONE, NOTHING_READ, LEFT_OUT = 0, 1, 3


@dataclass(slots=True, kw_only=True)
class StationReport:
    """One workstation's entries. known: the district had them. missing: numbers below the newest, never brought."""

    district: str
    device: str
    name: str
    offered: int
    known: int = 0
    new: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    refused: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    second: tuple[int, ...] = ()
    aside: tuple[int, ...] = ()
    not_signed: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    strange: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every entry has its effect and none is missing before another."""
        left_out = (self.refused, self.waiting, self.second, self.aside, self.not_signed, self.missing)
        return not any(left_out) and not self.strange


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalReport:
    """The whole import."""

    files: tuple[FileRead, ...]
    unreadable: tuple[str, ...]
    stations: tuple[StationReport, ...]
    dry_run: bool

    @property
    def exit_code(self) -> int:
        """0: all of it is in; 3: something was left out or is missing; 1: nothing could be read at all."""
        if not any(one.entries for one in self.files):
            return NOTHING_READ
        sound = not self.unreadable and not any(one.damaged or one.torn or one.whole is False for one in self.files)
        return DONE if sound and all(station.is_complete for station in self.stations) else LEFT_OUT

    def as_json(self) -> dict[str, object]:
        """Return it for a script."""
        return {
            "dry_run": self.dry_run,
            "files": [
                {
                    "file": one.name,
                    "entries": one.entries,
                    "whole": one.whole,
                    "damaged": ranges(one.damaged),
                    "torn": one.torn,
                    "device": None if one.header is None else str(one.header.device_id),
                }
                for one in self.files
            ],
            "unreadable": list(self.unreadable),
            "workstations": [_station_json(station) for station in self.stations],
        }

    def as_text(self) -> str:
        """Return it for a person."""
        return "\n".join(line for part in (self._files(), self._stations(), self._end()) for line in part)

    def _files(self) -> Iterator[str]:
        for one in self.files:
            yield f"{one.name}: {_entries(one.entries)} read{_of(one)}."
            if one.whole is False:
                yield "  The file is not whole: it was cut off or changed. What reads of it was used; copy it again."
            if one.damaged:
                yield f"  Damaged, and left out: number {ranges(one.damaged)}."
            if one.torn:
                yield f"  Damaged, and nobody can say which: {one.torn}."
        for name in self.unreadable:
            yield f"{name}: the file cannot be read. Check its path and who may read it."

    def _stations(self) -> Iterator[str]:
        for station in self.stations:
            yield from _station_lines(station, dry_run=self.dry_run)

    def _end(self) -> Iterator[str]:
        if self.exit_code == NOTHING_READ:
            yield (
                "Nothing in these files opens with the keys of this server's districts. Check that they come from "
                "`wc-desktop export-journal`, or are a journal.sealed, and that WC_KEYS is the district's key folder."
            )
        elif self.dry_run:
            yield "Nothing was changed (--dry-run)."
        elif self.exit_code == DONE:
            yield "All of it is with the district. Importing it again changes nothing, nor does sending it."
        else:
            yield "Keep the files until what is named above is answered; importing them again changes nothing else."


def _of(one: FileRead) -> str:
    header = one.header
    return "" if header is None else f" of {header.count:,} from {header.device_name}, {header.school_name}"


def _station_lines(station: StationReport, *, dry_run: bool) -> Iterator[str]:
    if station.strange:
        yield f"Workstation {station.device}: {station.district} knows none of that id. Nothing of it was taken."
        return
    verb = "would be taken in" if dry_run else "taken in"
    yield f"{station.name} ({station.device}): {station.new:,} {verb}, {station.known:,} were here already."
    named = ", ".join(f"{outcome.replace('_', ' ')} {count:,}" for outcome, count in sorted(station.outcomes.items()))
    if named:
        yield f"  Answered: {named}."
    for numbers, words in (
        (station.refused, "Refused, kept for a person: number {}."),
        (
            station.waiting,
            "Waiting, without effect yet: number {}. Import again after the server's update, or with what they need.",
        ),
        (station.second, "Kept without effect, because the district holds another text: number {}."),
        (station.aside, "Kept without effect, because this workstation exists twice: number {}. See `device list`."),
        (station.not_signed, "Not signed by this workstation, and left out: number {}."),
        (
            station.missing,
            "Missing before later ones: number {}. Another file or the workstation itself may have them.",
        ),
    ):
        if numbers:
            yield f"  {words.format(ranges(numbers))}"


def _station_json(station: StationReport) -> dict[str, object]:
    return {
        "district": station.district,
        "device": station.device,
        "known": station.known,
        "new": station.new,
        "outcomes": dict(station.outcomes),
        "refused": list(station.refused),
        "waiting": list(station.waiting),
        "second": list(station.second),
        "aside": list(station.aside),
        "not_signed": list(station.not_signed),
        "missing": list(station.missing),
        "unknown_device": station.strange,
    }


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"
