"""Verdicts outside of a run: other tools' files, rates of verdicts alone, and one judge's successor."""
