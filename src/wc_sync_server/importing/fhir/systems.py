"""Code systems, identifier systems and our own extensions."""

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
CVX = "http://hl7.org/fhir/sid/cvx"
MVX = "http://hl7.org/fhir/sid/mvx"
ICD10 = ("http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10")
UCUM = "http://unitsofmeasure.org"

# How a patient is known to be a student.
STUDENT_NUMBER = "urn:whitecross:student-number"
SOURCED_ID = "urn:whitecross:oneroster-sourced-id"
USER_SOURCED_ID = "urn:whitecross:oneroster-user-sourced-id"
CATALOGUE = "urn:whitecross:medication"

# What a school needs on an order and FHIR has no element for.
PARENT_AUTHORISATION = "urn:whitecross:fhir:parent-authorisation"  # valuePeriod
NURSE_VERIFICATION = "urn:whitecross:fhir:nurse-verification"  # valueReference with identifier
WINDOW_MINUTES = "urn:whitecross:fhir:window-minutes"  # valuePositiveInt
MIN_INTERVAL_MINUTES = "urn:whitecross:fhir:min-interval-minutes"  # valuePositiveInt
MAX_DOSES = "urn:whitecross:fhir:max-doses"  # valuePositiveInt
MAX_PERIOD_MINUTES = "urn:whitecross:fhir:max-period-minutes"  # valuePositiveInt
SELF_CARRY = "urn:whitecross:fhir:self-carry"  # valueBoolean
VERBAL_UNTIL = "urn:whitecross:fhir:verbal-until"  # valueDate
STOP_EFFECTIVE_AT = "urn:whitecross:fhir:stop-effective-at"  # valueDateTime
MAY_PICK_UP = "urn:whitecross:fhir:may-pick-up"  # valueBoolean, on Patient.contact
