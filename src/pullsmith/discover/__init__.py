"""Which repositories are worth collecting from, out of GH Archive's hour files.

Takes the files or addresses a person names, gives a ranked list of repositories. It counts events
and knows nothing of their bodies, which are gone since October 2025; it fetches nothing it was not
given, and no stage knows it.
"""

from pullsmith.discover.events import FileRead, FileState
from pullsmith.discover.ranking import RankedRepository
from pullsmith.discover.search import Discovered, Machine, Wanted, discover

__all__ = [
    "Discovered", "FileRead", "FileState", "Machine", "RankedRepository", "Wanted", "discover",
]  # fmt: skip
