"""Domain-free parts that every screen is made of."""
