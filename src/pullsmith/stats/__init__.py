"""Statistics on arrays: intervals, agreement, strengths, lengths, power. Knows no verdict and no model."""
