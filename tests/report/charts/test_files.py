"""Charts as files: pictures have words, and where no font is there is a line instead of a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from resvg_py import svg_to_bytes

from pullsmith.errors import StudyError
from pullsmith.report.charts.files import font, png_file, svg_file, write_picture, written_with
from pullsmith.report.charts.forest import forest
from pullsmith.report.charts.svg import Chart
from tests.report.many import board, row


def chart(name: str = "a") -> Chart:
    found = forest(board((row(name, "after", 0.5, 1),)))
    assert found is not None
    return found


@pytest.mark.skipif(not font(), reason="this machine has no font")
def test_a_picture_has_the_words_of_the_chart() -> None:
    one, other = (png_file(svg_file(chart(name))) for name in ("one", "two"))
    assert one is not None
    assert one.startswith(b"\x89PNG")
    assert one != other


def test_without_a_font_there_is_no_picture_and_the_remedy_is_said(tmp_path: Path) -> None:
    assert png_file(svg_file(chart()), "") is None
    with pytest.raises(StudyError, match=r"no font on this machine.*fonts-dejavu-core"):
        write_picture(chart(), tmp_path / "a.png", "")
    write_picture(chart(), tmp_path / "a.svg", "")
    assert (tmp_path / "a.svg").read_text() == svg_file(chart())


def test_the_font_is_one_that_a_letter_shows_in() -> None:
    assert written_with(lambda svg, family: b"blank") == ""
    only = "Liberation Sans"
    assert written_with(lambda svg, family: svg.encode() if family == only else b"") == only


def test_a_renderer_without_fonts_draws_no_letter() -> None:
    def draw(svg: str, family: str) -> bytes:
        return bytes(svg_to_bytes(svg_string=svg, font_family=family, skip_system_fonts=True))

    assert written_with(draw) == ""


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"its ending is '\.jpg'; write \.svg or \.png"):
        write_picture(chart(), tmp_path / "a.jpg")
    assert list(tmp_path.iterdir()) == []
