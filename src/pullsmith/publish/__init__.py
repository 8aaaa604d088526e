"""What a run hands to others: its training examples as a data set, and its board to be made again."""

from pullsmith.publish.pack import Published, publish

__all__ = ["Published", "publish"]
