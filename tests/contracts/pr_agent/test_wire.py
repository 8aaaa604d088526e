"""Answers of every version of PR-Agent on the wire: written, read back, and refused by name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pullsmith.contracts.answers import AnswerValue, Improve, Review
from pullsmith.contracts.canonical import build_value, value_tree
from pullsmith.contracts.pr_agent.forms import EFFORT
from pullsmith.contracts.pr_agent.wire import FORMS, limit_faults, read_answer, usual_fields
from pullsmith.contracts.pr_agent.wire import write_answer as write
from pullsmith.contracts.yaml_read import read_yaml
from pullsmith.contracts.yaml_write import write_yaml
from pullsmith.errors import AnswerError
from pullsmith.records import PromptOptions
from tests.contracts.builders import (
    DESCRIBE,
    IMPROVE,
    REVIEW,
    SILENT,
    change,
    free_texts,
    pull_request,
    task_of,
    texts,
)
from tests.contracts.native_1.test_wire import field_paths, without
from tests.contracts.pr_agent.values import TOOLS, VERSIONS, asked, task, value

CASES = [(version, tool) for version in VERSIONS for tool in TOOLS]


def text_of(version: str, tool: str) -> str:
    return write(version, task(version, tool), value(version, tool), asked(version, tool))


def read(version: str, tool: str, text: str) -> AnswerValue:
    return read_answer(version, task(version, tool), text, asked(version, tool))


def refused(version: str, tool: str, text: str) -> AnswerError:
    with pytest.raises(AnswerError) as caught:
        read(version, tool, text)
    return caught.value


@pytest.mark.parametrize(("version", "tool"), CASES)
def test_an_answer_with_every_field_is_read_back(version: str, tool: str) -> None:
    text = text_of(version, tool)
    for form in (text, f"{text}\n```", f"```yaml\n{text}\n```\n"):
        assert read(version, tool, form) == value(version, tool)


# As the contracts list them; [] goes into the items of a list.
ORDER = {
    ("2024-06", "describe"): "type pr_files[filename language changes_summary changes_title label] "
    "description title labels",
    ("2025-03", "describe"): "type description title pr_files[filename changes_summary "
    "changes_title label]",
    ("2026-04", "describe"): "type description title changes_diagram pr_files[filename "
    "changes_summary changes_title label]",
    ("2024-06", "review"): f"review({EFFORT} score relevant_tests insights_from_user_answers "
    "possible_issues security_concerns can_be_split[relevant_files title]) code_feedback["
    "relevant_file language suggestion relevant_line]",
    ("0.2.4", "review"): f"review({EFFORT} score relevant_tests insights_from_user_answers "
    "key_issues_to_review[relevant_file issue_header issue_content start_line end_line] "
    "security_concerns can_be_split[relevant_files title]) code_feedback[relevant_file language "
    "suggestion relevant_line]",
    ("2025-03", "review"): "review(ticket_compliance_check[ticket_url ticket_requirements "
    "fully_compliant_requirements not_compliant_requirements requires_further_human_verification] "
    f"{EFFORT} score relevant_tests insights_from_user_answers key_issues_to_review[relevant_file "
    "issue_header issue_content start_line end_line] security_concerns can_be_split[relevant_files "
    "title])",
    ("2026-04", "review"): "review(ticket_compliance_check[ticket_url ticket_requirements "
    "fully_compliant_requirements not_compliant_requirements requires_further_human_verification] "
    f"{EFFORT} contribution_time_cost_estimate(best_case average_case worst_case) score "
    "relevant_tests insights_from_user_answers key_issues_to_review[relevant_file issue_header "
    "issue_content start_line end_line] security_concerns todo_sections can_be_split["
    "relevant_files title])",
    ("2024-06", "improve"): "code_suggestions[relevant_file language suggestion_content "
    "existing_code improved_code one_sentence_summary relevant_lines_start relevant_lines_end label]",
    ("2025-03", "improve"): "code_suggestions[relevant_file language suggestion_content "
    "existing_code improved_code one_sentence_summary label]",
    ("2026-04", "improve"): "code_suggestions[relevant_file language existing_code "
    "suggestion_content improved_code one_sentence_summary label]",
    (
        "2024-06",
        "reflect",
    ): "code_suggestions[suggestion_summary relevant_file suggestion_score why]",
    ("2025-03", "reflect"): "code_suggestions[suggestion_summary relevant_file "
    "relevant_lines_start relevant_lines_end suggestion_score why]",
}
SAME = {("0.2.4", tool): ("2024-06", tool) for tool in ("describe", "improve", "reflect")}
SAME[("2026-04", "reflect")] = ("2025-03", "reflect")


def outline(tree: object) -> str:
    if isinstance(tree, dict):
        return " ".join(key + _inner(item) for key, item in tree.items())
    return ""


def _inner(item: object) -> str:
    if isinstance(item, dict):
        return f"({outline(item)})"
    found = outline(item[0]) if isinstance(item, list) else ""
    return f"[{found}]" if found else ""


@pytest.mark.parametrize(("version", "tool"), CASES)
def test_fields_stand_in_the_order_of_the_contract(version: str, tool: str) -> None:
    expected = ORDER[SAME.get((version, tool), (version, tool))]
    assert outline(read_yaml(text_of(version, tool))) == expected


OMISSIONS = [
    (version, tool, path)
    for version, tool in CASES
    for path in field_paths(read_yaml(text_of(version, tool)))
]


@pytest.mark.parametrize(("version", "tool", "path"), OMISSIONS)
def test_every_single_omission_is_refused_by_name(
    version: str, tool: str, path: tuple[str | int, ...]
) -> None:
    tree = read_yaml(text_of(version, tool))
    error = refused(version, tool, write_yaml(without(tree, path)))
    assert error.reason == "missing_field"
    assert error.detail.startswith(".".join(map(str, path)) + ": ")


def test_the_omissions_cover_every_field() -> None:
    counts = {version: sum(case[0] == version for case in OMISSIONS) for version in VERSIONS}
    # describe 4 + 5 a file + labels; review 1 + 7 + 2 + 1 + 4, then the issues' 5 and the like;
    # improve 1 + 9 each; reflect 1 + 4 each.
    assert counts == {
        "2024-06": 15 + 15 + 19 + 9,
        "0.2.4": 15 + 20 + 19 + 9,
        "2025-03": 12 + 21 + 15 + 13,
        "2026-04": 13 + 26 + 15 + 13,
    }


@pytest.mark.parametrize(("version", "tool"), CASES)
def test_no_other_field_is_read(version: str, tool: str) -> None:
    tree = read_yaml(text_of(version, tool))
    assert isinstance(tree, dict)
    error = refused(version, tool, write_yaml({**tree, "extra": "x"}))
    assert (error.reason, error.detail[:6]) == ("extra_field", "extra:")


@pytest.mark.parametrize(("version", "tool"), CASES)
def test_what_the_prompt_does_not_ask_for_is_refused(version: str, tool: str) -> None:
    for name in asked(version, tool):
        some = asked(version, tool) - {name}
        with pytest.raises(AnswerError, match=f"extra_field: .*{name}: the prompt"):
            read_answer(version, task(version, tool), text_of(version, tool), some)


@pytest.mark.parametrize("version", VERSIONS)
def test_options_switch_fields(version: str) -> None:
    for option in ("effort", "score", "tests", "security", "can_be_split"):
        options = task(version, "review").options
        off = options.model_copy(update={f"require_{option}": False})
        asked_less = replace(task(version, "review"), options=off)
        with pytest.raises(AnswerError, match="extra_field"):
            read_answer(version, asked_less, text_of(version, "review"), asked(version, "review"))


def test_what_is_usual() -> None:
    many = task_of("describe", pull_request(*(change(f"{n}.py") for n in range(7))))
    usual = {
        version: usual_fields(version, task_of("review", pull_request())) for version in VERSIONS
    }
    assert usual == {
        "2024-06": {"code_feedback", "changes_summary"},
        "0.2.4": {"changes_summary"},
        "2025-03": {"changes_summary"},
        "2026-04": {"changes_diagram", "changes_summary"},
    }
    assert usual_fields("2026-04", many) == {"changes_diagram"}
    assert usual_fields("2025-03", many) == {"changes_summary"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("tool", ["review", "improve"])
def test_native_values_are_said_with_what_is_looked_up(version: str, tool: str) -> None:
    made = REVIEW if tool == "review" else IMPROVE
    plain = task_of(tool, pull_request())
    if (version, tool) == ("2024-06", "review"):
        with pytest.raises(AnswerError, match=r"missing_field: review\.possible_issues"):
            write(version, plain, made)
        return
    text = write(version, plain, made)
    found = read_answer(version, plain, text)
    assert write(version, plain, found) == text
    assert ("relevant_lines_start: 12" in text) == (
        version in ("2024-06", "0.2.4") and tool == "improve"
    )
    assert read_answer(version, plain, write(version, plain, SILENT[tool])) == SILENT[tool]


def test_a_language_that_is_not_known_is_missing() -> None:
    file = DESCRIBE.pr_files[0].model_copy(update={"filename": "other.py"})
    lost = DESCRIBE.model_copy(update={"pr_files": (file,)})
    with pytest.raises(AnswerError, match=r"missing_field: pr_files\.0\.language"):
        write("0.2.4", task_of("describe", pull_request()), lost)


@pytest.mark.parametrize(
    ("version", "old", "new", "reason"),
    [
        ("2024-06", "2, because: short", "2", None),
        ("2024-06", "2, because: short", "2, ", "wrong_type"),
        ("2024-06", "2, because: short", "two, because", "wrong_type"),
        ("2024-06", "2, because: short", "6, because", "out_of_range"),
        ("2025-03", f"{EFFORT}: 2", f"{EFFORT}: |\n    2", None),
        ("2025-03", f"{EFFORT}: 2", f"{EFFORT}: |\n    2, because", "wrong_type"),
        ("2025-03", f"{EFFORT}: 2", f"{EFFORT}: 6", "out_of_range"),
        ("2025-03", "score: 80", "score: '80'", None),
        ("2025-03", "score: 80", "score: 101", "out_of_range"),
        ("2025-03", "start_line: 12", "start_line: '12'", "wrong_type"),
        ("2025-03", "start_line: 12", "start_line: 0", "out_of_range"),
        ("2026-04", "todo_sections:\n  - Fix it later", "todo_sections: 'No'", None),
        ("2026-04", "todo_sections:\n  - Fix it later", "todo_sections: 'Yes'", "wrong_type"),
        ("2025-03", "ticket_url: |\n      #12", "ticket_url: ''", "blank_field"),
    ],
)  # fmt: skip
def test_how_values_may_be_written(version: str, old: str, new: str, reason: str | None) -> None:
    text = text_of(version, "review")
    assert old in text
    changed = text.replace(old, new)
    if reason is None:
        assert isinstance(read(version, "review", changed), Review)
    else:
        assert refused(version, "review", changed).reason == reason


def test_the_types_are_the_contracts_own() -> None:
    text = text_of("2025-03", "describe")
    error = refused("2025-03", "describe", text.replace("- Tests", "- Feature"))
    assert str(error).startswith("label_unknown: type.1")
    assert refused("2025-03", "describe", text.replace("- Bug fix\n- Tests", "[]")).reason in (
        "not_yaml", "too_few", "wrong_type",
    )  # fmt: skip


def repeated(tool: str, name: str, times: int) -> AnswerValue:
    made = value_tree(value("2025-03", tool))
    items = made[name]
    assert isinstance(items, list)
    return build_value(tool, {**made, name: items[:1] * times})


@pytest.mark.parametrize(
    ("version", "most"), [("2024-06", 4), ("0.2.4", 4), ("2025-03", 4), ("2026-04", 3)]
)
def test_how_many_suggestions(version: str, most: int) -> None:
    plain = task_of("improve", pull_request())
    write(version, plain, repeated("improve", "code_suggestions", most))
    with pytest.raises(AnswerError, match="too_many: code_suggestions"):
        write(version, plain, repeated("improve", "code_suggestions", most + 1))
    two = replace(plain, options=PromptOptions(max_suggestions=2))
    with pytest.raises(AnswerError, match="too_many: code_suggestions: 3"):
        write(version, two, repeated("improve", "code_suggestions", 3))


@pytest.mark.parametrize(("version", "most"), [("0.2.4", 9), ("2025-03", 3), ("2026-04", 2)])
def test_how_many_issues(version: str, most: int) -> None:
    made = task(version, "review")
    made = replace(made, options=made.options.model_copy(update={"max_findings": 2}))
    plain, issue = value(version, "review"), REVIEW.issues[0]

    def said(count: int) -> str:
        some = plain.model_copy(update={"key_issues_to_review": (issue,) * count})
        return write(version, made, some, asked(version, "review"))

    said(most)
    if most < 9:
        with pytest.raises(AnswerError, match="too_many: key_issues_to_review"):
            said(most + 1)


@pytest.mark.parametrize(("version", "most"), [("2024-06", 15), ("0.2.4", 15), ("2025-03", 20)])
def test_how_many_files(version: str, most: int) -> None:
    text = text_of(version, "describe")
    tree = read_yaml(text)
    assert isinstance(tree, dict)
    files = tree["pr_files"]
    assert isinstance(files, list)
    read(version, "describe", write_yaml({**tree, "pr_files": files[:1] * most}))
    error = refused(version, "describe", write_yaml({**tree, "pr_files": files[:1] * (most + 1)}))
    assert error.reason == "too_many"


def test_what_is_longer_than_asked_for_is_read_and_told() -> None:
    plain = task_of("describe", pull_request())
    assert limit_faults("2025-03", plain, DESCRIBE) == ()
    long = DESCRIBE.model_copy(
        update={"description": "- a\n- b\n- c\n- d\n- one two three four five six seven eight nine"}
    )
    assert limit_faults("2025-03", plain, long) == (
        "too_many_points: description: 5 of 4",
        "too_many_words: description: 9 of 8",
    )
    older = value("2024-06", "describe").model_copy(update={"description": long.description})
    assert limit_faults("2024-06", plain, older) == ()
    wordy = IMPROVE.code_suggestions[0].model_copy(update={"one_sentence_summary": "a b c d e f g"})
    faults = limit_faults(
        "2026-04", task_of("improve", pull_request()), Improve(code_suggestions=(wordy,))
    )
    assert faults == ("too_many_words: code_suggestions.0.one_sentence_summary: 7 of 6",)


@settings(max_examples=40)
@given(st.sampled_from(CASES), st.data())
def test_every_text_is_read_back(case: tuple[str, str], data: st.DataObject) -> None:
    version, tool = case
    tree = value_tree(value(version, tool))

    def other(item: object, name: str = "") -> object:
        if isinstance(item, dict):
            return {key: other(inner, key) for key, inner in item.items()}
        if isinstance(item, list):
            return [other(inner, name) for inner in item]
        if not isinstance(item, str) or name == "type":
            return item
        return data.draw(free_texts if name == "improved_code" else texts)

    made = build_value(tool, {key: other(item, key) for key, item in tree.items()})
    text = write(version, task(version, tool), made, asked(version, tool))
    assert read(version, tool, text) == made
    # Another reader gets the same fields; a block scalar's last line break is all that may differ.
    loaded = yaml.safe_load(text)
    assert loaded.keys() == dict(read_yaml(text)).keys()  # type: ignore[arg-type]  # fields


@pytest.mark.parametrize(
    "odd", ["x" * 100_000, "y: " * 33_000, "a\r\nb\t", "  - yes\n", "😀 \u2028|"]
)
def test_odd_texts_are_read_back(odd: str) -> None:
    made = value("2025-03", "review").model_copy(update={"security_concerns": odd})
    text = write("2025-03", task("2025-03", "review"), made, asked("2025-03", "review"))
    assert read("2025-03", "review", text) == made


@settings(max_examples=60)
@given(st.sampled_from(CASES), free_texts, st.integers(0, 2000))
def test_nothing_but_our_own_error_comes_out(case: tuple[str, str], noise: str, at: int) -> None:
    text = text_of(*case)
    for broken in (noise, text[:at] + noise + text[at:]):
        try:
            found = read(*case, broken)
        except AnswerError:
            continue
        assert json.dumps(value_tree(found))


def test_what_a_version_has_no_form_for() -> None:
    plain = task_of("improve", pull_request())
    for wrong in (REVIEW, value("2025-03", "describe")):
        with pytest.raises(AnswerError, match="not_writable"):
            write("2025-03", plain, wrong)
    with pytest.raises(AnswerError, match="not_readable"):
        read_answer("2025-03", replace(plain, tool="spot"), "issues: []")
    assert list(FORMS) == list(VERSIONS)
