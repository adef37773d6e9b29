"""What screens and the replica thread say to each other: frozen records, no Qt, no SQL."""
