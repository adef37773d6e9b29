"""HTTP to the sync server; failures are translated here, once."""
