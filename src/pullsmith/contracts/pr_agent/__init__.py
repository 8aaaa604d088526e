"""pr-agent-*: the prompts and answers of a user's own PR-Agent."""
