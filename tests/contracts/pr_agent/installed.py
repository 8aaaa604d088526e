"""A stand-in for a PR-Agent installation, in our own words, and helpers on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pullsmith.contracts.pr_agent import PrAgent
from pullsmith.contracts.pr_agent.installation import Installation, find_installation
from pullsmith.contracts.pr_agent.versions import VERSIONS
from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff
from pullsmith.records import Coverage, PullRequest
from pullsmith.study.contract import ContractSettings

SETTINGS = {
    "configuration.toml": """
[config]
max_description_tokens = 20
max_commits_tokens = 20
patch_extra_lines = 1
patch_extra_lines_before = 3
patch_extra_lines_after = 1
patch_extension_skip_types = [".txt"]
allow_dynamic_context = false
max_extra_lines_before_dynamic_context = 8
large_patch_policy = "clip"
use_extra_bad_extensions = false
[pr_reviewer]
num_code_suggestions = 0
[pr_description]
collapsible_file_list_threshold = 2
[pr_code_suggestions]
max_context_tokens = 0
max_number_of_calls = 2
""",
    "ignore.toml": '[ignore]\nglob = ["gone/**", "*.tmp"]\nregex = ["^no/", "("]\n',
    "language_extensions.toml": """
[bad_extensions]
default = ["bin"]
extra = ["md"]
[language_extension_map_org]
Python = [".py", ".pyw"]
Rust = [".rs"]
""",
    "describe.toml": """
[pr_description_prompt]
system = "Describe. {% if changes_diagram is defined %}{% endif %}{{ extra_instructions }}"
user = "T {{title}}|{{branch}}|{{description}}|{{commit_messages_str}}\\n{{ diff|trim }}\\n```yaml\\n"
""",
    "review.toml": """
[pr_review_prompt]
system = "Review {{ num_pr_files }} files.{% if require_tests %} Tests?{% endif %}"
user = "{{title}}\\n{{ description }}\\n{{ diff }}"
""",
    "improve.toml": """
[pr_code_suggestions_prompt]
system = "Suggest {{ num_code_suggestions }}."
user = "{{ diff_no_line_numbers }}"
[pr_code_suggestions_prompt_not_decoupled]
system = "Suggest {{ num_code_suggestions }}."
user = "{{ diff_no_line_numbers }}"
[pr_code_suggestions_reflect_prompt]
system = "Score."
user = "{{ diff }}\\n{{ suggestion_str|trim }}"
""",
}
SOURCES = {
    "algo/pr_processing.py": 'DELETED_FILES_ = "Gone:\\n"\nMORE_MODIFIED_FILES_ = "More:\\n"\n'
    'ADDED_FILES_ = "New:\\n"\n',
    "algo/utils.py": 'class PRDescriptionHeader:\n    CHANGES_WALKTHROUGH = "### Files"\n',
    "git_providers/git_provider.py": "class P:\n    def _possible_headers(self):\n"
    '        return ("### user", "### type")\n',
    "agent/pr_agent.py": "def f(setting, response_language, current):\n"
    "    if current:\n"
    '        setting.extra_instructions = current + f"; in {response_language}!"\n'
    "    else:\n"
    '        setting.extra_instructions = f"In {response_language}!"\n',
}


def installed(folder: Path) -> Path:
    """The folder with the stand-in in it."""
    for name, text in {
        **{f"settings/{key}": text for key, text in SETTINGS.items()},
        **SOURCES,
    }.items():
        path = folder / "pr_agent" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def contract_of(folder: Path, version: str, **settings: object) -> PrAgent:
    """The contract on the stand-in, with the code of any version."""
    values = ContractSettings.model_validate({"pr_agent": folder, **settings})
    made = PrAgent(f"pr-agent-{version}", values)
    made.__dict__["installation"] = as_version(find_installation(folder, "2026-04"), version)
    return made


def as_version(found: Installation, version: str) -> Installation:
    """The stand-in with the code of another version."""
    return replace(found, version=VERSIONS[version])


def count_words(text: str) -> int:
    """A token counter that a reader can follow."""
    return len(text.split())


def said(
    contract: PrAgent, tool: str, subject: PullRequest, coverage: Coverage, about: str = ""
) -> str:
    """The user message."""
    options = contract.settings.options_of(tool)
    shown = ShownDiff.of(subject, coverage)
    return contract.messages(Task(tool, subject, coverage, shown, options, about_text=about))[
        1
    ].content
