"""The district's server: takes what workstations recorded, reconciles it, feeds the others."""
