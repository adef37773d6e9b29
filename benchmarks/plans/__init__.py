"""The named queries at a size: how long they take under row-level security, and by which index."""
