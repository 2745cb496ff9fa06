from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from byom_magics.show.token_table import logprobs_html, logprobs_plain


def entry(token: str, probability: float, **others: float) -> dict[str, Any]:
    top = [{"token": name, "logprob": math.log(each), "bytes": None} for name, each in others.items()]
    return {"token": token, "logprob": math.log(probability), "top_logprobs": top}


SKY = [entry("The", 0.98, The=0.98, A=0.01), entry(" sky", 0.3, **{" sea": 0.6, " sky": 0.3}), entry("\n", 0.0002)]


class Elements(HTMLParser):
    """The elements of HTML, with their attributes and their text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def tokens(self) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if "data-instead" in attributes and tag == "span"]


def test_every_token_can_have_the_focus_and_says_its_alternatives() -> None:
    tokens = Elements(logprobs_html(SKY)).tokens
    assert [token["tabindex"] for token in tokens] == ["0"] * 3
    assert [token["aria-label"] for token in tokens] == [
        "The 98%; instead: A 1.0%",
        "␣sky 30%; instead: ␣sea 60%",
        "⏎ <0.1%",
    ]


def test_the_box_lists_them_by_probability_with_bars() -> None:
    lines = (Elements(logprobs_html(SKY)).tokens[1]["data-instead"] or "").split("\n")
    assert [line.split() for line in lines] == [["60%", "███████", "␣sea"], ["✓", "30%", "████", "␣sky"]]


def test_the_less_likely_the_stronger_and_not_by_colour_alone() -> None:
    styles = [token.get("style") or "" for token in Elements(logprobs_html(SKY)).tokens]
    widths = [int(found[1]) if (found := re.search(r"border-bottom:(\d)px", style)) else 0 for style in styles]
    assert widths[0] == 0
    assert widths[0] < widths[1] < widths[2]


def test_a_table_has_the_same_without_pointing() -> None:
    html = logprobs_html(SKY)
    table = Elements(html[html.index("<table") :])
    assert "␣sky" in table.text
    assert "␣sea 60%" in table.text
    assert [tag for tag, _ in table.found].count("tr") == 4


def test_the_text_is_the_answer() -> None:
    html = logprobs_html(SKY)
    text = Elements(html[html.index('<div class="byom-tokens"') : html.index("<details")]).text
    assert text.strip() == "The sky⏎"


def test_as_text_it_has_a_line_for_each() -> None:
    assert logprobs_plain(SKY).split("\n") == ["   98%  The  (A 1.0%)", "   30%  ␣sky  (␣sea 60%)", " <0.1%  ⏎"]


HOSTILE: list[Any] = [
    {},
    {"token": None, "logprob": None, "top_logprobs": None},
    {"token": 5, "logprob": "x", "top_logprobs": "y"},
    {"token": ["a"], "logprob": float("nan"), "top_logprobs": [None, 1, {}, {"token": {}}]},
    {"token": '"><script>x</script>', "logprob": -1, "top_logprobs": [{"token": "'\"><img src=x>", "logprob": -2}]},
    {"token": "\x1b]0;\u202e\ud800", "logprob": float("-inf")},
    {"token": "x" * 100_000, "logprob": -(10**400), "top_logprobs": [{"token": "y" * 100_000, "logprob": 10**400}]},
    {"token": "", "logprob": True},
    {"token": "a", "logprob": -9999.0, "top_logprobs": {"token": "b"}},
    {"token": "a", "logprob": 3.0},
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_server_sends_is_text(hostile: Any) -> None:
    html = logprobs_html([hostile, *SKY])
    elements = Elements(html)
    assert len(elements.tokens) == 4
    assert {tag for tag, _ in elements.found} <= {
        *("style", "div", "span", "details", "summary", "table", "thead", "tbody", "tr", "td", "th"),
    }
    assert not any(name.startswith("on") for _, attributes in elements.found for name in attributes)
    assert len(html) < 30_000
    html.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", html + logprobs_plain([hostile]))


def test_what_is_not_known_is_no_number() -> None:
    assert logprobs_plain([{"token": "a", "logprob": None}]) == "     ?  a"
    assert logprobs_plain([{"token": "a", "logprob": float("nan")}]) == "     ?  a"


def test_many_tokens_are_bounded_and_the_rest_is_counted() -> None:
    many = [entry(f"t{number}", 0.5, **{f"a{each}": 0.01 for each in range(40)}) for number in range(5_000)]
    html = logprobs_html(many)
    assert len(html) < 2_000_000
    assert "the first 1,000 of 5,000 tokens" in html
    assert "4,000 more tokens" in logprobs_plain(many)


def test_without_tokens_there_is_nothing() -> None:
    assert logprobs_html([]) == ""
    assert logprobs_plain([]) == ""
