"""What each reason to drop a record means, in a sentence for people.

A reason without a sentence is shown without one: the count and the examples still say it.
"""

from __future__ import annotations

_MEANINGS: dict[str, dict[str, str]] = {
    "collect": {
        "blob_too_large": "a file is larger than collect.max_blob_bytes",
        "empty": "nothing is different between base and head",
        "missing_blob": "the clone is partial and lacks a file",
        "no_base": "nothing comes before it",
        "octopus": "a merge of more than two lines of work",
        "same_id": "an earlier source gave the same change",
        "same_merge_commit": "another pull request came in by the same commit",
        "too_many_files": "more files than collect.max_files",
        "up_merge": "the main line merged into itself or into a branch",
        "unreadable_object": "git could not make the patch",
        "unreadable_patch": "git's patch does not parse",
    },
    "select": {
        "backport": "the change is another pull request's",
        "bot": "a program wrote it",
        "exact_duplicate": "another pull request adds the same lines to the same files",
        "excluded": "the file of exclusions names it",
        "licence_not_allowed": "its licence is not among those allowed, or was not recognised",
        "near_duplicate": "another pull request adds almost the same code",
        "not_merged": "nobody merged it",
        "only_docs": "nothing but documentation is changed",
        "only_generated": "nothing but generated files is changed",
        "only_lock": "nothing but lock files is changed",
        "only_vendored": "nothing but vendored files is changed",
        "private_key": "a private key stands in it, and such a text cannot be masked",
        "revert": "it takes another change back",
        "too_large": "more files, lines or text than [select] allows",
        "too_long_to_scan": "a text is too long to be scanned for secrets",
        "too_small": "fewer changed lines than select.min_changed_lines",
    },
    "split": {
        "before_eval_after": "held out, but merged before split.eval_after",
        "code_of_other_side": "its code is of a repository on the other side",
        "eval_surplus": "held out, and not chosen for the evaluation set",
        "near_duplicate_of_eval": "almost the same code is evaluated",
        "overlaps_benchmark": "13 words in a row of added code stand in a benchmark",
        "overlaps_eval": "13 words in a row of added code are evaluated",
        "spot_held_out": "a spot of the held-out pool; spots are for training only",
    },
    "render": {
        "no_contract": "no contract of the study has its tool",
        "nothing_to_show": "nothing of it can be shown",
        "over_budget": "it does not fit into the token budget",
        "spot_on_eval": "spots are for training only",
    },
    "clean": {
        "already_applied": "a suggestion asks for what is already there",
        "copied_diff": "prose repeats the diff",
        "cut": "the answer reached its longest length and was cut",
        "cut_text": "a text breaks off",
        "duplicate_file": "a file is described twice",
        "duplicate_issue": "an issue is named twice",
        "duplicate_suggestion": "a suggestion is made twice",
        "empty": "the model answered nothing",
        "example_too_long": "prompt and target are over clean.max_example_tokens",
        "failed": "the call failed",
        "file_not_shown": "a file is named that was not shown",
        "fix_unreadable": "a person's fix does not follow the contract",
        "line_not_shown": "a line is named that was not shown",
        "lines_reversed": "the last line stands before the first",
        "low_judge_score": "the grader scored it below clean.min_judge_score",
        "low_reflect_score": "reflection scored it below clean.min_reflect_score",
        "no_op": "a suggestion replaces code by itself",
        "no_student_prompt": "the student's contract does not put that tool",
        "not_drawn": "not drawn for the random control",
        "not_sayable": "the student's contract cannot say it",
        "other_count": "a reflection scores another number of suggestions than were made",
        "other_language": "its prose is in a language that is not wanted",
        "other_suggestion": "a reflection is about another suggestion than was made",
        "other_teacher": "its teacher is not the first and has no share",
        "over_budget": "the prompt did not fit the model",
        "over_word_limit": "more words or points than the student's contract asks for",
        "over_limit": "a text is far longer than any reader needs",
        "quote_not_found": "quoted code stands nowhere in what was shown",
        "not_learnt": "no student of the contract learns to have a second look",
        "refusal_in_text": "the text says that the model will not answer",
        "refused": "the model refused to answer",
        "rejected_by_person": "a person rejected it",
        "repair_failed": "it was asked for once more, and could not be used either",
        "repaired": "it was refused, and a valid one came when it was asked for once more",
        "target_too_long": "the target is over clean.max_target_characters",
        "too_many_empty": "more say nothing than clean.max_empty_share allows",
        "unreadable": "the answer does not follow its contract",
        "unshown_file": "prose names a file that the prompt does not show",
    },
    "respond": {
        "not_in_the_pack": "the reference's pack has no answer to this prompt",
    },
    "judge": {
        "no_candidate_answer": "the candidate has no answer to this task",
        "no_reference_answer": "the reference has no answer to this task",
    },
    "train": {
        "too_long": "longer than train.max_length_tokens, and nothing is cut",
        "same_answer": "a rejected answer in the words of a kept one, or of another rejected one",
        "no_student_prompt": "a rejected answer to what the student is not asked",
        "not_sayable": "a rejected answer that the student's contract has no words for",
    },
}


def meaning(job: str, reason: str) -> str:
    """What a reason means in a job (``train/CELL`` is train's); empty where nobody has said."""
    stage = job.partition("/")[0].replace("control", "clean")  # which makes the control as well
    if reason.startswith("own:"):
        return "a rule of the study's own"
    return _MEANINGS.get(stage, {}).get(reason, "")
