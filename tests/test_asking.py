from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from byom_magics.asking import Asked, Question, asked, turn
from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec
from byom_magics.errors import OptionError
from byom_magics.events import Reply
from byom_magics.log.cache import Cache
from byom_magics.messages import Image, Message, Text
from byom_magics.talk.history import Conversation
from tests.talk.scripts import Model, asks, played, says

SPEC = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1"), system="Be kind.")
PNG = Image(b"\x89PNG\r\n\x1a\n")


def never(model: str, messages: Sequence[Message]) -> str:
    raise AssertionError(model)


def ready(prompt: Any, spec: ModelSpec = SPEC, **options: Any) -> Asked:
    return asked(spec, Question(prompt, **options), never)


def look(at: str) -> str:
    """Look at something."""
    return f"{at} is blue"


def test_a_question_stands_alone_with_the_models_own_system_message() -> None:
    made = ready("Hi")
    assert [(each.role, each.text) for each in made.call.messages] == [("system", "Be kind."), ("user", "Hi")]
    assert made.said == (Message("user", "Hi"),)


def test_a_conversation_stands_between_the_system_message_and_the_question() -> None:
    past = Conversation("llama")
    past.record(None, [Message("user", "One?")], Reply(text="1", messages=(Message("assistant", "1"),), model="llama"))
    made = ready("Two?", conversation=past, system="Be brief.")
    assert [each.text for each in made.call.messages][:2] == ["Be brief.", "One?"]
    assert made.call.messages[-1].text == "Two?"
    assert made.said == (Message("user", "Two?"),)


def test_pictures_and_files_go_with_a_text_or_with_the_last_question() -> None:
    assert ready("Look", images=[PNG]).said == (Message("user", (PNG, Text("Look"))),)
    said = ready([Message("user", "a"), Message("assistant", "b"), Message("user", "c")], images=[PNG]).said
    assert said[-1].content == (Text("c"), PNG)
    with pytest.raises(OptionError, match="no question"):
        ready([Message("assistant", "b")], images=[PNG])


def test_what_a_model_cannot_do_is_refused() -> None:
    plain = ModelSpec(
        "p", "m", Endpoint("http://localhost:1/v1"), capabilities=Capabilities(False, False, False, False, False)
    )
    for options in ({"tools": [look]}, {"images": [PNG]}, {"effort": "low"}, {"makes_images": True}):
        with pytest.raises(OptionError, match="is declared without"):
            ready("Hi", plain, **options)


def test_a_shape_has_the_name_of_its_type() -> None:
    made = ready("Hi", schema={"type": "object", "title": "Country"})
    assert made.call.schema is not None
    assert made.call.schema.name == "Country"
    assert made.shape is not None


def test_a_turn_runs_functions_and_keeps_what_was_said() -> None:
    past = Conversation("llama")
    made = ready("What colour?", tools=[look], conversation=past, place="here")
    model = Model(asks(("look", '{"at": "sky"}')), says("Blue."))
    ends: list[Reply] = []
    running = turn(made, model.send, ends.append)
    played(running)
    assert [result.text for result in running.reply.tool_results] == ["sky is blue"]
    assert ends == [running.reply]
    assert [each.role for each in past.exchanges[0].answered] == ["assistant", "tool", "assistant"]
    played(turn(ready("Again?", conversation=past, place="here"), Model(says("Hm.")).send, ends.append))
    assert len(past) == 1


def test_each_call_of_a_turn_is_kept_and_found(tmp_path: Any) -> None:
    cache = Cache(tmp_path)
    made = ready("What colour?", tools=[look])
    model = Model(asks(("look", '{"at": "sky"}')), says("Blue."))
    replies = []
    for _ in range(2):
        running = turn(made, model.send, lambda _: None, cache=cache, key=lambda call: f"{len(call.messages):064}")
        played(running)
        replies.append(running.reply)
    assert [reply.text for reply in replies] == ["Blue.", "Blue."]
    assert [reply.cached for reply in replies] == [False, True]
    assert len(model.asked) == 2


@pytest.mark.parametrize("form", ["code", "json", "html", "math"])
def test_an_answer_of_one_kind_is_asked_for_in_words_behind_the_system_message(form: str) -> None:
    made = ready("Hi", form=form)
    assert [each.role for each in made.call.messages] == ["system", "system", "user"]
    assert made.call.messages[0].text == "Be kind."
    assert "only" in made.call.messages[1].text
    assert made.said == (Message("user", "Hi"),)


def test_forms_that_are_shown_only_and_shapes_add_no_words() -> None:
    for options in ({"form": "markdown"}, {"form": "text"}, {}, {"form": "json", "schema": {"type": "object"}}):
        assert [each.role for each in ready("Hi", **options).call.messages] == ["system", "user"]


def test_pictures_go_with_the_last_question_of_plain_messages_too() -> None:
    said = [
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": "Two?"},
    ]
    made = ready(said, images=PNG)
    assert [len(each.images) for each in made.said] == [0, 0, 1]
    assert made.said[-1].text.startswith("Two?")


@pytest.mark.parametrize(
    ("name", "given"), [("rounds", 0), ("rounds", "3"), ("rounds", True), ("retries", -1), ("retries", 1.5)]
)
def test_numbers_that_make_no_sense_are_refused_before_anything_is_sent(name: str, given: Any) -> None:
    with pytest.raises(OptionError, match=f"option {name} cannot be"):
        ready("Hi", **{name: given})


def test_leave_is_a_function() -> None:
    with pytest.raises(OptionError, match="option leave cannot be bool"):
        ready("Hi", tools=[look], leave=True)
