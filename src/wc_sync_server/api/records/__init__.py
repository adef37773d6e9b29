"""The records over HTTP, for people without a workstation: what they may see and change, in pages, on record."""
