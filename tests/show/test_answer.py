from __future__ import annotations

import pytest

from byom_magics.events import Reply, State
from byom_magics.show.answer import FORMATS, answer_html, reply_bundle
from tests.show.safe import read, text_of


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
