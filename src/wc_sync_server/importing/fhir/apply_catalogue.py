"""Writing the catalogue of medications: the district gets what it lacks or has otherwise."""

from collections.abc import Mapping
from functools import partial

from wc_contract.model.apply import compact
from wc_contract.model.ids import DistrictId
from wc_contract.model.kinds import MEDICATION
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.catalogue import Catalogue, CatalogueMedication
from wc_sync_server.importing.ports import Works
from wc_sync_server.importing.present_rows import WireRow, read_by_id, whole
from wc_sync_server.importing.recording import UPDATE, recorded


def apply_catalogue(works: Works, district: DistrictId, catalogue: Catalogue) -> None:
    """Write the medications of the catalogue that the district lacks or has otherwise."""
    works.retrying(partial(_write_catalogue, works, district, catalogue))


def _write_catalogue(works: Works, district: DistrictId, catalogue: Catalogue) -> None:
    told = {
        stable_ids.medication_id(district, each.key): _medication_row(district, each)
        for each in catalogue.by_key.values()
    }
    with works.begin(()) as work:
        work.lock_streams(district)
        present = read_by_id(work, MEDICATION, district, list(told))
        changed = {id_: row for id_, row in told.items() if _differs(row, present.get(id_))}
        if changed:
            work.write_rows(MEDICATION, district, list(changed.values()))
            work.audit([recorded(UPDATE, MEDICATION, id_, work.at, source="catalogue") for id_ in changed])
            work.commit()


def _differs(row: Mapping[str, object], there: Mapping[str, object] | None) -> bool:
    return there is None or any(row[name] != there[name] for name in row)


def _medication_row(district: DistrictId, medication: CatalogueMedication) -> WireRow:
    ingredients = [
        {"code": each.code, "name": each.name, "classes": list(each.classes)} for each in medication.ingredients
    ]
    row: WireRow = {
        "id": str(stable_ids.medication_id(district, medication.key)),
        "name": medication.name,
        "generic_name": medication.generic_name,
        "brand_name": medication.brand_name,
        "category": medication.category,
        "form": medication.form.value,
        "strength": medication.strength,
        "rxcui": medication.rxcui,
        "dea_schedule": medication.dea_schedule,
        "ingredients": compact(ingredients),
        "is_emergency": medication.is_emergency,
    }
    return whole(row, MEDICATION)
