"""A trained model in the forms others take: weights, servers' and trainers' settings, PR-Agent's.

Takes a model of a run, or a folder with weights; writes one folder. One file a target; nothing is
sent anywhere, and nothing is written over what is there.
"""
