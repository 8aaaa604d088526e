"""Turn pull requests into fine-tuned code models, and tell with honest statistics whether they beat a reference."""

__version__ = "0.1.0"
