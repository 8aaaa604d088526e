"""Patches and hunks: parsed, numbered, shown, applied."""
