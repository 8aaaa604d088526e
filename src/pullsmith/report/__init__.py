"""Reporting: stored ratings become board.json, board.md and one self-contained page."""
