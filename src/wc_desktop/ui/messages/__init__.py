"""Codes turned into sentences: what happened, and what to do. Every sentence goes through translation."""
