"""Two studies on the same eval set: what changed, on the same pull requests, and what else is unlike."""
