"""Proofs by repetition: many writers at once, the laws looked at after each round, and a control that breaks them."""
