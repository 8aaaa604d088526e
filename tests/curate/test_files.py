"""Whether what was read is still what is there."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from pullsmith.curate.files import being_made_anew, signature
from pullsmith.errors import DecisionError


def test_the_signature_changes_with_every_file_that_is_replaced(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    nothing = signature([path, other])
    path.write_text("x")
    one = signature([path, other])
    assert one != nothing
    assert signature([path, other]) == one
    other.write_text("x")  # the same content, renamed over it as rows are
    other.replace(path)
    assert signature([path, tmp_path / "b"]) != one


@pytest.mark.parametrize("error", [FileNotFoundError(2, "gone"), pa.ArrowInvalid("cut short")])
def test_a_file_that_goes_away_while_it_is_read_is_told(error: Exception) -> None:
    told = r"r: its run is being made anew .*; wait for it"
    with pytest.raises(DecisionError, match=told), being_made_anew("r"):
        raise error
    with pytest.raises(KeyError), being_made_anew("r"):
        raise KeyError("a mistake of ours stays one")
