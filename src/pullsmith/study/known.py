"""What is known of a student's model before anybody opens it: size, class, licence, cut-off and more."""

from __future__ import annotations

from pullsmith.models.names import ModelKind, parse_model_name
from pullsmith.models.presets import Preset, preset_of, with_facts
from pullsmith.study.roles import StudentRole

# What is known of the embedded student before it is built; its sizes are settings of the study.
_EMBEDDED = {
    "vendor": "pullsmith",
    "family": "tiny",
    "architecture": "qwen2",
    "model_class": "code",
}


def known_of(role: StudentRole) -> Preset:
    """What is known of a student's model: the preset of its hub id, the study's word before it."""
    name = parse_model_name(role.model)
    shipped = preset_of(name.target) if name.kind is ModelKind.HUB else None
    if name.kind is ModelKind.TINY:
        shipped = with_facts(None, _EMBEDDED, source="pullsmith.train.tiny, which builds it")
    return with_facts(shipped, role.about.model_dump(exclude_none=True), source="the study")
