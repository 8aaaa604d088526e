"""Contracts: how a task is put to a model on the wire, and how its answer is read back.

Several contracts share the answer models of ``answers``; what is cleaned, judged and shown is
always the model's value, never the wire text.
"""
