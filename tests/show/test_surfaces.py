from __future__ import annotations

import pytest

from byom_magics.show.segments import Piece
from byom_magics.show.surfaces import surface
from tests.show.safe import read, text_of


@pytest.mark.parametrize("name", ["markdown", "text", "code", "json"])
@pytest.mark.parametrize("settled", [True, False])
def test_every_format_shows_the_text_and_only_as_text(name: str, settled: bool) -> None:
    html = surface(name).render(Piece("<b>word</b>"), settled=settled)
    assert "b" not in read(html).tags
    assert text_of(html).strip() == "<b>word</b>"


def test_code_takes_its_colours_when_it_is_settled() -> None:
    piece = Piece("```python\ndef f(): pass\n```\n")
    assert "var(--k)" in surface("markdown").render(piece, settled=True)
    assert "var(--k)" not in surface("markdown").render(piece, settled=False)


@pytest.mark.parametrize("name", ["markdown", "text", "code", "json"])
def test_every_format_is_cut_in_time(name: str) -> None:
    place = surface(name).cut(Piece("x" * 2_000), 500)
    assert place is not None
    assert 0 < place[0] <= 1_000
