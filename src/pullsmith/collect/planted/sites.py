"""A place for one defect in a whole file, in whatever language it is written.

Takes nothing; gives the record that the operators of every language fill. Refuses to know how a
place is found.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileSite:
    """One line of a file that can be made wrong: ``line`` counts from 1, both texts are without its end.

    The rest of the file stays as it is, and the file parses with either line.
    """

    kind: str
    line: int
    defective: str
    original: str
