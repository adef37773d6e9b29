"""What must change in both programs together: records, changes, rules and wire messages.

Pure Python: no Qt, no SQL, no network, no clock of its own.
"""
