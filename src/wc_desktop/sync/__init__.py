"""Push and pull: what to do next is decided in pure functions; loops only carry it out."""
