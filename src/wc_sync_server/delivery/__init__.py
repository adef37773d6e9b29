"""Delivering letters from the outbox: a worker, and the ways to tell others (webhook, e-mail)."""
