"""The study file as frozen pydantic models, one file per stage."""

from pullsmith.study.load import load_study, parse_study
from pullsmith.study.study import Study

__all__ = ["Study", "load_study", "parse_study"]
