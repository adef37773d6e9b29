"""Everything a mapper needs beside the resource itself."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from wc_contract.model.ids import DistrictId, UserId
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.catalogue import Catalogue
from wc_sync_server.importing.fhir.bundles import BundleEntry
from wc_sync_server.importing.fhir.patients import KnownPatient
from wc_sync_server.importing.fhir.values import text, things


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """What the district knows: its drugs, and who may verify an order."""

    id: DistrictId
    catalogue: Catalogue = field(repr=False)
    verifiers: frozenset[UserId]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A resource's student and district. resolve finds what a reference inside the same bundle points to."""

    student: KnownPatient
    district: District
    resolve: Callable[[str], Mapping[str, Any]]

    def record_id(self, entry: BundleEntry) -> UUID:
        """Return the id of the record made of entry: the same for the same resource of the same student."""
        return stable_ids.chart_id(self.student.chart, entry.resource_type, resource_key(entry))


def resource_key(entry: BundleEntry) -> str:
    """Return what names a resource wherever it is exported again: its identifier, its id, else its content."""
    for identifier in things(entry.resource, "identifier"):
        if text(identifier, "value"):
            return f"{text(identifier, 'system')}|{text(identifier, 'value')}"
    own = text(entry.resource, "id") or entry.full_url
    if own:
        return own
    content = json.dumps(entry.resource, sort_keys=True, default=str).encode()
    return hashlib.sha256(content).hexdigest()
