"""What becomes of a record that two hands have written (sync.md, 'Conflicts, by kind of record')."""
