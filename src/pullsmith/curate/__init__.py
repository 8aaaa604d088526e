"""People's decisions: what they are shown, what they may say of it, and how it is kept.

Three queues over one run folder: examples to clean, pull requests to choose, pairs to judge. Below
the page and the command line, and without them.
"""
