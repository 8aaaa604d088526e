"""Ranking: verdicts and scores become rates with intervals, and paired differences."""
