"""Entries that make other trainers read the data set as it is: TRL, Axolotl, LLaMA-Factory.

Takes the names of the study and its contracts, gives files by path. Each trains on the answers only
and cuts nothing: a length limit is the user's to set, and to see rows dropped by.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import yaml

from pullsmith.publish.rows import ANSWERS


def data_path(contract: str, form: str) -> str:
    """Where the rows of a contract lie in the pack, as "parquet" or "jsonl"."""
    return f"data/{contract}/train.{form}"


def trainer_files(study: str, contracts: Sequence[str]) -> dict[str, str]:
    """The content of every file, by its path in the pack."""
    files = {"dataset_info.json": _llama_factory(study, contracts)}
    for contract in contracts:
        files[f"axolotl/{contract}.yaml"] = _axolotl(contract)
        files[f"trl/{contract}.yaml"] = _trl(contract)
    return files


def _llama_factory(study: str, contracts: Sequence[str]) -> str:
    """Data set entries; use them with ``dataset_dir`` set to the pack."""
    entries = {
        f"{study}-{contract}": {
            "file_name": data_path(contract, "jsonl"),
            "formatting": "sharegpt",
            "columns": {"messages": "messages"},
            "tags": {
                "role_tag": "role",
                "content_tag": "content",
                "user_tag": "user",
                "assistant_tag": ANSWERS,
                "system_tag": "system",
            },
        }
        for contract in contracts
    }
    return json.dumps(entries, indent=2) + "\n"


def _axolotl(contract: str) -> str:
    entry = {
        "path": data_path(contract, "jsonl"),
        "ds_type": "json",
        "type": "chat_template",
        "field_messages": "messages",
        "message_property_mappings": {"role": "role", "content": "content"},
        "roles_to_train": [ANSWERS],
        "train_on_eos": "turn",
    }
    head = "# Put this into an Axolotl configuration; paths count from the pack's folder.\n"
    return head + yaml.safe_dump({"datasets": [entry]}, sort_keys=False)


def _trl(contract: str) -> str:
    entry = {
        "dataset_name": ".",
        "dataset_config": contract,
        "dataset_train_split": "train",
        "assistant_only_loss": True,
        "max_length": None,
        "packing": False,
    }
    head = (
        "# trl sft --config FILE, in the pack's folder. assistant_only_loss needs a chat template "
        "with\n# generation markers. max_length: nothing is cut; rows that do not fit are yours to "
        "leave out.\n"
    )
    return head + yaml.safe_dump(entry, sort_keys=False)
