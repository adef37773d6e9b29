"""The exchange over HTTP: thin handlers around what the rooms below decide."""
