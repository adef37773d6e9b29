"""Names of nobody: given names that many bear, and surnames put together from two halves."""

from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GIVEN = _words(
    "Ada Abel Aisha Alma Amir Anya Asa Aurora Beau Bela Bruno Caleb Cleo Cora Dana Dario Delia Demi Dina Eli Elio "
    "Elsa Ember Emil Enzo Esme Ezra Fay Felix Fern Finn Flora Gia Gus Hana Hazel Hugo Ida Igor Ilse Ines Ira Iris "
    "Isla Ivan Ivy Jada Joel Jonah Juno Kai Kira Lara Leif Lena Leo Lev Lila Linus Lola Luca Luz Mae Maia Malik Mara "
    "Marco Mavis Maya Milo Mina Mira Nadia Neil Nia Nico Nils Noor Nora Odin Olga Omar Orla Otis Otto Pablo Paz Pearl "
    "Pia Priya Quinn Rafa Rhea Rita Roman Rosa Ruben Sami Sana Selma Silas Sofia Sven Tara Tess Theo Tia Tomas Uma "
    "Vera Vida Viggo Wren Yara Yusuf Zadie Zane Zara Zeke Zoe"
)
_FIRST = _words(
    "Alder Amber Ash Barley Birch Bramble Brook Cedar Clover Copper Dale Elm Fair Fern Flint Fox Glen Gold Grove Hart "
    "Hawk Hazel Heath Holly Iron Juniper Lark Linden Maple Marsh Meadow Mill Moss North Oak Otter Pepper Pine Quarry "
    "Raven Reed River Rook Rowan Rush Sage Silver South Sparrow Stone Swan Thorn Vale Wander West Wild Willow Winter"
)
_SECOND = _words(
    "bank bend born bridge brook burn bury by cote croft dale den er feld field ford gate grove ham hill holm house "
    "hurst ing land leigh lock low man mark mead mere moor over ridge rose sedge shaw side sley smith son stead ston "
    "stone thorpe ton tree vale ville ward wick win wood worth"
)


def given(chance: Random) -> str:
    """Return a given name."""
    return chance.choice(_GIVEN)


def surname(chance: Random) -> str:
    """Return a surname; some thousands are possible, and families share them."""
    return chance.choice(_FIRST) + chance.choice(_SECOND)


def phone(chance: Random) -> str:
    """Return a number that is kept free for fiction."""
    return f"+1555{chance.randrange(200, 999)}01{chance.randrange(100):02d}"
