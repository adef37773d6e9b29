"""The catalogue of medications that schools give: codes to drugs, drugs to ingredients, allergens to both."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wc_contract.model.values import MedicationForm, Route
from wc_sync_server.importing.refusals import CatalogueRefused

RXNORM_PREFIX = "rxnorm:"
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """An ingredient; code is 'rxnorm:…' or 'name:…', classes are 'class:…'."""

    code: str
    name: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueMedication:
    """One drug in one form and strength."""

    key: str
    name: str
    generic_name: str | None
    brand_name: str | None
    category: str | None
    form: MedicationForm
    strength: str | None
    rxcui: str | None
    dea_schedule: str | None
    is_emergency: bool
    usual_route: Route
    ingredients: tuple[Ingredient, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Medications by key, by RxNorm code and by name."""

    by_key: Mapping[str, CatalogueMedication]
    by_rxcui: Mapping[str, CatalogueMedication]
    by_name: Mapping[str, CatalogueMedication]
    classes_by_word: Mapping[str, tuple[str, ...]]
    cross_reactive: frozenset[str]
    ingredients: Mapping[str, Ingredient] = field(repr=False)

    def allergen_codes(self, rxnorm_codes: tuple[str, ...], name: str) -> tuple[str, ...]:
        """Return the ingredient and class codes that an allergy forbids; none when it is to no known drug."""
        codes = {code for word in _WORD.findall(name.lower()) for code in self.classes_by_word.get(word, ())}
        for ingredient in self._named(rxnorm_codes, name):
            codes.add(ingredient.code)
            codes.update(self.cross_reactive.intersection(ingredient.classes))
        return tuple(sorted(codes))

    def _named(self, rxnorm_codes: tuple[str, ...], name: str) -> Iterator[Ingredient]:
        text = f" {' '.join(_WORD.findall(name.lower()))} "
        wanted = {RXNORM_PREFIX + code for code in rxnorm_codes}
        for ingredient in self.ingredients.values():
            if ingredient.code in wanted or f" {' '.join(_WORD.findall(ingredient.name.lower()))} " in text:
                yield ingredient


def default_catalogue_path() -> Path:
    """Return the catalogue that is delivered with the server."""
    here = Path(__file__).resolve()
    places = (here.parents[1] / "resources" / "medications.json", here.parents[3] / "resources" / "medications.json")
    return next((place for place in places if place.exists()), places[-1])


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Read the catalogue.

    Raises CatalogueRefused when the file is missing or is no catalogue.
    """
    path = path or default_catalogue_path()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        medications = [_medication(item) for item in document["medications"]]
        also = {code: item["key"] for item in document["medications"] for code in item["also"]}
        words = {word: tuple(codes) for word, codes in document["allergenClasses"].items()}
        cross_reactive = frozenset(document["crossReactiveClasses"])
    except OSError as error:
        raise CatalogueRefused(f"The medication catalogue {path.name!r} cannot be read; check the path.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueRefused(
            f"{path.name!r} is no medication catalogue; restore the file that came with the server."
        ) from error
    by_key = {medication.key: medication for medication in medications}
    return Catalogue(
        by_key=by_key,
        by_rxcui={
            **{code: by_key[key] for code, key in also.items()},
            **{medication.rxcui: medication for medication in medications if medication.rxcui is not None},
        },
        by_name={medication.name.casefold(): medication for medication in medications},
        classes_by_word=words,
        cross_reactive=cross_reactive,
        ingredients={each.code: each for medication in medications for each in medication.ingredients},
    )


def _medication(item: Mapping[str, Any]) -> CatalogueMedication:
    return CatalogueMedication(
        key=item["key"],
        name=item["name"],
        generic_name=item["genericName"],
        brand_name=item["brandName"],
        category=item["category"],
        form=MedicationForm(item["form"]),
        strength=item["strength"],
        rxcui=item["rxcui"],
        dea_schedule=item["deaSchedule"],
        is_emergency=item["isEmergency"],
        usual_route=Route(item["usualRoute"]),
        ingredients=tuple(
            Ingredient(code=each["code"], name=each["name"], classes=tuple(each["classes"]))
            for each in item["ingredients"]
        ),
    )
