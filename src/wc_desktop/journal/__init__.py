"""The device's own entries: appended, signed, sealed, kept until the district has them and a while longer."""
