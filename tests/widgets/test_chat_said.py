from __future__ import annotations

from byom_magics.events import State, Usage
from byom_magics.messages import Image, Message, Text
from byom_magics.widgets.chat_said import answer_text, messages, reply_of, reworded, words
from tests.talk.turns import LOOK, model, result, tool_turn, turn, user

PICTURE = Image(b"\x89PNG\r\n\x1a\n", "image/png")


def test_a_question_is_a_text_or_messages() -> None:
    assert messages("Why?") == (user("Why?"),)
    assert messages([user("Why?")]) == (user("Why?"),)
    assert words("Why?") == words([user("Why?")]) == "Why?"
    assert words([result("blue"), user("one"), user("two")]) == "one\n\ntwo"


def test_other_words_leave_the_pictures() -> None:
    asked = [Message("user", (Text("What is this?"), PICTURE))]
    (message,) = messages(reworded(asked, "Which colour?"))
    assert (message.text, message.images) == ("Which colour?", (PICTURE,))
    assert reworded("Why?", "How?") == "How?"
    assert reworded((), "How?") == "How?"


def test_the_source_of_an_answer_is_what_the_model_said_with_what_hides_in_it_shown() -> None:
    assert answer_text(tool_turn("Which?", "It is **blue**.")) == "It is **blue**."
    assert answer_text(turn("Why?", "a\u202eb")) == r"a\u202eb"
    assert answer_text(turn("Why?")) == ""


def test_a_reply_is_made_of_what_a_conversation_keeps() -> None:
    kept = turn("Why?", "So", state=State.LENGTH, usage=Usage(1, 2), model="llama", images=(PICTURE,))
    made = reply_of(kept)
    assert (made.text, made.state, made.usage, made.model) == ("So", State.LENGTH, Usage(1, 2), "llama")
    assert made.images == (PICTURE,)
    assert reply_of(tool_turn("Which?", "Blue.")).text == "Blue."
    assert reply_of(tool_turn("Which?", "Blue.")).messages == (model("", LOOK), result("blue"), model("Blue."))
    assert reply_of(turn("Why?")).text == ""
