from __future__ import annotations

from dataclasses import replace

import pytest

from pullsmith.engine import Processes
from pullsmith.errors import TrainingError
from pullsmith.train.fit import memory, shape_of_model
from pullsmith.train.room import check_room, run_of
from tests.train.test_trainer import training


def test_a_training_that_is_far_too_large_is_refused_with_what_would_fit() -> None:
    prepared = training()
    needed = memory(shape_of_model(prepared.student.model), run_of(prepared)).total
    assert check_room(prepared, needed).startswith("memory: about 0.0 GiB by estimate")
    check_room(prepared, round(needed / 1.2))  # within the estimate's own error
    with pytest.raises(
        TrainingError, match=r"memory: by estimate .* what would fit: train\.activation"
    ):
        check_room(prepared, round(needed / 1.3))
    check_room(replace(prepared, processes=Processes(4)), round(needed / 1.3))
