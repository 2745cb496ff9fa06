"""The part of the contract that is about requests."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote

from byom_magics.catalog.spec import Endpoint, ModelSpec
from byom_magics.errors import OptionError
from byom_magics.events import ToolCall
from byom_magics.messages import Call, Image, Message, Sampling, Schema, Text, Tool
from byom_magics.testing.checks import fail, require, same
from byom_magics.testing.playing import play

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byom_magics.testing.case import Case, Feature
    from byom_magics.wire.dialects.dialect import Dialect

__all__ = ["BuildingContract"]


def _tool(name: str = "tool_mark") -> Tool:
    parameters = {"type": "object", "properties": {"argument_mark": {"type": "string"}}, "required": ["argument_mark"]}
    return Tool(name, "description-mark", parameters)


def _schema() -> Schema:
    properties = {"field_mark": {"type": "integer"}}
    return Schema("schema_mark", {"type": "object", "properties": properties, "required": ["field_mark"]})


_IMAGE = Image(b"\x89PNG\r\n\x1a\nimage-mark")
_HELLO = Call((Message("user", "hello-mark"),))
_TOOL_TALK = (
    Message("user", "question-mark"),
    Message("assistant", "", tool_calls=(ToolCall("call_1", "tool_mark", '{"argument_mark": "argument-value"}'),)),
    Message("tool", "result-mark", tool_call_id="call_1", tool_name="tool_mark"),
)
_PARALLEL_TALK = (
    Message("user", "question-mark"),
    Message(
        "assistant",
        "",
        tool_calls=(
            ToolCall("call_1", "tool_mark", '{"argument_mark": "first-value"}'),
            ToolCall("call_2", "tool_mark", '{"argument_mark": "second-va'),
            ToolCall("call_3", "tool_mark", ""),
        ),
    ),
    Message("tool", "first-result", tool_call_id="call_1", tool_name="tool_mark"),
    Message("tool", "second-result", tool_call_id="call_2", tool_name="tool_mark"),
    Message("tool", "", tool_call_id="call_3", tool_name="tool_mark"),
)
_SAMPLING: dict[str, tuple[Sampling, Any]] = {
    "temperature": (Sampling(temperature=0.375), 0.375),
    "top_p": (Sampling(top_p=0.625), 0.625),
    "max_tokens": (Sampling(max_tokens=1237), 1237),
    "seed": (Sampling(seed=424243), 424243),
    "stop": (Sampling(stop=("stop-mark",)), "stop-mark"),
}


class BuildingContract:
    """
    What a builder of requests has to do.

    Attributes:
        dialect: The dialect.
        cases: Answers of its service; signatures in them have to go back.
        lacks: What the service cannot do: asked for it, the builder raises `OptionError`.
    """

    dialect: ClassVar[Dialect]
    cases: ClassVar[Sequence[Case]] = ()
    lacks: ClassVar[frozenset[Feature]] = frozenset()

    def spec(self) -> ModelSpec:
        """The model that the requests are for; a subclass may say more about it."""
        return ModelSpec("contract", "model-mark", Endpoint("http://contract.test/v1"), dialect=self.dialect.name)

    def test_a_request_is_the_same_each_time_and_changes_nothing(self) -> None:
        for what, call in self._calls().items():
            spec = self.spec()
            before = copy.deepcopy((spec, call))
            first = self.dialect.request(spec, call)
            kept = copy.deepcopy(first)
            same((spec, call), before, f"{what}: the builder changes what it is given")
            _deface(first.body)
            same((spec, call), before, f"{what}: the body shares what it is given, and who changes it changes that")
            same(self.dialect.request(spec, call), kept, f"{what}: the same call, built again")

    def test_a_request_can_be_written_as_json(self) -> None:
        for what, call in self._calls().items():
            body = self.dialect.request(self.spec(), call).body
            require(isinstance(body, dict), f"{what}: the body is {type(body).__name__}, no dict")
            try:
                written = json.dumps(body, allow_nan=False)
            except (TypeError, ValueError) as error:
                fail(f"{what}: the body cannot be written as JSON: {error}")
            same(json.loads(written), body, f"{what}: the body, written and read again")

    def test_a_request_goes_below_the_base_url_whatever_the_model_is_called(self) -> None:
        for name in ("model", "models/a", "a/b:latest", "a b", "a?b=c&d#e", "../../x", "ä\n", "x" * 300):
            path = self.dialect.request(replace(self.spec(), model=name), _HELLO).path
            plain, _, query = path.partition("?")
            require(path.startswith("/"), f"model {name!r}: the path {path!r} does not begin with /")
            allowed = all(letter.isascii() and letter.isprintable() and letter not in ' #"<>\\^`{|}' for letter in path)
            require(allowed, f"model {name!r}: the path {path!r} holds letters that have no place in one")
            require(
                "/../" not in plain and not plain.endswith("/.."), f"model {name!r}: the path {path!r} leads upward"
            )
            require("?" not in query, f"model {name!r}: the path {path!r} has two queries")
            body = self.dialect.request(replace(self.spec(), model=name), _HELLO).body
            told = name in _leaves(body) or name.removeprefix("models/") in unquote(plain)
            require(told, f"model {name!r}: neither the path nor the body says which model")

    def test_what_is_said_is_in_the_request(self) -> None:
        roles = ("system", "user", "assistant", "user")
        call = Call(tuple(Message(role, f"{role}-mark-{at}") for at, role in enumerate(roles)))  # type: ignore[arg-type]
        leaves = "\n".join(str(leaf) for leaf in _leaves(self.dialect.request(self.spec(), call).body))
        for at, role in enumerate(roles):
            same(leaves.count(f"{role}-mark-{at}"), 1, f"the message of {role} in the body")

    def test_texts_in_parts_keep_their_order(self) -> None:
        call = Call((Message("user", (Text("part-one"), Text("part-two"))),))
        written = json.dumps(self.dialect.request(self.spec(), call).body)
        require(-1 < written.find("part-one") < written.find("part-two"), f"the parts of a message: {written[:500]}")

    def test_options_are_in_the_request(self) -> None:
        for name, (sampling, mark) in _SAMPLING.items():
            call = replace(_HELLO, sampling=sampling)
            body = self._built_or_refused(name, call)  # type: ignore[arg-type]
            require(body is None or mark in _leaves(body), f"{name} is not in the body: {body!r}")

    def test_the_models_own_options_stand_below_those_of_the_call(self) -> None:
        spec = replace(self.spec(), temperature=0.125, top_p=0.875, max_tokens=2345)
        body = self.dialect.request(spec, _HELLO).body
        for name, value in (("temperature", 0.125), ("top_p", 0.875), ("max_tokens", 2345)):
            require(name in self.lacks or value in _leaves(body), f"the model's {name} is not in the body: {body!r}")
        over = self.dialect.request(spec, replace(_HELLO, sampling=Sampling(temperature=0.0, max_tokens=7))).body
        require(2345 not in _leaves(over) and 0.125 not in _leaves(over), "the model's option wins over the call's")

    def test_images_are_in_the_request(self) -> None:
        call = Call((Message("user", (Text("look"), _IMAGE)),))
        body = self._built_or_refused("images", call)
        if body is not None:
            texts = [leaf for leaf in _leaves(body) if isinstance(leaf, str)]
            require(any(_IMAGE.base64 in text for text in texts), f"the image is not in the body: {body!r}")

    def test_tools_are_in_the_request(self) -> None:
        body = self._built_or_refused("tools", replace(_HELLO, tools=(_tool(),)))
        if body is not None:
            for mark in ("tool_mark", "description-mark", "argument_mark"):
                require(mark in _leaves(body), f"{mark} of the tool is not in the body: {body!r}")

    def test_a_choice_of_tools_is_in_the_request(self) -> None:
        if "tools" in self.lacks:
            return
        bodies: list[dict[str, Any]] = []
        for choice in ("auto", "required", "none", "second_tool"):
            try:
                call = replace(_HELLO, tools=(_tool(), _tool("second_tool")), tool_choice=choice)
                bodies.append(self.dialect.request(self.spec(), call).body)
            except OptionError:
                require(choice != "auto", "the choice 'auto' is what every service does")
        doubled = [body for at, body in enumerate(bodies) if body in bodies[:at]]
        require(not doubled, f"two choices of tools give the same body: {doubled!r}")

    def test_results_of_tools_are_in_the_request(self) -> None:
        body = self._built_or_refused("tools", Call(_TOOL_TALK, tools=(_tool(),)))
        if body is not None:
            written = json.dumps(body)
            for mark in ("argument-value", "result-mark"):
                require(mark in written, f"{mark} is not in the body: {written[:800]}")

    def test_calls_that_were_made_together_and_their_results_keep_their_order(self) -> None:
        body = self._built_or_refused("tools", Call(_PARALLEL_TALK, tools=(_tool(),)))
        if body is not None:
            written = json.dumps(body)
            places = [written.find(mark) for mark in ("first-value", "second-va", "first-result", "second-result")]
            require(-1 not in places and places == sorted(places), f"calls and their results: {written[:1500]}")

    def test_an_image_that_a_tool_returned_is_in_the_request(self) -> None:
        if "images" in self.lacks:
            return
        result = Message("tool", (Text("result-mark"), _IMAGE), tool_call_id="call_1", tool_name="tool_mark")
        body = self._built_or_refused("tools", Call((*_TOOL_TALK[:2], result), tools=(_tool(),)))
        if body is not None:
            written = json.dumps(body)
            require("result-mark" in written, f"the text beside the image is not in the body: {written[:800]}")
            require(_IMAGE.base64 in written, f"the image is not in the body: {written[:800]}")

    def test_an_answer_that_never_began_does_no_harm(self) -> None:
        messages = (Message("user", "question-one"), Message("assistant", ""), Message("user", "question-two"))
        written = json.dumps(self.dialect.request(self.spec(), Call(messages)).body)
        require(-1 < written.find("question-one") < written.find("question-two"), f"the questions: {written[:800]}")

    def test_a_shape_of_the_answer_is_in_the_request(self) -> None:
        body = self._built_or_refused("schema", replace(_HELLO, schema=_schema()))
        require(body is None or "field_mark" in json.dumps(body), f"the schema is not in the body: {body!r}")

    def test_an_effort_is_in_the_request(self) -> None:
        bodies = [self._built_or_refused("effort", replace(_HELLO, effort=effort)) for effort in ("low", "high")]
        require(bodies[0] != bodies[1] or bodies[0] is None, "low and high effort give the same body")

    def test_an_effort_may_be_none_or_a_number(self) -> None:
        if "effort" in self.lacks:
            return
        none, high = (self.dialect.request(self.spec(), replace(_HELLO, effort=word)).body for word in ("none", "high"))
        require(none != high, "no effort and a high one give the same body")
        try:
            few, many = (self.dialect.request(self.spec(), replace(_HELLO, effort=each)) for each in (2000, 20_000))
        except OptionError as error:
            require(error.hint, f"a number of tokens is refused without a word on what to do: {error}")
            return
        require(few.body != many.body, "an effort of 2,000 tokens and one of 20,000 give the same body")

    def test_logprobs_are_in_the_request(self) -> None:
        plain = self.dialect.request(self.spec(), _HELLO)
        built = [self._built_or_refused("logprobs", replace(_HELLO, logprobs=number)) for number in (0, 3)]
        if None not in built:
            require(plain.body not in built, f"log-probabilities are not asked for: {built[0]!r}")
            require(built[0] != built[1], "no alternatives and three of them give the same body")
            require(3 in _leaves(built[1]), f"the number of alternatives is not in the body: {built[1]!r}")

    def test_a_wish_for_images_is_in_the_request(self) -> None:
        plain = self.dialect.request(self.spec(), _HELLO)
        body = self._built_or_refused("image_output", replace(_HELLO, makes_images=True))
        if body is not None:
            require(body != plain.body, f"images are not asked for: {body!r}")
            require("hello-mark" in json.dumps(body), f"what is said is not in the body: {body!r}")

    def test_an_effort_that_does_not_exist_is_refused(self) -> None:
        try:
            body = self.dialect.request(self.spec(), replace(_HELLO, effort="no such effort")).body
        except OptionError:
            return
        require("no such effort" in _leaves(body), "an unknown effort is dropped without a word")

    def test_signatures_go_back_unchanged(self) -> None:
        for case in self.cases:
            outcome = play(self.dialect, case)
            if not outcome.signatures:
                continue
            said = Message(
                "assistant",
                (*([Text(outcome.text)] if outcome.text else []), *outcome.images),
                tool_calls=outcome.tool_calls,
                signatures=tuple(outcome.signatures),
            )
            results = tuple(
                Message("tool", "done", tool_call_id=call.id, tool_name=call.name) for call in outcome.tool_calls
            )
            # Some services want a thought back only while its tools are at work.
            then = results or (Message("user", "go on"),)
            call = Call((Message("user", "hello"), said, *then))
            found = set(_leaves(self.dialect.request(self.spec(), call).body))
            for signature in outcome.signatures:
                marks = [leaf for leaf in _leaves(dict(signature)) if isinstance(leaf, str) and len(leaf) > 12]
                require(marks, f"{case.name}: a signature without anything in it: {signature!r}")
                missing = [mark for mark in marks if mark not in found]
                require(not missing, f"{case.name}: does not go back: {missing!r}")

    def test_signatures_of_other_dialects_are_left_out(self) -> None:
        foreign: tuple[dict[str, Any], ...] = ({"type": "odd", "data": "foreign-mark"}, {}, {"odd": [1, {"a": None}]})
        said = Message("assistant", "well", signatures=foreign)
        call = Call((Message("user", "hello"), said, Message("user", "go on")))
        written = json.dumps(self.dialect.request(self.spec(), call).body)
        require("foreign-mark" not in written, f"a signature of another dialect is sent: {written[:500]}")

    def test_the_dialect_says_how_its_service_is_addressed(self) -> None:
        dialect = self.dialect
        require(dialect.name and dialect.name.isidentifier(), f"the name {dialect.name!r} cannot be typed")
        require(dialect.framing in ("sse", "ndjson"), f"the framing {dialect.framing!r}")
        require(dialect.models_path == "" or dialect.models_path.startswith("/"), f"{dialect.models_path!r}")
        headers = {dialect.key_header: dialect.key_prefix, **dialect.headers}
        clean = all(f"{name}{value}".isascii() and f"{name}{value}".isprintable() for name, value in headers.items())
        require(clean and dialect.key_header, f"the headers {headers!r}")
        require(isinstance(dialect.fixed, frozenset), "the fixed fields of the body are a frozenset")

    def _calls(self) -> dict[str, Call]:
        calls = {
            "a question": _HELLO,
            "a conversation": Call((Message("system", "s"), Message("user", "u"), Message("assistant", "a"))),
            "every option": replace(
                _HELLO,
                sampling=Sampling(
                    temperature=0.5,
                    top_p=0.5,
                    max_tokens=4000,
                    seed=None if "seed" in self.lacks else 1,
                    stop=() if "stop" in self.lacks else ("a", "b"),
                ),
            ),
        }
        more: dict[Feature, Call] = {
            "tools": Call(_TOOL_TALK, tools=(_tool(),)),
            "schema": replace(_HELLO, schema=_schema()),
            "images": Call((Message("user", (Text("t"), _IMAGE)),)),
            "effort": replace(_HELLO, effort="low"),
            "logprobs": replace(_HELLO, logprobs=2),
            "image_output": replace(_HELLO, makes_images=True),
        }
        return {**calls, **{name: call for name, call in more.items() if name not in self.lacks}}

    def _built_or_refused(self, feature: Feature, call: Call) -> dict[str, Any] | None:
        """The body; None where the service lacks the feature, and the builder said so."""
        if feature not in self.lacks:
            return self.dialect.request(self.spec(), call).body
        try:
            self.dialect.request(self.spec(), call)
        except OptionError as error:
            require(error.hint, f"{feature} is refused without a word on what to do: {error}")
        else:
            fail(f"the service lacks {feature}, and the builder does not say so with an OptionError")
        return None


def _leaves(value: object) -> Iterator[Any]:
    """All texts and numbers of a JSON value, the names of its fields included."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value if isinstance(value, (str, int, float)) else repr(value)


def _deface(value: object) -> None:
    """Change all that can be changed in a body."""
    if isinstance(value, dict):
        for item in value.values():
            _deface(item)
        value.clear()
    elif isinstance(value, list):
        for item in value:
            _deface(item)
        value.clear()
