"""Encrypted database files and files that are replaced whole: what journal, replica and security share."""
