"""One process of chart making: synthetic patients from first to last, one JSON line each.

Run by synthea_charts as `python -m …`, so that the generator's globals and prints stay out of our process and
Ctrl+C ends it with us.
"""

import contextlib
import io
import json
import sys
from datetime import date, datetime, time
from typing import Any

from synthea.engine.generator import Generator, GeneratorOptions
from synthea.helpers.config import Config

_YOUNGEST, _OLDEST = 5, 18
# The built-in geography knows few states; where the patients live is overwritten by the roster anyway.
_STATE = "Texas"


def make_charts(seed: int, reference: date, first: int, step: int, count: int) -> None:
    """Print the charts number first, first + step, … below count."""
    with contextlib.redirect_stdout(io.StringIO()):
        generator = _generator(seed, reference, count)
    for index in range(first, count, step):
        with contextlib.redirect_stdout(io.StringIO()):
            chart = _chart(generator, index)
        print(json.dumps({"index": index, "chart": chart}), flush=True)  # noqa: T201  # the protocol


def _generator(seed: int, reference: date, count: int) -> Generator:
    options = GeneratorOptions()
    options.seed = seed
    options.clinician_seed = seed
    options.reference_date = datetime.combine(reference, time())  # the generator knows no zones
    options.reference_date_explicit = True
    options.end_date = options.reference_date
    options.min_age, options.max_age = _YOUNGEST, _OLDEST
    options.population_size = count
    options.state = _STATE
    config = Config()
    config.load()
    config.set("generate.clinical_notes", False)  # noqa: FBT003  # the library's signature
    return Generator(options, config=config)


def _chart(generator: Generator, index: int) -> dict[str, Any] | None:
    """Return sex, birth date and the resources a school cares about; None for a patient who died."""
    person = generator.generate_person(index)
    if person is None or not person.alive:
        return None
    fhir = generator.exporter.patient_exporters[0]
    record = person.record
    entries = [fhir.create_condition_entry(item, person) for item in record.conditions]
    entries += [fhir.create_medication_entry(item, person) for item in record.medications]
    entries += [fhir.create_immunization_entry(item, person) for item in record.immunizations]
    entries += [fhir.create_allergy_intolerance_entry(item, person) for item in record.allergies]
    return {
        "sex": person.attributes["gender"],
        "born": person.attributes["birth_date"].date().isoformat(),
        "resources": [entry["resource"] for entry in entries],
    }


if __name__ == "__main__":
    _seed, _reference, _first, _step, _count = sys.argv[1:]
    make_charts(int(_seed), date.fromisoformat(_reference), int(_first), int(_step), int(_count))
