"""What came of making a damaged journal anew, for the one who waits for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """Entries and unfinished forms that are back, and numbers whose entry was found nowhere on this workstation.

    asked: the district was reached. Then missing are those it does not have either: they are lost. Otherwise it may
    have them, and says so at the next contact. unsure: what was written last may be missing as well, and nobody can
    tell. aside: the names of the damaged files, which are kept.
    """

    restored: int
    drafts: int
    missing: tuple[int, ...]
    unsure: bool
    asked: bool
    aside: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether everything that was ever written is here or with the district."""
        return not self.missing and not self.unsure
