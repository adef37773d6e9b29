"""Whether the database is well: what an operator would look for, each finding with what to do about it."""
