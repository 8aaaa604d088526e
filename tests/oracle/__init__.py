"""What runs inside the PR-Agent installation that tests compare with."""
