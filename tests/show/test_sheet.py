from __future__ import annotations

import subprocess
import sys

from byom_magics.show.highlight import COLOURS
from byom_magics.show.sheet import document, escape, note_html
from tests.show.safe import read, text_of

EVIL = "<img src=x onerror=alert(1)>\"'&\u202e"


def test_any_text_is_good_between_tags_and_in_attributes() -> None:
    assert escape(EVIL) == "&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;\\u202e"


def test_the_parts_stand_in_one_element_that_no_formula_is_looked_for_in() -> None:
    html = document("<p>a</p>", "<p>b</p>")
    assert html == '<div class="byom mathjax_ignore tex2jax_ignore"><p>a</p><p>b</p></div>'


def test_the_element_brings_the_colours_that_its_parts_use() -> None:
    key, value = next(iter(COLOURS.items()))
    assert f"--{key}:{value};" in document(f'<span style="color:var(--{key})">x</span>')
    assert f"--{key}" not in document("<span>x</span>")


def test_a_quiet_line_is_text() -> None:
    assert "img" not in read(note_html("<img>")).tags
    assert text_of(note_html("<img>")) == "<img>"


def test_it_is_loaded_without_the_renderer_and_the_events() -> None:
    names = "('byom_magics.events', 'byom_magics.show.markup', 'markdown_it')"
    code = f"import sys, byom_magics.show.sheet; print([name for name in {names} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
