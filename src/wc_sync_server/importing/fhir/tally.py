"""How many records an import wrote, as it goes."""

from dataclasses import dataclass

from wc_sync_server.importing.fhir.report import WriteCounts


@dataclass(slots=True)
class Tally:
    """Counts that grow, batch by batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def add(self, other: "Tally") -> None:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged

    def counts(self) -> WriteCounts:
        return WriteCounts(created=self.created, updated=self.updated, unchanged=self.unchanged)
