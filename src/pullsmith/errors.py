"""Every error pullsmith raises on purpose. One root; one subclass per thing a caller can act on.

    PullsmithError                     exit code 1 unless said otherwise
    ├── StudyError(ValueError)         the study file or an override is wrong
    ├── SourceError(ValueError)        a source of pull requests cannot be used
    ├── RunFolderError(ValueError)     the run folder is another study's, another version's, or cannot be written
    ├── MissingExtraError(ImportError) an optional part of pullsmith is not installed
    ├── PatchError(ValueError)         a patch does not parse or does not apply
    ├── AnswerError(ValueError)        an answer does not follow its contract
    ├── TrainingError(ValueError)      training would go silently wrong: mask, stop token, template, loss
    ├── SecretError(ValueError)        a text holds a secret that cannot be masked, or cannot be scanned
    ├── DecisionError(ValueError)       a decision cannot be made: unknown, out of place, over the target
    │   ├── ChangedSinceError          what it is about is no longer what was shown
    │   └── BrokenEditError            an edit that is no answer, or not about what is shown
    ├── TallyError(AssertionError)     a stage lost or invented records: a bug in pullsmith
    ├── OutsideError(ConnectionError)  exit code 3: an outside system failed; run again to go on
    └── PeopleNeededError(RuntimeError) exit code 4: the study asks for people's decisions

A message names the record, the field, what was found and what to do. What happens to one record
(refused, cut, unreadable, over budget) is an outcome stored with it, not an exception.
"""


class PullsmithError(Exception):
    """Root of the tree; ``exit_code`` is what the command line returns."""

    exit_code = 1


class StudyError(PullsmithError, ValueError):
    """The study file, or an override on the command line, is wrong."""


class SourceError(PullsmithError, ValueError):
    """A source of pull requests does not exist, is no repository, or holds nothing usable.

    ``reason`` is a short code: a broken repository in a folder of clones is a drop counted by it.
    """

    def __init__(self, message: str, *, reason: str = "broken_repository") -> None:
        """Keep ``reason`` apart from what people read."""
        super().__init__(message)
        self.reason = reason


class RunFolderError(PullsmithError, ValueError):
    """The run folder belongs to other settings or another version, or cannot be written."""


class MissingExtraError(PullsmithError, ImportError):
    """An optional part is not installed; the message holds the pip command."""


class PatchError(PullsmithError, ValueError):
    """A patch does not parse, or does not apply to the text it is applied to."""


class AnswerError(PullsmithError, ValueError):
    """An answer does not follow its contract; ``reason`` is a short code, the message the detail.

    ``others`` are further faults of the same answer, each as ``reason: detail``.
    """

    def __init__(self, reason: str, detail: str, *, others: tuple[str, ...] = ()) -> None:
        """Keep ``reason`` apart, so that drops can be counted by it."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.others = others


class TrainingError(PullsmithError, ValueError):
    """Training, or asking what was trained, would go silently wrong; nothing was trained."""


class SecretError(PullsmithError, ValueError):
    """A text must not be passed on; ``reason`` is a short code, the message what to do."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep ``reason`` apart, so that drops can be counted by it."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class DecisionError(PullsmithError, ValueError):
    """A person's decision cannot be made as it is; nothing was written."""


class ChangedSinceError(DecisionError):
    """What is decided on has changed since it was shown: look at it again."""


class BrokenEditError(DecisionError):
    """An edit cannot be kept; ``faults`` say why, each as ``line 3: what is wrong``."""

    def __init__(self, message: str, *, faults: tuple[str, ...] = ()) -> None:
        """Keep ``faults`` apart, so that each can be shown at its line."""
        super().__init__(message)
        self.faults = faults


class TallyError(PullsmithError, AssertionError):
    """Records in are not records out plus records dropped."""


class OutsideError(PullsmithError, ConnectionError):
    """An endpoint, a forge or a disk failed. Nothing finished is lost; run again to go on."""

    exit_code = 3


class PeopleNeededError(PullsmithError, RuntimeError):
    """The study asks people to decide something first; the message holds the command."""

    exit_code = 4
