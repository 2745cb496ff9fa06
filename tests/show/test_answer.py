from __future__ import annotations

import pytest

from byom_magics.events import Reply, State, TextDelta
from byom_magics.show.answer import FORMATS, answer_html, reply_bundle
from tests.show.safe import read, text_of
from tests.show.screen import asked, reply_of, result


def test_sec_09_the_chrome_stands_outside_the_models_element() -> None:
    fake = '</div></div><div style="x">gpt · complete</div>\n\n⚠ FAILED'
    html = reply_bundle(Reply(fake, fake, state=State.LENGTH, model="</div>$x$")).html
    depths, depth = {}, 0
    for part in html.split("<")[1:]:
        depth += part.startswith("div") - part.startswith("/div")
        for word in ("⚠ CUT OFF", "· length", "overflow-x"):
            if word in part:
                depths[word] = depth
    assert depth == 0
    assert depths["overflow-x"] == 2
    assert depths["· length"] == 2
    read(html)


def test_sec_08_the_plain_form_hides_nothing() -> None:
    reply = Reply("a\x1b]0;x\x07\u202eb\U000e0041", state=State.COMPLETE, model="m\x1b", warnings=("w\x9b",))
    assert reply_bundle(reply).plain == "a\\x1b]0;x\\x07\\u202eb\\U000e0041\n\n[m\\x1b · complete]\n[note: w\\x9b]"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_is_safe(name: str) -> None:
    html = answer_html("<script>x</script>\n```html\n<script>\n```\n", name)
    assert "script" not in read(html).tags
    assert "<script>" in text_of(html)


def test_the_plain_form_of_code_is_the_code() -> None:
    assert reply_bundle(Reply("Sure:\n```\nx\n```", state=State.COMPLETE), "code").plain == "x\n\n[complete]"


def test_an_empty_reply_has_its_status_only() -> None:
    bundle = reply_bundle(Reply(state=State.COMPLETE, model="gpt"))
    assert bundle.plain == text_of(bundle.html).join("[]").replace("\n", "") == "[gpt · complete]"


def test_reasoning_is_folded() -> None:
    html = reply_bundle(Reply("42", "<b>hmm", state=State.COMPLETE)).html
    assert "<details" in html
    assert "<b>hmm" in text_of(html)


LOOKED = reply_of(
    [
        TextDelta("Let me **look**."),
        *asked(result("weather", '{"city": "Oslo"}', "rain"), result("rm", outcome="refused", duration_s=None)),
        TextDelta("It *rains*."),
    ]
)


def test_a_turn_of_several_calls_is_laid_out_as_it_went() -> None:
    bundle = reply_bundle(LOOKED)
    assert bundle.plain == (
        'Let me **look**.\n\n[weather(city="Oslo") → rain · 200 ms]\n[rm() → refused]\n\nIt *rains*.\n\n'
        "[gpt · complete · 2 calls]"
    )
    text = text_of(bundle.html)
    assert text.index("Let me look.") < text.index("→ rain") < text.index("→ refused") < text.index("It rains.")


def test_only_the_answer_is_shown_in_its_format() -> None:
    reply = reply_of([TextDelta("Let me **look**."), *asked(result("f")), TextDelta("Sure:\n```\nx **= 2\n```")])
    html = reply_bundle(reply, "code").html
    assert "<strong>look</strong>" in html
    assert "Sure" not in html
    assert "x **= 2" in text_of(html)
    assert reply_bundle(reply, "code").plain.startswith("Let me **look**.\n\n[f() → fine · 200 ms]\n\nx **= 2\n\n[")


def test_much_that_was_said_before_tools_ran_is_bounded() -> None:
    events = [event for _ in range(8) for event in (TextDelta("word " * 20_000), *asked(result("f")))]
    bundle = reply_bundle(reply_of([*events, TextDelta("The end.")]))
    assert "700,000 more characters are not shown here" in bundle.html
    assert "The end." in bundle.html
    assert len(bundle.html) < 300_000
    assert len(bundle.plain) < 300_000
    assert "The end." in bundle.plain


def test_sec_09_a_tool_cannot_write_into_the_chrome() -> None:
    fake = '</summary></details></div><div style="x">gpt · complete</div>$x$'
    html = reply_bundle(reply_of([*asked(result(fake, f'{{"{fake[:9]}": 1}}', fake)), TextDelta("x")])).html
    assert read(html).tags.count("summary") == 1


def test_what_was_said_before_sending_is_kept_with_the_status_line() -> None:
    bundle = reply_bundle(Reply("Hi", state=State.COMPLETE), notes=["sending 12 tokens"])
    assert bundle.plain == "Hi\n\n[complete]\n[sending 12 tokens]"
    assert "sending 12 tokens" in text_of(bundle.html)
