"""Judging: wall time against the ideal and CPU a verdict, rendering, journal and parsing included.

    python bench/judge.py [--quick] [--json] [--peer alpaca-eval=PYTHON] [--peer arena-hard=PYTHON:FOLDER]

A loopback endpoint in a process of its own answers every question after 200 ms with a verdict. 300
pairs (100 pull requests of about 6 kB of diff, three tools) are put to three judges in both orders,
64 in flight; the ideal is calls x 0.2 s / 64. Ranking is bench/report.py's. A peer judges the same 300 pairs on the same endpoint
(``judge_peers`` says how it is installed and what is counted).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from figures import Figures, cpu_seconds, show
from judge_peers import PEERS, Texts, cost_of
from llm import Endpoint, endpoint
from pullsmith.contracts.answers import (
    AnswerValue,
    ChangeType,
    Describe,
    DescribedFile,
    Improve,
    KeyIssue,
    Review,
    Suggestion,
)
from pullsmith.contracts.canonical import canonical_yaml, value_json
from pullsmith.diff.shown import ShownDiff, unified, whole
from pullsmith.judge.ballots import ballots, verdicts
from pullsmith.llm.door import Door
from pullsmith.llm.open_model import open_model
from pullsmith.llm.protocol import Completion, Request
from pullsmith.pairs import Pair
from pullsmith.records import (
    Answer,
    ChangeStatus,
    FileChange,
    Outcome,
    Phase,
    Prompt,
    PullRequest,
    Result,
    SecretScan,
    Split,
    Verdict,
    answer_id,
    prompt_id,
)
from pullsmith.scoring import answer_value
from pullsmith.study.roles import JudgeRole

SAYS = (
    "why: it names the line and what happens there\nscore_response1: 7\nscore_response2: 4\n"
    "which_response_was_better: 1\n"
)
PATH = "app/values.py"
IN_FLIGHT, LATENCY_SECONDS = 64, 0.2
SCAN = SecretScan(rules_version="bench")


def pull_request(number: int) -> PullRequest:
    lines = [f"+    total_{number}_{n} = add(total_{n}, {n})  # step {n}\n" for n in range(120)]
    patch = f"@@ -1,1 +1,{len(lines) + 1} @@\n def work():\n" + "".join(lines)
    file = FileChange(
        path=PATH, status=ChangeStatus.MODIFIED, language="python", patch=patch, added_lines=120
    )
    name = f"bench:{number}"
    return PullRequest(
        id=name, source="git", repository="bench", group=name, title=f"Change {number}",
        body="Adds the steps that were missing.", files=(file,), split=Split.EVAL, scan=SCAN,
    )  # fmt: skip


def values(number: int, words: str) -> dict[str, AnswerValue]:
    line = f"    total_{number}_3 = add(total_3, 3)  # step 3"
    issue = KeyIssue(
        relevant_file=PATH, issue_header="Possible Bug", issue_content=words, start_line=5, end_line=5
    )  # fmt: skip
    edit = Suggestion(
        relevant_file=PATH, language="python", existing_code=line, suggestion_content=words,
        improved_code=line.replace("add", "sum"), one_sentence_summary="Sum it", label="bug",
    )  # fmt: skip
    described = DescribedFile(filename=PATH, changes_title="Steps", label="enhancement")
    return {
        "describe": Describe(
            type=(ChangeType.ENHANCEMENT,), description=words, title="Steps", pr_files=(described,)
        ),
        "review": Review(
            estimated_effort_to_review=2, relevant_tests="no", key_issues_to_review=(issue,),
            security_concerns="No",
        ),
        "improve": Improve(code_suggestions=(edit,)),
    }  # fmt: skip


def answer(request: PullRequest, tool: str, value: AnswerValue, model: str) -> Answer:
    asked = prompt_id(request.id, tool=tool, contract="native-1")
    return Answer(
        id=answer_id(asked, model=model, phase=Phase.NONE, checkpoint="none", sample=0),
        prompt_id=asked, pull_request_id=request.id, tool=tool, contract="native-1", model=model,
        outcome=Outcome.OK, text="…", value_json=value_json(value),
    )  # fmt: skip


def pairs(count: int) -> list[Pair]:
    made = []
    for number in range(count):
        request = pull_request(number)
        mine = values(number, "The step is added twice. " * 8)
        theirs = values(number, "A step may be missing here. " * 6)
        for tool in mine:
            prompt = Prompt(
                id=prompt_id(request.id, tool=tool, contract="native-1"), pull_request_id=request.id,
                tool=tool, contract="native-1", split=Split.EVAL, messages=(),
                coverage=whole(request), scan=SCAN,
            )  # fmt: skip
            one, other = answer(request, tool, mine[tool], "m"), answer(request, tool, theirs[tool], "r")  # fmt: skip
            made.append(Pair(request, prompt, one, other))
    return made


def judge_all(asked: list[Pair], server: Endpoint, folder: Path) -> list[Verdict]:
    door = Door(folder / "journal.sqlite")

    def ask(role: JudgeRole, requests: list[Request]) -> list[Completion]:
        return door.ask(open_model(role.model, environ={}), requests, role)

    found = []
    for name in ("one", "two", "three"):
        role = JudgeRole(model=f"{server.url}/v1#{name}", concurrency=IN_FLIGHT)
        found += verdicts(ballots(asked, role, 0), ask)  # type: ignore[arg-type]
    return found


def judging(asked: list[Pair]) -> Figures:
    with (
        endpoint(latency=LATENCY_SECONDS, say=SAYS) as server,
        tempfile.TemporaryDirectory() as name,
    ):
        start = time.perf_counter()
        found: list[Verdict] = []
        cpu = cpu_seconds(lambda: found.extend(judge_all(asked, server, Path(name))))
        wall = time.perf_counter() - start
    assert all(v.result is not Result.UNREADABLE for v in found), (
        "the endpoint's verdicts are readable"
    )
    ideal = len(found) * LATENCY_SECONDS / IN_FLIGHT
    return {
        "wall_vs_ideal": {
            "value": round(wall / ideal, 2),
            "unit": f"times the ideal, {len(found)} verdicts in {wall:.1f} s",
            "peer": f"ideal {ideal:.1f} s",
            "ratio": round(wall / ideal, 2),
        },
        "cpu_ms_per_verdict": {
            "value": round(1000 * cpu / len(found), 2),
            "unit": "ms of CPU, prompt, journal and parsing included",
            "peer": "reach 3",
            "ratio": round(1000 * cpu / len(found) / 3, 2),
        },
    }


def beside(peer: str, asked: list[Pair], mine: float) -> Figures:
    """What ``peer``, as NAME=WHERE, takes for a verdict, and how many times ``mine`` that is."""
    name, _, where = peer.partition("=")
    if name not in PEERS:
        raise SystemExit(f"--peer: unknown peer {name!r}; known: {', '.join(PEERS)}")
    texts = [_texts(pair) for pair in asked]
    with endpoint(latency=LATENCY_SECONDS, say=SAYS) as server:
        cost = cost_of(name, where, server, texts)
    ideal = cost.verdicts * LATENCY_SECONDS / IN_FLIGHT
    return {
        f"cpu_vs_{name.replace('-', '_')}": {
            "value": round(cost.cpu_ms / mine, 1),
            "unit": f"times less CPU a verdict than {name}",
            "peer": f"{name} {cost.cpu_ms:.1f} ms, start-up apart; {cost.verdicts} verdicts in "
            f"{cost.wall_seconds:.1f} s with it, ideal {ideal:.1f} s; reach 10",
            "ratio": round(cost.cpu_ms / mine / 10, 2),
        }
    }


def _texts(pair: Pair) -> Texts:
    request = pair.pull_request
    diff = unified(ShownDiff.of(request, pair.prompt.coverage))
    one, other = (
        canonical_yaml(value)
        for answer in (pair.candidate, pair.reference)
        if (value := answer_value(answer)) is not None
    )
    return Texts(f"{pair.tool}: {request.title}\n\n{diff}", one, other)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the pairs")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=WHERE")
    chosen = parser.parse_args()
    asked = pairs(34 if chosen.quick else 100)
    figures = judging(asked)
    mine = float(str(figures["cpu_ms_per_verdict"]["value"]))
    for peer in chosen.peer:
        figures |= beside(peer, asked, mine)
    show(figures, as_json=chosen.json)


if __name__ == "__main__":
    main()
