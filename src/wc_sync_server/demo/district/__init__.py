"""Prairie Ridge Unified: an invented district, the same for the same seed, in the formats of real ones."""
