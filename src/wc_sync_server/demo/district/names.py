"""Invented names as a district in the Midwest has them, shared surnames and accents included."""

from dataclasses import dataclass, field
from random import Random

from faker import Faker


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Faker's locale for given names, with the surnames of families that bear them. The weights are a rough mix.
_FAMILIES: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    (
        "en_US",
        52,
        _words(
            "Smith Johnson Williams Brown Jones Miller Davis Anderson Wilson Taylor Moore Jackson Martin Lee "
            "Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams "
            "Baker Nelson Carter Mitchell Roberts Turner Phillips Campbell Parker Evans Edwards Collins Stewart "
            "Morris Rogers Reed Cook Morgan Bell Murphy Bailey Cooper Richardson Cox Howard Ward Peterson Gray "
            "Olson Schmidt Kowalski O'Connor Larson Hansen Meyer Weber Becker Novak Fitzgerald McBride DuPont"
        ),
    ),
    (
        "es_MX",
        24,
        _words(
            "Martinez Garcia Rodriguez Hernandez Lopez Gonzalez Perez Sanchez Ramirez Torres Flores Rivera Gomez "
            "Diaz Cruz Morales Reyes Gutierrez Ortiz Ramos Núñez Peña Vázquez Muñoz Castañeda De-la-Cruz"
        ),
    ),
    (
        "en_IN",
        6,
        _words("Patel Sharma Singh Reddy Gupta Rao Iyer Khan Desai Mehta Nair Kaur"),
    ),
    (
        "asian",
        10,
        _words("Nguyen Tran Le Pham Vang Xiong Yang Chen Wang Kim Park Lin Bui Thao Santos Reyes"),
    ),
    (
        "african",
        8,
        _words("Okafor Mensah Abdi Hassan Mohamed Osei Tesfaye Diallo Ali Warsame Bekele Nwosu"),
    ),
)
_OWN = {
    ("asian", "F"): _words("Mai Linh Anh Hana Mei Jia Kia Pa-Nhia Ji-woo Thao Vy Yuna Grace Chloe Hoa Lan"),
    ("asian", "M"): _words("Minh Huy Anh Kai Wei Jun Tou Kong Min-jun Bao Khoa Ryan Ethan Long Duc Toua"),
    ("african", "F"): _words("Amina Fatima Ifeoma Zahra Hodan Abena Selam Aisha Ngozi Maryan Ruth Hawa"),
    ("african", "M"): _words("Abdi Kwame Chidi Yusuf Omar Tesfa Emeka Ibrahim Kofi Samuel Daniel Bilal"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A given name and a surname."""

    first: str = field(repr=False)
    last: str = field(repr=False)


class NameMaker:
    """Makes names from one seed; asked in the same order it gives the same names."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"names/{seed}")  # noqa: S311  # invented people, not secrets
        self._fakers = {locale: Faker(locale) for locale in ("en_US", "es_MX", "en_IN")}
        for number, faker in enumerate(self._fakers.values()):
            faker.seed_instance(seed * 10 + number)

    def name(self, sex: str) -> Name:
        """Return a name for a girl ('F') or a boy ('M')."""
        family, _, surnames = self._random.choices(_FAMILIES, weights=[each[1] for each in _FAMILIES])[0]
        last = self._random.choice(surnames).replace("De-la-Cruz", "De la Cruz")
        return Name(first=self._first(family, sex), last=last)

    def _first(self, family: str, sex: str) -> str:
        own = _OWN.get((family, sex))
        if own is not None:
            return self._random.choice(own)
        faker = self._fakers[family]
        return str(faker.first_name_female() if sex == "F" else faker.first_name_male())
