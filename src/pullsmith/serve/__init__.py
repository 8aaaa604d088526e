"""Serve: a trained model behind an OpenAI-compatible endpoint, and checks of any such endpoint.

Weights come by name; requests come from this machine unless another host is asked for.
"""
