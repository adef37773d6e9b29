"""Clinical rules: pure functions that answer with findings and never raise."""
