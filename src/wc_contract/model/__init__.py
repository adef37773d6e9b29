"""Records, changes and the fold that turns one into the other."""
