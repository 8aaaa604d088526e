"""Judging: a candidate's answer beside a reference's, per judge and per order, as Verdicts."""
