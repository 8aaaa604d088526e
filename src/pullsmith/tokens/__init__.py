"""Counting tokens offline: the estimate that is the default, or a vocabulary that a study names.

Takes text, gives a number. Knows no model: what is shown of a pull request is decided once for all
of them, with one counter.
"""

from pullsmith.tokens.estimate import MARGIN, Counter, count_tokens
from pullsmith.tokens.find import find_counter

__all__ = ["MARGIN", "Counter", "count_tokens", "find_counter"]
