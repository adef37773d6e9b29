"""The records for people without a workstation: every aggregate, in pages, with what was looked at on record."""
