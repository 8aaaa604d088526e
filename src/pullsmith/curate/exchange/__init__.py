"""Decisions without a browser: a queue written into a file, and what people wrote into it read back."""
