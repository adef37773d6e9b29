"""FHIR R4 bundles: Patient, AllergyIntolerance, Condition, Immunization, MedicationRequest."""
