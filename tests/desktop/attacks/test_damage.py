"""A sample of every damage to every file, opened as the program does it; `make attack` does all."""

import random
from collections.abc import Callable, Iterator

import pytest
from tests.desktop.attacks.damage import DATABASES, LETTING_IN, OTHERS, SEALED, Attack, Image, attacks

from wc_desktop.security import slots
from wc_desktop.security.slots import Cost

# How many of each kind of damage to each file: some seconds in all.
_OF_EACH = 2


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    with pytest.MonkeyPatch.context() as cheap:
        cheap.setattr(slots, "STANDARD_COST", Cost(memory=8 * 1024 * 1024, passes=1))
        yield Image(tmp_path_factory.mktemp("damage"))


def sampled(image: Image, file: str) -> list[Attack]:
    kinds: dict[str, list[Attack]] = {}
    for attack in attacks(image.folder):
        if attack.file == file:
            kinds.setdefault(attack.kind, []).append(attack)
    chosen = random.Random(file)
    return [one for all_of in kinds.values() for one in chosen.sample(all_of, min(_OF_EACH, len(all_of)))]


def test_what_is_whole_opens_without_a_word(image: Image) -> None:
    verdict = image.tried()
    assert (verdict.told, verdict.wrong) == ([], [])


@pytest.mark.parametrize("file", [*DATABASES, SEALED, *LETTING_IN, *OTHERS])
def test_no_damage_to_a_file_loses_anything_in_silence(
    image: Image, file: str, record_property: Callable[[str, object], None]
) -> None:
    tried = sampled(image, file)
    assert tried, "the image has no such file"
    wrong = [(attack, found.wrong) for attack in tried if (found := image.tried(attack)).wrong]
    record_property("attacks", len(tried))
    assert wrong == []


def test_damage_to_journal_and_sealed_copy_at_once_is_told(
    image: Image, record_property: Callable[[str, object], None]
) -> None:
    journal = Attack(file="journal.db", kind="emptied")
    # The record of one entry, in neither file any more.
    size = (image.folder / SEALED).stat().st_size
    struck = [(journal, Attack(file=SEALED, kind="bit", place=place)) for place in range(700, size, size // 5)]
    for each in struck:
        verdict = image.tried(*each)
        assert verdict.told == ["journal_damaged"], "it opened as if nothing had been"
        assert all(fault.startswith(("entries lost", "not sealed")) for fault in verdict.wrong)
    record_property("attacks", len(struck))
