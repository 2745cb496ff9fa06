from __future__ import annotations

import html as html_module
import re

import pytest

from byom_magics.show.html_frame import frame_html, html_of, inert
from tests.show.safe import read, text_of


def page_of(html: str) -> str:
    """The page in the frame."""
    found = re.search(r'srcdoc="([^"]*)"', html)
    assert found is not None
    return html_module.unescape(found[1])


def test_the_frame_allows_nothing_and_cannot_be_clicked() -> None:
    html = frame_html("<h1>Hello</h1>")
    assert 'sandbox=""' in html
    assert " inert " in html
    assert "pointer-events:none" in html
    assert 'referrerpolicy="no-referrer"' in html
    read(html)


def test_the_policy_comes_before_anything_of_the_model() -> None:
    page = page_of(frame_html("<html><head><title>x</title>"))
    assert page.startswith('<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src \'none\';')


def test_no_text_leaves_the_frame() -> None:
    html = frame_html("\"'></iframe><script>x</script>")
    assert html.count("<iframe") == html.count("</iframe>") == 1
    assert "script" not in read(html).tags


@pytest.mark.parametrize(
    "tag",
    ["script", "link", "meta", "base", "iframe", "frame", "frameset", "object", "embed", "portal", "form", "template"],
)
@pytest.mark.parametrize(
    "form", ["<{} x=1>", "<{}>", "<{}/x>", "<{}\nx=1", "<{}\tx>", "</{}>", "<{}", "<{}<{}>", "<!--<{}>-->", "<x<{}>>"]
)
def test_tags_that_reach_out_are_text(tag: str, form: str) -> None:
    for name in (tag, tag.upper(), tag.title()):
        assert not re.search(rf"</?{tag}(?![\w-])", inert(form.replace("{}", name)), re.IGNORECASE)


def test_what_is_put_together_from_its_pieces_is_looked_at() -> None:
    for text in ("<me<meta>ta x>", "<scr<script>x</script>ipt>", "<li<link>nk x>", "<ba<base><base>se>"):
        assert not re.search(r"<(?:meta|script|link|base)\b", inert(text), re.IGNORECASE)


def test_addresses_lead_to_places_on_the_page_only() -> None:
    assert inert("<a href='http://x'>") == "<a data-href='http://x'>"
    assert inert("<a HREF = http://x>") == "<a data-href = http://x>"
    assert inert("<a xlink:href='&#35;x'>") == "<a data-href='&#35;x'>"
    assert inert("<a ping='x' formaction=y>") == "<a data-ping='x' data-formaction=y>"
    assert inert("<use href='#x'/><a href=#y>") == "<use href='#x'/><a href=#y>"


def test_a_page_keeps_its_looks() -> None:
    text = '<style>a{color:red}</style><div class="x">A <a class="y">b</a> &amp; <svg><path d="M0 0"/></svg></div>'
    assert inert(text) == text


def test_the_source_is_folded_below_and_whole() -> None:
    text = "<h1>Hello</h1>\n<script>x()</script>"
    fold = frame_html(text).partition("<details")[2]
    assert text in text_of("<details" + fold)


def test_the_page_is_what_stands_in_the_fence() -> None:
    assert html_of("Here:\n```html\n<p>a</p>\n```\nand\n```css\np{}\n```\n") == "<p>a</p>\n"
    assert html_of("Here:\n```\n<p>a</p>\n```\n") == "<p>a</p>\n"
    assert html_of("<p>a</p>") == "<p>a</p>"
    assert html_of("```html\n<p>open") == "<p>open"


def test_what_is_no_html_is_shown_as_text() -> None:
    html = frame_html("I cannot do that.")
    assert text_of(html).strip() == "I cannot do that."
    assert "iframe" not in read(html).tags


def test_a_page_that_is_too_large_is_shown_as_its_source() -> None:
    html = frame_html("<p>" + "x" * 600_000)
    assert "iframe" not in read(html).tags
    assert "too large" in text_of(html)


def test_what_hides_in_it_is_shown() -> None:
    assert "\\x00" in inert("<scr\x00ipt>")
    assert "\\ud800" in inert("\ud800")


@pytest.mark.parametrize(
    "text",
    ["<script" * 70_000, "<meta " * 80_000, "<" * 499_000, "href=" * 90_000, "<style>" * 70_000, "<p>" * 160_000],
)
def test_sec_10_any_text_gives_a_frame_of_bounded_size(text: str) -> None:
    assert len(frame_html(text)) < 8_000_000
