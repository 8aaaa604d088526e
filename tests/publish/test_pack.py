"""The pack: loaded by ``datasets`` as it is, shaped as trainers publish it, nothing removed is in it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pullsmith.cli import main
from pullsmith.errors import RunFolderError, SourceError, StudyError
from pullsmith.publish import Published, publish
from pullsmith.publish.data import PublishedData
from pullsmith.publish.facts import facts_of
from pullsmith.publish.rows import row_of, why_not
from pullsmith.records import (
    Example,
    LicenceEvidence,
    LicenceFile,
    Message,
    PullRequest,
    SecretScan,
    Split,
    drop,
)
from pullsmith.split.stage import MANIFEST_NAME
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import Study
from pullsmith.tally import Tally
from tests.curated import finish, planted, real, study

CONTRACTS = ("compact-1", "native-1")
SECRET = "token = 'ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'"
MIT = LicenceEvidence(
    spdx="MIT",
    files=(LicenceFile(path="LICENSE", blob_sha="b" * 40, spdx="MIT"),),
    found_at="c" * 40,
)
RECORDS = [
    real("1", repository="f.test/o/a", licence=MIT, author="Ada", split=Split.TRAIN),
    real("2", repository="f.test/o/b|x", author="Bob", split=Split.TRAIN),
    planted("p", pool=Split.TRAIN, split=Split.TRAIN),
    planted("s", split=Split.TRAIN, scan=SecretScan(rules_version="x", planted_kept=1)),
    real("9", repository="f.test/o/e", split=Split.EVAL),
]


def example(record: PullRequest, contract: str, content: str = "look at it") -> Example:
    return Example(
        id=f"{record.id}#review/{contract}/0~t>{contract}",
        answer_id="a",
        pull_request_id=record.id,
        tool="review",
        contract=contract,
        messages=(
            Message(role="system", content="You review."),
            Message(role="user", content=content),
        ),
        target="key_issues_to_review: []",
        terms="CC0-1.0",
    )


def made(folder: Path, **settings: Any) -> Study:
    """A study whose clean stage is done: eight examples, one of them with a secret of its own."""
    students = [
        {"model": "tiny", "contract": name, "name": name, "cutoff": date(2026, 1, 1)}
        for name in CONTRACTS
    ]
    made = study(student=students, runs=folder / "runs", **settings)
    run = RunFolder(made.runs / made.name)
    finish(run, "collect", PullRequest, RECORDS)
    masked = [record.model_copy(update={"author": "<masked-name-1>"}) for record in RECORDS]
    finish(run, "split", PullRequest, masked)
    manifest = {"name": "main", "id": "m"}
    (run.path / "split" / MANIFEST_NAME).write_text(json.dumps(manifest))
    secret = {RECORDS[2].id: SECRET, RECORDS[3].id: SECRET}
    examples = [
        example(record, contract, secret.get(record.id, "look at it"))
        for record in RECORDS[:4]
        for contract in CONTRACTS
    ]
    finish(run, "clean", Example, examples)
    return made


def pack(folder: Path, excluded: str = "", **settings: Any) -> tuple[Path, PublishedData]:
    study_made = made(folder, **settings)
    exclude = folder / "exclude.txt"
    exclude.write_text(excluded)
    return folder / "pack", rows_of(publish(study_made, folder / "pack", exclude=exclude))


def rows_of(published: Published) -> PublishedData:
    assert published.data is not None
    return published.data


def test_datasets_loads_the_folder_as_it_is(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    folder, _ = pack(tmp_path)
    for contract in CONTRACTS:
        rows = datasets.load_dataset(
            str(folder), contract, split="train", cache_dir=str(tmp_path / "cache")
        )
        assert rows.num_rows == 3
        assert [message["role"] for message in rows[0]["messages"]] == [
            "system",
            "user",
            "assistant",
        ]
        assert rows[0]["messages"][-1]["content"] == "key_issues_to_review: []"
        assert rows[0]["contract"] == contract
    lines = datasets.load_dataset(
        "json", data_files=str(folder / "data/native-1/train.jsonl"), split="train",
        cache_dir=str(tmp_path / "cache"),
    )  # fmt: skip
    assert lines.to_list() == rows.to_list()


def test_rows_say_what_is_known_of_their_pull_request(tmp_path: Path) -> None:
    folder, _ = pack(tmp_path)
    lines = (folder / "data/native-1/train.jsonl").read_text().splitlines()
    one, two, hidden = sorted(map(json.loads, lines), key=lambda row: row["repository"])
    assert (one["licence"], one["terms"], one["planted"]) == ("MIT", "CC0-1.0", False)
    # Merged on the very day of the cut-off: it may have been seen.
    assert (one["newer_than"], one["older_than"]) == ([], list(CONTRACTS))
    assert (two["newer_than"], two["licence"]) == (list(CONTRACTS), "")
    assert (hidden["newer_than"], hidden["older_than"], hidden["planted"]) == ([], [], True)


def test_a_secret_is_left_out_and_a_planted_one_stays(tmp_path: Path) -> None:
    folder, published = pack(tmp_path)
    assert (published.rows_in, published.rows) == (8, 6)
    assert published.left_out == {"secret_found": 2}
    lines = (folder / "data/native-1/train.jsonl").read_text().splitlines()
    ids = [json.loads(line)["pull_request_id"] for line in lines]
    assert RECORDS[2].id not in ids
    assert RECORDS[3].id in ids


@pytest.mark.parametrize(
    "entry", ["repository f.test/o/a", "author ada", f"pull-request {RECORDS[0].id}"]
)
def test_what_somebody_asked_to_remove_is_in_no_file(tmp_path: Path, entry: str) -> None:
    folder, published = pack(tmp_path, excluded=entry)
    assert published.left_out == {"removed": 2, "secret_found": 2}
    for path in folder.rglob("*"):
        assert path.is_dir() or b"f.test/o/a" not in path.read_bytes()


def test_what_was_removed_before_is_no_example_of_the_funnel(tmp_path: Path) -> None:
    study_made = made(tmp_path)
    run = RunFolder(study_made.runs / study_made.name)
    job = run.job(JobKey("select"))
    finish(run, "select", PullRequest, RECORDS)
    drops = [drop("select", real("5", repository="f.test/gone/x"), "excluded", "repository gone")]
    job.write_drops(drops)
    manifest = job.manifest()
    assert manifest is not None
    tally = Tally.of(records_in=6, records_out=5, drops=drops)
    job.finish(manifest.model_copy(update={"tally": tally}))
    publish(study_made, tmp_path / "pack")
    card = (tmp_path / "pack" / "README.md").read_text()
    assert "select: excluded" in card
    assert "gone" not in card


def test_a_decorator_beside_its_line_number_is_no_address() -> None:
    facts = facts_of(RECORDS, study())[RECORDS[0].id]
    for text, reason in (
        ("L90+@pytest.mark.asyncio", None),
        ("L90+me@company.io", "secret_found"),
        ("12 -write to jane.doe@company.io", "secret_found"),
    ):
        row = row_of(example(RECORDS[0], "native-1", text), facts)
        assert why_not(row, facts, ()) == reason


def test_nothing_left_is_an_error(tmp_path: Path) -> None:
    everything = "\n".join(f"pull-request {record.id}" for record in RECORDS)
    with pytest.raises(SourceError, match=r"every row was left out \(\{'removed': 8\}\)"):
        pack(tmp_path, excluded=everything)


def test_trl_axolotl_and_llama_factory_entries_have_their_published_shape(tmp_path: Path) -> None:
    folder, _ = pack(tmp_path)
    info = json.loads((folder / "dataset_info.json").read_text())
    assert sorted(info) == ["test-compact-1", "test-native-1"]
    for entry in info.values():
        # The keys that LLaMA-Factory's data/README.md names for a sharegpt data set of a local file.
        assert entry.keys() <= {
            "file_name",
            "formatting",
            "columns",
            "tags",
            "split",
            "num_samples",
        }
        assert entry["formatting"] == "sharegpt"
        assert entry["columns"].keys() <= {"messages", "system", "tools"}
        assert entry["tags"].keys() <= {
            "role_tag", "content_tag", "user_tag", "assistant_tag", "system_tag",
            "observation_tag", "function_tag",
        }  # fmt: skip
        _check_rows(folder / entry["file_name"], entry["columns"]["messages"], entry["tags"])
    for contract in CONTRACTS:
        (entry,) = yaml.safe_load((folder / f"axolotl/{contract}.yaml").read_text())["datasets"]
        # The keys of Axolotl's documented chat_template data sets.
        assert entry.keys() <= {
            "path", "ds_type", "type", "field_messages", "message_property_mappings",
            "roles_to_train", "train_on_eos", "chat_template", "data_files", "split",
        }  # fmt: skip
        assert (entry["type"], entry["ds_type"]) == ("chat_template", "json")
        names = entry["message_property_mappings"]
        tags = {"role_tag": names["role"], "content_tag": names["content"]}
        _check_rows(folder / entry["path"], entry["field_messages"], tags)
        assert entry["roles_to_train"] == ["assistant"]


def _check_rows(path: Path, column: str, tags: dict[str, str]) -> None:
    """An optional system message, then user and assistant in turn: what LLaMA-Factory asks for."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows
    for row in rows:
        roles = [message[tags["role_tag"]] for message in row[column]]
        assert roles == ["system", "user", "assistant"]
        assert all(message[tags["content_tag"]] for message in row[column])


def test_trl_knows_every_key_of_its_entry(tmp_path: Path) -> None:
    trl = pytest.importorskip("trl")
    folder, _ = pack(tmp_path)
    known = {*trl.ScriptArguments.__dataclass_fields__, *trl.SFTConfig.__dataclass_fields__}
    for contract in CONTRACTS:
        entry = yaml.safe_load((folder / f"trl/{contract}.yaml").read_text())
        assert entry.keys() <= known
        assert (entry["dataset_config"], entry["assistant_only_loss"]) == (contract, True)
        assert entry["max_length"] is None


def test_the_card_says_counts_licences_terms_gaps_and_escapes_names(tmp_path: Path) -> None:
    folder, _ = pack(tmp_path, excluded="author bob")
    card = (folder / "README.md").read_text()
    _, head, text = card.split("---\n", 2)
    said = yaml.safe_load(head)
    assert [one["config_name"] for one in said["configs"]] == list(CONTRACTS)
    assert (said["license"], said["size_categories"]) == ("other", ["n<1K"])
    for part in (
        "4 conversations about 2 pull requests (1 real, 1 with planted truth)",
        "| MIT | 1 | 1 | f.test/o/a: LICENSE at cccccccccccc, blob bbbbbbbbbbbb |",
        "| none recognised | 1 | 1 | no licence file |",
        "| CC0-1.0 | 4 |",
        "Merged from 2026-01-01 to 2026-01-01.",
        "No row is about describe, improve.",
        "No model that learnt from it was judged",
        "2 rows were left out because a file of exclusions",
        "| compact-1 | 2026-01-01 | 0 newer, 1 older, 1 unknown | 1 newer, 0 older, 0 unknown |",
        "## Funnel",
    ):
        assert part in text


def test_the_list_names_every_file_by_digest(tmp_path: Path) -> None:
    folder, published = pack(tmp_path)
    listed = json.loads((folder / "pack.json").read_text())
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {*listed["files"], "pack.json"} == there
    for name, digest in listed["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert (listed["rows"], listed["split"]) == (published.rows, {"name": "main", "id": "m"})
    again, _ = pack(tmp_path / "again")
    assert json.loads((again / "pack.json").read_text())["files"] == listed["files"]


def test_a_pack_is_never_written_over_anything(tmp_path: Path) -> None:
    folder, _ = pack(tmp_path)
    with pytest.raises(StudyError, match="is not empty"):
        publish(made(tmp_path), folder)


def test_the_stage_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"split is not finished; pullsmith run STUDY\.toml"):
        publish(study(runs=tmp_path), tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_the_command_prints_what_was_written(tmp_path: Path) -> None:
    from click.testing import CliRunner

    made(tmp_path)
    file = tmp_path / "s.toml"
    file.write_text(
        'name = "test"\nstudent = [{ model = "tiny", contract = "native-1" }]\n'
        '[collect]\nsources = [{ planted = "stdlib", count = 1 }]\n'
    )
    done = CliRunner().invoke(main, ["publish", str(file), str(tmp_path / "pack")])
    assert done.exit_code == 0
    assert done.output.endswith("pack: 3 of 4 rows, left out: 1 secret_found\n")
