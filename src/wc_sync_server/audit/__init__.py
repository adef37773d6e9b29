"""The record of every look and every change: who, what, when, and names of fields, never their values."""
