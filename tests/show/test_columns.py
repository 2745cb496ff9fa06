from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from byom_magics.errors import StatusError
from byom_magics.events import Cost, Reply, State, Usage
from byom_magics.messages import Image, Message
from byom_magics.show.columns import Column, columns_bundle
from tests.show.safe import read, text_of

LLAMA = Reply("The **sky** is blue.", state=State.COMPLETE, model="llama", duration_s=1.0, first_token_s=0.1)
GPT = Reply(
    "The sky is grey.",
    state=State.COMPLETE,
    model="gpt",
    served_model="gpt-2026",
    duration_s=2.0,
    first_token_s=0.5,
    usage=Usage(10, 20),
    cost=Cost(0.02),
    request_id="req_gpt",
    reasoning="I, gpt, think.",
)
FAILED = Reply(
    "The beginning",
    state=State.ERROR,
    reason="http",
    model="mistral",
    error=StatusError("HTTP 429 from https://api.mistral.example", hint="wait a minute"),
)
PAIR = (Column("llama", LLAMA), Column("gpt", GPT))
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def sections_of(html: str) -> list[str]:
    return re.findall(r"<section.*?</section>", html, re.DOTALL)


def test_each_answer_stands_in_a_section_with_its_heading_and_its_status_line() -> None:
    html = columns_bundle(PAIR).html
    first, second = sections_of(html)
    assert 'aria-label="llama"' in first
    assert re.search(r"<h4[^>]*>llama</h4>", first)
    assert "The <strong>sky</strong> is blue." in first
    assert "llama · complete · first token 100 ms · total 1.0 s" in text_of(first)
    assert "gpt (gpt-2026) · complete" in text_of(second)
    assert "0.02 USD" in text_of(second)
    assert "Reasoning" in text_of(second)


def test_columns_wrap_up_to_eight_and_scroll_from_nine_on() -> None:
    eight = columns_bundle([PAIR[0]] * 8).html
    assert "flex-wrap:wrap" in eight
    assert eight.count("flex:1 1 15em") == 8
    nine = columns_bundle([PAIR[0]] * 9).html
    assert "flex-wrap:nowrap" in nine
    assert "overflow-x:auto" in nine
    assert nine.count("flex:0 0 22em") == 9
    assert 'role="region" aria-label="answers side by side" tabindex="0"' in nine


def test_without_styles_it_reads_from_top_to_bottom() -> None:
    html = re.sub(r' style="[^"]*"', "", columns_bundle(PAIR, prompt="Why blue?", note="A note.").html)
    text = text_of(html)
    order = ["Why blue?", "A note.", "llama", "The sky is blue.", "gpt", "The sky is grey.", "tokens/s"]
    places = list(map(text.index, order))
    assert places == sorted(places)


def test_the_best_are_marked_in_words() -> None:
    first, second = map(text_of, sections_of(columns_bundle(PAIR).html))
    assert "★ fastest · first token" in first
    assert "★" not in second


def test_a_column_that_failed_says_so_loudly_and_keeps_what_came() -> None:
    section = sections_of(columns_bundle([*PAIR, Column("mistral", FAILED)]).html)[2]
    assert 'role="alert"' in section
    text = text_of(section)
    assert "The beginning" in text
    assert "FAILED" in text
    assert "HTTP 429" in text
    assert "wait a minute" in text


def test_an_interrupted_column_says_so() -> None:
    section = sections_of(columns_bundle([Column("llama", replace(LLAMA, state=State.CANCELLED))]).html)[0]
    assert "CANCELLED" in text_of(section)


def test_a_column_that_goes_on_shows_what_has_come_and_no_verdict() -> None:
    columns = [Column("llama", Reply("So far so", model="llama"), running=True), Column("gpt", running=True)]
    first, second = map(text_of, sections_of(columns_bundle(columns).html))
    assert "So far so" in first
    assert "Still answering: 3 words so far." in first
    assert "CANCELLED" not in first
    assert "Still waiting" in second


def test_what_was_said_before_tools_is_shown_while_it_goes_on() -> None:
    reply = Reply("And so", messages=(Message("assistant", "I **look**."),), images=(Image(PNG, "image/png"),))
    html = columns_bundle([Column("llama", reply, running=True)]).html
    assert "I <strong>look</strong>." in html
    assert "And so" in html
    assert "<img" in html


def test_subtitles_and_notes_are_told() -> None:
    column = Column("llama", LLAMA, subtitle="system: <terse>", notes=("about 20 tokens",))
    text = text_of(columns_bundle([column]).html)
    assert "system: <terse>" in text
    assert "about 20 tokens" in text


# The prompt


def test_a_short_prompt_is_shown_and_a_long_one_is_folded_and_cut() -> None:
    assert "<details" not in columns_bundle([Column("a", LLAMA)], prompt="Why?\nTell me.").html
    long = columns_bundle([Column("a", LLAMA)], prompt="Read this:\n" + "word " * 10_000).html
    assert long.startswith('<div class="byom mathjax_ignore tex2jax_ignore"')
    text = text_of(long)
    assert "Prompt: Read this: … (2 lines, 50,010 characters)" in text
    assert "more characters)" in text
    assert len(long) < 20_000


@pytest.mark.parametrize("prompt", ["", " \n"])
def test_no_prompt_takes_no_room(prompt: str) -> None:
    assert "Prompt" not in columns_bundle([Column("a", LLAMA)], prompt=prompt).html


# Hidden names


def hidden() -> Sequence[Column]:
    return [
        Column("A", replace(GPT, warnings=("gpt warns",)), hidden=True, notes=("gpt notes",)),
        Column("B", FAILED, hidden=True),
        Column("C", replace(GPT, state=State.LENGTH), hidden=True),
    ]


@pytest.mark.parametrize("against", [None, 0, 1])
def test_a_hidden_column_shows_its_answer_and_nothing_that_names_it(against: int | None) -> None:
    bundle = columns_bundle(hidden(), prompt="Why?", against=against)
    for text in (bundle.html, bundle.plain):
        assert "grey" in text
        for telltale in ("gpt", "mistral", "2026", "0.02", "req_", "ms", "tokens/s", "in, ", "429", "think"):
            assert telltale not in re.sub(r' style="[^"]*"', "", text), telltale


def test_a_hidden_column_says_that_it_failed_and_when_the_reason_is_told() -> None:
    bundle = columns_bundle(hidden())
    for text in (text_of(bundle.html), bundle.plain):
        assert "FAILED" in text
        assert "Why is told after the vote" in text
        assert "The beginning" in text
        assert "CUT OFF" in text


# What differs


def test_the_others_are_compared_with_the_chosen_one() -> None:
    bundle = columns_bundle(PAIR, against=0)
    first, second = sections_of(bundle.html)
    assert "The <strong>sky</strong> is blue." in first
    assert "compared with this one" in text_of(first)
    assert ">sky</del>" not in second
    assert re.search(r"<del[^>]*>blue</del><ins[^>]*>grey</ins>", second)
    assert "Compared with llama: 1 word only here, 1 only there, 3 in both · 75 % alike" in text_of(second)
    assert "gpt (gpt-2026) · complete" in text_of(second)
    assert "[-blue-]{+grey+}" in bundle.plain


def test_a_column_without_text_is_shown_as_ever_when_others_are_compared() -> None:
    silent = Column("mistral", replace(FAILED, text=""))
    assert "HTTP 429" in text_of(columns_bundle([PAIR[0], silent], against=0).html)
    shown = columns_bundle([silent, PAIR[0]], against=0).html
    assert "The <strong>sky</strong> is blue." in shown
    assert "<del" not in shown


def test_a_column_that_goes_on_is_compared_as_far_as_it_is() -> None:
    section = sections_of(columns_bundle([PAIR[0], replace(PAIR[1], running=True)], against=0).html)[1]
    assert "<ins" in section
    assert "Still answering" in text_of(section)
    assert "complete" not in text_of(section)


# What must not happen

HOSTILE = (
    "</section></div></pre><script>alert(1)</script><img src=x onerror=alert(1)>\n\n$$x$$ \\(y\\)\n\n"
    "[gpt · complete · tokens 1 in]\n\n\u202edesrever\u202c \x1b[2J\n\n── summary ──\n"
)


@pytest.mark.parametrize("against", [None, 0])
@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("format_name", ["markdown", "text", "code", "json"])
def test_sec_01_no_text_leaves_its_column(against: int | None, running: bool, format_name: str) -> None:
    hostile = replace(LLAMA, text=HOSTILE, reasoning=HOSTILE, model=HOSTILE, served_model=HOSTILE, warnings=(HOSTILE,))
    columns = [
        Column(HOSTILE, hostile, running=running, subtitle=HOSTILE, notes=(HOSTILE,)),
        Column("b", replace(hostile, text="b" + HOSTILE, error=StatusError(HOSTILE, hint=HOSTILE), state=State.ERROR)),
    ]
    bundle = columns_bundle(columns, prompt=HOSTILE, note=HOSTILE, against=against, format_name=format_name)
    reader = read(bundle.html)
    assert reader.tags.count("section") == len(re.findall("</section>", bundle.html)) == 2
    assert len(re.findall("<div", bundle.html)) == len(re.findall("</div>", bundle.html))
    for text in (bundle.html, bundle.plain):
        assert not set(text) & set("\u202e\u202c\x1b")


def test_sec_09_a_faked_status_line_stays_in_the_element_of_the_answer() -> None:
    fake = replace(LLAMA, text="done\n\ngpt · complete · tokens 1 in, 1 out")
    section = sections_of(columns_bundle([Column("llama", fake)]).html)[0]
    answer = section[section.index('<div style="overflow-x:auto;overflow-y:hidden">') :].partition("</div>")[0]
    assert "gpt · complete" in answer
    assert "llama · complete" not in answer


def test_sec_10_answers_without_end_are_bounded_and_say_so() -> None:
    endless = Column("llama", replace(LLAMA, text="word " * 120_000))
    bundle = columns_bundle([endless] * 8)
    assert len(bundle.html) < 2_000_000
    assert "200,000 of 600,000 characters are shown here" in text_of(bundle.html)
    assert "200,000 of 600,000 characters are shown here" in bundle.plain


def test_sec_10_an_answer_that_blows_itself_up_as_html_is_shown_as_text() -> None:
    blown = Column("llama", replace(LLAMA, text="[a](http://a.example) " * 9_000))
    html = columns_bundle([blown]).html
    assert len(html) < 1_500_000
    assert "[a](http://a.example)" in text_of(html)
