"""What runs inside PR-Agent's own environment: files that know nothing of pullsmith."""
