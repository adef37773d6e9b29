"""Names easily taken for one another: twins, sound-alikes, one surname in one queue (ux.md, 'Safety marks')."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_MOST_SHOWN = 4
_GROUPS = {
    **dict.fromkeys("bfpv", "1"),
    **dict.fromkeys("cgjkqsxz", "2"),
    **dict.fromkeys("dt", "3"),
    "l": "4",
    **dict.fromkeys("mn", "5"),
    "r": "6",
}
_KEY_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedChild:
    """A child as far as names are compared."""

    id: str
    first: str = field(repr=False)
    last: str = field(repr=False)
    born: str = field(repr=False)
    grade: str
    homeroom: str | None
    takes_medicine: bool = False


def grade_label(grade: str, numbered: str = "Gr {grade}") -> str:
    """Return 'Gr 5' of '05'; kindergarten and younger, which have no number, as they are called: 'KG'.

    The one place that decides, for lists and for name alerts alike. numbered: the same words in another language.
    """
    bare = grade.strip()
    return numbered.format(grade=bare.lstrip("0")) if bare.isdigit() and int(bare) > 0 else bare


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """Return text without accents, case and marks: 'Peña-Ruiz' and 'pena ruiz' are one name."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


@lru_cache(maxsize=8192)
def sound_of(name: str) -> str:
    """Return a key that names sounding alike share (the American Soundex, on the folded name)."""
    letters = [letter for letter in folded(name) if letter.isascii() and letter.isalpha()]
    if not letters:
        return folded(name)
    key = letters[0]
    last = _GROUPS.get(letters[0], "")
    for letter in letters[1:]:
        group = _GROUPS.get(letter, "")
        if group and group != last:
            key += group
        # h and w do not part two letters of one group; vowels do.
        if letter not in "hw":
            last = group
    return key[:_KEY_LENGTH].ljust(_KEY_LENGTH, "0")


def alike_names(children: Iterable[NamedChild]) -> Mapping[str, tuple[str, ...]]:
    """Return, by child, whom they may be taken for, closest first, at most four.

    School-wide: one surname with one birth date (twins), one first initial, or a first name that sounds the same;
    and surnames that sound alike with first names that sound alike. Among children who take medicine here, who
    stand in one queue: one surname is enough.
    """
    everyone = [_Keyed(child) for child in children]
    buckets: dict[tuple[str, ...], list[_Keyed]] = defaultdict(list)
    for one in everyone:
        for bucket in one.buckets():
            buckets[bucket].append(one)
    found: dict[str, tuple[str, ...]] = {}
    for one in everyone:
        others = {other.child.id: other for bucket in one.buckets() for other in buckets[bucket]}
        del others[one.child.id]
        ranked = sorted((one.closeness(other), other.shown) for other in others.values())
        if ranked:
            found[one.child.id] = tuple(text for _, text in ranked[:_MOST_SHOWN])
    return found


class _Keyed:
    """A child and the keys by which others are found without comparing everyone with everyone."""

    __slots__ = ("child", "first", "initial", "last", "last_sound", "shown")

    def __init__(self, child: NamedChild) -> None:
        self.child = child
        self.last = folded(child.last)
        self.last_sound = sound_of(child.last)
        self.first = sound_of(child.first)
        self.initial = folded(child.first)[:1]
        self.shown = _shown(child)

    def buckets(self) -> tuple[tuple[str, ...], ...]:
        """Whoever shares one of these may be taken for this child."""
        kept: list[tuple[str, ...]] = [
            ("twins", self.last, self.child.born),
            ("initial", self.last, self.initial),
            ("sound", self.last_sound, self.first),
        ]
        if self.child.takes_medicine:
            kept.append(("queue", self.last))
        return tuple(kept)

    def closeness(self, other: "_Keyed") -> int:
        """Return how easily they are mixed up; 0 is closest."""
        if self.last != other.last:
            return 2
        if self.child.born == other.child.born:
            return 0
        return 1 if self.initial == other.initial or self.first == other.first else 3


def _shown(child: NamedChild) -> str:
    room = f", Rm {child.homeroom}" if child.homeroom else ""
    return f"{child.last.upper()}, {child.first} ({grade_label(child.grade)}{room})"
