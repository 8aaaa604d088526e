from pathlib import Path

from pullsmith.train.checkpoints import SEAL, is_whole, newest_whole, seal


def checkpoint(folder: Path, step: int, *, sealed: bool = True) -> Path:
    path = folder / f"checkpoint-{step}"
    (path / "inner").mkdir(parents=True)
    (path / "model.safetensors").write_bytes(b"weights")
    (path / "inner" / "state.json").write_bytes(b"{}")
    if sealed:
        seal(path)
    return path


def test_the_newest_whole_one_is_found_by_number(tmp_path: Path) -> None:
    for step in (90, 100, 8):
        checkpoint(tmp_path, step)
    assert newest_whole(tmp_path) == tmp_path / "checkpoint-100"


def test_none_is_found_in_an_empty_folder(tmp_path: Path) -> None:
    assert newest_whole(tmp_path) is None


def test_one_without_a_seal_is_ignored_and_removed(tmp_path: Path) -> None:
    whole, half = checkpoint(tmp_path, 4), checkpoint(tmp_path, 8, sealed=False)
    assert newest_whole(tmp_path) == whole
    assert not half.exists()


def test_a_file_cut_short_missing_or_added_breaks_the_seal(tmp_path: Path) -> None:
    cut, missing, added = (checkpoint(tmp_path, step) for step in (1, 2, 3))
    assert all(map(is_whole, (cut, missing, added)))
    (cut / "model.safetensors").write_bytes(b"weigh")
    (missing / "inner" / "state.json").unlink()
    (added / "optimizer.pt").write_bytes(b"")
    assert not any(map(is_whole, (cut, missing, added)))


def test_a_seal_that_cannot_be_read_is_no_seal(tmp_path: Path) -> None:
    broken = checkpoint(tmp_path, 1)
    (broken / SEAL).write_text('{"model.saf')
    assert not is_whole(broken)
