"""Train: examples in, a student's weights before and after out.

The trainer is TRL's; what is here decides what it sees (tokens, mask, batches) and checks it.
"""
