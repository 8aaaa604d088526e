"""What a run hands to others: its training examples as a data set that trainers read as it is."""

from pullsmith.publish.pack import Published, publish

__all__ = ["Published", "publish"]
