"""What comes into the district from outside: rosters (OneRoster) and charts (FHIR)."""
