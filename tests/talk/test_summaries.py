from __future__ import annotations

from byom_magics.messages import Image, Message, ToolCall
from byom_magics.talk.estimate import tokens_in
from byom_magics.talk.exchange import Exchange
from byom_magics.talk.summaries import Summaries, Summary, request
from tests.talk.turns import model, tool_turn, turn, user

ONE, TWO, THREE = turn("1", "one"), turn("2", "two"), turn("3", "three")


def test_the_longest_summary_that_still_holds_is_found() -> None:
    kept = Summaries()
    kept.keep(Summary("small", (ONE,), "short"))
    kept.keep(Summary("small", (ONE, TWO), "long"))
    assert kept.find("small", (ONE, TWO, THREE)).text == "long"
    assert kept.find("small", (ONE, THREE)).text == "short"
    assert kept.find("small", (TWO, THREE)) == Summary("small", (), "")
    assert kept.find("other", (ONE, TWO)) == Summary("other", (), "")


def test_a_turn_that_was_answered_again_in_the_same_words_is_the_same() -> None:
    kept = Summaries()
    kept.keep(Summary("small", (ONE,), "short"))
    assert kept.find("small", (turn("1", "one"),)).text == "short"
    assert kept.find("small", (turn("1", "uno"),)).text == ""


def test_only_the_last_few_are_kept() -> None:
    kept = Summaries()
    for number in range(100):
        kept.keep(Summary("small", (turn(str(number)),), "notes"))
    assert len(kept._kept) < 10


def test_a_copy_goes_its_own_way() -> None:
    kept = Summaries()
    kept.keep(Summary("small", (ONE,), "short"))
    copied = kept.copy()
    copied.keep(Summary("small", (ONE, TWO), "long"))
    assert copied.find("small", (ONE, TWO)).text == "long"
    assert kept.find("small", (ONE, TWO)).text == "short"


def test_a_summary_is_told_as_what_it_is_and_within_its_room() -> None:
    short = Summary("small", (ONE, TWO), "Both were numbers.").messages(100)
    assert [each.role for each in short] == ["user", "assistant"]
    assert short[0].text.startswith("[Notes on 2 earlier turns")
    assert short[0].text.endswith("\nBoth were numbers.")
    assert tokens_in(Summary("small", (ONE,), "x" * 100_000).messages(100)) <= 100


def test_the_model_that_summarises_is_asked_with_all_that_was_said() -> None:
    system, asked = request("", [tool_turn("What is above?", "Blue.", told="the sky")])
    assert system.role == "system"
    for words in ("user: What is above?", '[asks for look({"at": "sky"})]', "tool: the sky", "assistant: Blue."):
        assert words in asked.text
    picture = Exchange((Message("user", (Image(b"x"),)),), (model("A dot."),))
    assert "[an image]" in request("", [picture])[1].text


def test_the_notes_so_far_come_first_and_long_messages_are_cut() -> None:
    call = ToolCall("1", "look", "y" * 50_000)
    kept = Exchange((user("z" * 50_000),), (model("", call),))
    text = request("Earlier: blue.", [kept])[1].text
    assert text.startswith("The notes so far:\n\nEarlier: blue.\n\nWhat was said after them:\n\nuser: zzz")
    assert "(42,000 more characters)" in text
    assert "(49,000 more characters)" in text
