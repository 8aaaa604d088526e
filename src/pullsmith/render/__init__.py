"""Render: what is shown of each pull request, and the prompts that show it."""
