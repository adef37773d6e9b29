"""Keys, slots, lease and keystore of the workstation."""
