"""Messages between workstation and server: versioned, bounded, strict."""
