"""The user's own PR-Agent against an endpoint: does it get answers it can post?

Takes an environment, a change and an address; gives what each tool would have posted. PR-Agent runs
in its own Python, with a stand-in for the forge; it is no dependency, and nothing is posted anywhere.
"""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from pullsmith.branch.commits import CommitRange, FileTexts, read_range
from pullsmith.errors import OutsideError, StudyError
from pullsmith.export.pr_agent import Served, pr_agent_settings
from pullsmith.records import ChangeStatus, FileChange, HunkContext, PullRequest

DRIVER = Path(__file__).with_name("inside") / "driver.py"
TOOLS = ("describe", "review", "improve")
MOST_TOKENS = 32_000  # PR-Agent's own limit; taken where nobody says what the window is
_SECONDS = 1200
# A key that a valid answer has, and every call of the tool; improve is looked at twice.
_KEYS = {"describe": "type", "review": "review", "improve": "code_suggestions"}
_FENCES = ("```yaml", "```yml", "```")
_OLD = '''def mean(values):
    """The average of some numbers."""
    return sum(values) / len(values)
'''
_NEW = '''def mean(values):
    """The average of some numbers; 0 for none."""
    if not values:
        return 0
    return sum(values) / (len(values) - 1)
'''


@dataclass(frozen=True)
class Subject:
    """The change PR-Agent is asked about: the pull request, and each file before and after."""

    pull_request: PullRequest
    texts: tuple[FileTexts, ...]


@dataclass(frozen=True)
class Post:
    """What a tool would have posted. ``faults`` say why that is not what it should be."""

    tool: str
    posted: tuple[tuple[str, str], ...]  # (kind, text)
    answers: tuple[str, ...]
    prompts: tuple[tuple[str, str], ...]  # (system, user)
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether something was posted, of answers that follow the tool's form."""
        return not self.faults

    @property
    def calls(self) -> int:
        """How often its model answered."""
        return len(self.answers)

    @property
    def text(self) -> str:
        """All that was posted but labels."""
        return "\n\n".join(text for kind, text in self.posted if kind != "labels")


def find_python(folder: Path | None) -> Path:
    """The Python that PR-Agent is installed for: of ``folder``, of pr-agent on PATH, or this one.

    Raises StudyError where there is none.
    """
    if folder is not None:
        for name in ("bin/python", "Scripts/python.exe"):
            if (folder / name).exists():
                return (folder / name).absolute()
        raise StudyError(
            f"--pr-agent {folder}: no Python there; name the environment PR-Agent is installed in"
        )
    program = shutil.which("pr-agent")
    if program is not None and (found := Path(program).with_name("python")).exists():
        return found
    if find_spec("pr_agent") is not None:
        import sys

        return Path(sys.executable)
    raise StudyError(
        "no PR-Agent: pr-agent is not on PATH; name its environment with --pr-agent FOLDER"
    )


def subject_of(commits: str | None, folder: Path = Path()) -> Subject:
    """The range ``commits`` of the repository around ``folder``; without one a change of our own."""
    if commits is None:
        return _ours()
    read: CommitRange = read_range(folder, commits)
    return Subject(read.pull_request, read.texts)


def _ours() -> Subject:
    lines = difflib.unified_diff(_OLD.splitlines(True), _NEW.splitlines(True), n=3)
    patch = "".join(list(lines)[2:])
    change = FileChange(
        path="src/statistics/mean.py", status=ChangeStatus.MODIFIED, language="Python",
        patch=patch, added_lines=4, deleted_lines=2, context=(HunkContext(before=(), after=()),),
    )  # fmt: skip
    made = PullRequest(
        id="planted:serve-check", source="planted", repository="planted:serve-check",
        group="planted:serve-check", title="mean: no division by zero", branch="mean-of-none",
        commit_messages=("mean: no division by zero",), files=(change,),
    )  # fmt: skip
    return Subject(made, (FileTexts(_OLD, _NEW),))


def settings_for(url: str, name: str, window: int | None, contract: str = "") -> dict[str, object]:
    """What ``export --to pr-agent`` writes for an endpoint, by the dotted names of PR-Agent's settings.

    Raises StudyError for a name or a window that PR-Agent cannot have.
    """
    served = Served(
        name, url, window_tokens=window or MOST_TOKENS, contract=contract,
        tools=(*TOOLS, "reflect"),  # the endpoint is asked all that PR-Agent asks
    )  # fmt: skip
    tables = tomllib.loads(pr_agent_settings(served))
    return {
        f"{table}.{key}": value for table, keys in tables.items() for key, value in keys.items()
    }


def ask_pr_agent(  # noqa: PLR0913  # what PR-Agent must know of an endpoint
    python: Path,
    subject: Subject,
    *,
    url: str,
    name: str,
    window: int | None,
    key: str = "none",
    contract: str = "",
) -> list[Post]:
    """Each tool's post, in their order; ``contract`` is what the model was trained in, if known.

    Raises OutsideError where PR-Agent itself cannot run.
    """
    asked = {
        **_told(subject),
        "tools": list(TOOLS),
        "settings": {
            "openai.key": key, "config.publish_output": True, "config.use_repo_settings_file": False,
            "config.use_wiki_settings_file": False, "config.use_global_settings_file": False,
            **settings_for(url, name, window, contract),
        },
    }  # fmt: skip
    return posts_of(_driven(python, asked))


def _told(subject: Subject) -> dict[str, Any]:
    pull_request = subject.pull_request
    pairs = zip(pull_request.files, subject.texts, strict=True)
    languages = Counter(file.language for file in pull_request.files if file.language)
    return {
        "title": pull_request.title,
        "body": pull_request.body,
        "branch": pull_request.branch,
        "commits": list(pull_request.commit_messages),
        "languages": dict(languages),
        "files": [
            {
                "path": file.path, "status": file.status.value, "patch": file.patch,
                "old": texts.old, "new": texts.new,
            }
            for file, texts in pairs
        ],
    }  # fmt: skip


def _driven(python: Path, asked: Mapping[str, object]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="pullsmith-pr-agent-") as home:
        # A folder of its own: modules beside a file that is run are found before PR-Agent's libraries.
        command = [str(python), "-B", "-W", "ignore", str(DRIVER)]
        try:
            done = subprocess.run(
                command, input=json.dumps(asked).encode(), capture_output=True, cwd=home,
                env=_environment(python, home), timeout=_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OutsideError(f"PR-Agent ({python}) did not run: {error}") from error
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
        raise OutsideError(f"PR-Agent ({python}) ended with status {done.returncode}: {last[0]}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _environment(python: Path, home: str) -> dict[str, str]:
    """No key and no setting of the user's; vocabularies that litellm has, so that nothing is fetched."""
    given = {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": home,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "*",
    }  # fmt: skip
    folders = python.parent.parent.glob("lib/python*/site-packages/litellm/**/tokenizers")
    vocabularies = next((folder for folder in folders if any(folder.iterdir())), None)
    if vocabularies is not None:
        given["TIKTOKEN_CACHE_DIR"] = str(vocabularies)
    return given


def posts_of(found: Iterable[Mapping[str, Any]]) -> list[Post]:
    """What the driver found, judged: was something posted, and of answers in the tool's form?"""
    return [_post(one) for one in found]


def _post(found: Mapping[str, Any]) -> Post:
    tool = found["tool"]
    answers = tuple(call["answer"] for call in found["calls"])
    posted = tuple((one["kind"], one["text"]) for one in found["posted"])
    faults = [fault for answer in answers if (fault := _fault(tool, answer))]
    if not answers:
        faults.append("no answer of the model reached it")
    if not any(kind != "labels" and text.strip() for kind, text in posted):
        faults.append("it would have posted nothing")
    if faults:
        faults += found["complaints"][:5]
    prompts = tuple((call["system"], call["user"]) for call in found["calls"])
    return Post(tool, posted, answers, prompts, tuple(faults))


def _fault(tool: str, answer: str) -> str | None:
    """Why an answer is none of the tool's, read strictly but for a fence around it."""
    text = answer.strip()
    for fence in _FENCES:
        text = text.removeprefix(fence)
    text = text.strip().removesuffix("```")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        first = str(error).splitlines()[0]
        return f"an answer is no YAML ({first}): {answer[:80]!r}"
    key = _KEYS[tool]
    if not isinstance(value, dict) or key not in value:
        return f"an answer has no {key!r}: {answer[:80]!r}"
    return None
