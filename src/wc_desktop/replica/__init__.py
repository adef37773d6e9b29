"""The school's confirmed records, and the projection that screens read."""
