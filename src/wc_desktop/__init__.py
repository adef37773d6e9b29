"""The nurse's workstation: one school's records, kept and written through an outage."""
