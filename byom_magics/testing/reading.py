"""The part of the contract that is about answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from byom_magics.events import Event, ImageMade, ReasoningDelta, State, TextDelta, ToolCallDelta
from byom_magics.testing.case import Case, Feature
from byom_magics.testing.checks import fail, require, same
from byom_magics.testing.hostile import DOCUMENTS, mutated, oddity
from byom_magics.testing.playing import Outcome, decoder_of, play
from byom_magics.wire import ndjson
from byom_magics.wire.payload import MalformedPayloadError, parse

if TYPE_CHECKING:
    from byom_magics.wire.dialects.dialect import Dialect, Reader

__all__ = ["ReadingContract"]

_CONTENT = (TextDelta, ReasoningDelta, ToolCallDelta, ImageMade)
_FINISHED = {str(State.COMPLETE), str(State.LENGTH), str(State.CONTENT_FILTER), str(State.TOOL_CALLS)}


class ReadingContract:
    """
    What a reader of answers has to do.

    Attributes:
        dialect: The dialect.
        cases: Answers of its service, and what they mean. Short ones: each is cut at every position.
        finish_reasons: Every word with which the service ends an answer, and the state that it comes to.
        lacks: What the service cannot do.
    """

    dialect: ClassVar[Dialect]
    cases: ClassVar[Sequence[Case]] = ()
    finish_reasons: ClassVar[Mapping[str, str]] = {}
    lacks: ClassVar[frozenset[Feature]] = frozenset()

    def ending_with(self, finish_reason: str) -> bytes:
        """The body of a short streamed answer that ends with this word; a subclass says how it looks."""
        what = f"{type(self).__name__} has finish_reasons and no ending_with: no body ends with '{finish_reason}'"
        raise NotImplementedError(what)

    def test_the_cases_show_all_that_the_service_can_do(self) -> None:
        shown: dict[Feature, bool] = {
            "text": any(case.text and case.streamed for case in self.cases),
            "reasoning": any(case.reasoning for case in self.cases),
            "tools": any(case.tool_calls for case in self.cases),
            "schema": any(case.schema for case in self.cases),
            "signatures": any(case.signatures for case in self.cases),
            "logprobs": any(case.logprobs for case in self.cases),
            "image_output": any(case.images for case in self.cases),
            "usage": any(case.usage.input_tokens and case.usage.output_tokens for case in self.cases),
            "cached_tokens": any(case.usage.cached_input_tokens for case in self.cases),
            "reasoning_tokens": any(case.usage.reasoning_tokens for case in self.cases),
            "errors": {"error(in_band)", "error(http)"} <= {case.state for case in self.cases},
            "whole": any(case.text and not case.streamed for case in self.cases),
        }
        missing = [name for name, found in shown.items() if not found and name not in self.lacks]
        require(not missing, f"no case shows {', '.join(missing)}; what the service has not is named in 'lacks'")

    def test_answers_mean_what_they_say(self) -> None:
        for case in self.cases:
            self._agrees(case, play(self.dialect, case), "in one piece")

    def test_answers_mean_the_same_wherever_they_are_cut(self) -> None:
        for case in self._streams():
            expected = play(self.dialect, case)
            for at in range(1, len(case.body)):
                found = play(self.dialect, case, [case.body[:at], case.body[at:]])
                self._equal(found, expected, f"{case.name}: cut at byte {at}")
            singly = [case.body[at : at + 1] for at in range(len(case.body))]
            self._equal(play(self.dialect, case, singly), expected, f"{case.name}: byte by byte")

    def test_answers_mean_the_same_read_event_by_event(self) -> None:
        for case in self._streams():
            pieces = self._pieces(case)
            expected = play(self.dialect, case, pieces, quickly=False)
            self._agrees(case, expected, "read the long way")
            self._equal(play(self.dialect, case, pieces), expected, f"{case.name}: with read_plain")

    def test_an_answer_that_breaks_off_is_never_whole(self) -> None:
        for case in self._streams():
            whole = play(self.dialect, case)
            if whole.state not in _FINISHED:
                continue
            for at in range(len(case.body)):
                cut = play(self.dialect, case, [case.body[:at]])
                if cut.state in _FINISHED:
                    what = f"{case.name}: the first {at} bytes count as '{cut.state}'"
                    same(cut.text, whole.text, f"{what}, with another text")
                    same(cut.tool_calls, whole.tool_calls, f"{what}, with other tool calls")

    def test_answers_are_read_by_readers_of_their_own(self) -> None:
        for case in self._streams()[:3]:
            pieces = self._pieces(case)
            two = [self.dialect.reader(), self.dialect.reader()]
            outs: list[list[Event]] = [[], []]
            for event in decoder_of(self.dialect).decode(b"".join(pieces)):
                for reader, out in zip(two, outs, strict=True):
                    if not reader.ended and reader.refusal is None:
                        reader.read(event.event, event.data, out)
            same(outs[0], outs[1], f"{case.name}: two readers at once disturb each other")

    def test_every_finish_reason_is_known_and_kept_in_the_servers_own_word(self) -> None:
        for word, state in self.finish_reasons.items():
            outcome = play(self.dialect, Case(word, self.ending_with(word)))
            same(outcome.ended.finish_reason, word, f"finish reason '{word}': the word that is kept")
            same(outcome.state, state, f"finish reason '{word}': the state")

    def test_a_finish_reason_that_nobody_knows_is_kept(self) -> None:
        if self.finish_reasons:
            outcome = play(self.dialect, Case("unheard_of", self.ending_with("unheard_of")))
            same(outcome.ended.finish_reason, "unheard_of", "a new finish reason")

    def test_events_of_unknown_kinds_change_nothing(self) -> None:
        odd = b'{"type": "odd.news", "odd": {"a": [1, "b"]}}'
        news = odd + b"\n" if self.dialect.framing == "ndjson" else b"event: odd.news\ndata: " + odd + b"\n\n"
        for case in self._streams():
            expected = play(self.dialect, case)
            pieces = self._pieces(case)
            for at in range(1, len(pieces)):
                found = play(self.dialect, case, [*pieces[:at], news, *pieces[at:]])
                self._equal(found, expected, f"{case.name}: an unknown event before the event {at + 1}")

    def test_events_that_make_no_sense_do_no_harm(self) -> None:
        for document in DOCUMENTS:
            self._harmless([], document)
            for case in self._streams()[:3]:
                self._harmless(self._pieces(case)[:1], document)

    def test_wrong_types_at_any_place_do_no_harm(self) -> None:
        for case in self.cases:
            if case.status >= 400:
                continue
            pieces = self._pieces(case) if case.streamed else [case.body]
            seen: set[str] = set()
            for number, (event, data) in enumerate(self._events(case)):
                shape = f"{event} {_shape(data)}"
                if shape in seen:
                    continue
                seen.add(shape)
                for wrong in mutated(data):
                    self._harmless(pieces[:number] if case.streamed else None, wrong, event)

    def test_content_of_every_kind_is_said_to_be_content(self) -> None:
        for case in self._streams():
            reader, out = self.dialect.reader(), list[Event]()
            for event, data, _ in decoder_of(self.dialect).decode(case.body):
                before = len(out)
                reader.read(event, data, out)
                said = any(isinstance(each, _CONTENT) for each in out[before:])
                require(reader.content or not said, f"{case.name}: {out[before:]!r} is content, and not said to be")
                reader.content = False
                if reader.ended or reader.refusal is not None:
                    break

    def _streams(self) -> list[Case]:
        return [case for case in self.cases if case.streamed and case.status < 400]

    def _pieces(self, case: Case) -> list[bytes]:
        """The body, cut behind every event."""
        pieces, rest, decoder = [], b"", decoder_of(self.dialect)
        for line in case.body.splitlines(keepends=True):
            rest += line
            if decoder.decode(line):
                pieces.append(rest)
                rest = b""
        return [*pieces, rest] if rest else pieces

    def _events(self, case: Case) -> Iterator[tuple[str, object]]:
        """What is JSON in a case, event by event."""
        if not case.streamed:
            yield "message", parse(case.body)[0]
            return
        decoder = decoder_of(self.dialect)
        events = decoder.decode(case.body)
        if isinstance(decoder, ndjson.Decoder):
            events += decoder.flush()
        for event, data, _ in events:
            try:
                yield event, json.loads(data)
            except ValueError:
                yield event, None

    def _harmless(self, before: Sequence[bytes] | None, data: bytes, event: str = "message") -> None:
        """A reader that has read what came before is given something; None stands for a document of its own."""
        reader, out = self.dialect.reader(), list[Event]()
        what = f"{data[:300]!r} as '{event}'"
        decoder = decoder_of(self.dialect)
        for each in decoder.decode(b"".join(before or ())):
            reader.read(each.event, each.data, out)
        try:
            if before is None:
                payload, _ = parse(data)
                if isinstance(payload, Mapping):
                    reader.read_whole(payload, out)
            else:
                reader.read(event, data, out)
                reader.read_plain(data, out)
        except MalformedPayloadError:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, the contract says that it is not raised
            fail(f"{what} raises {type(error).__name__}: {str(error)[:200]}")
        self._well_formed(reader, out, what)

    def _well_formed(self, reader: Reader, out: list[Event], what: str) -> None:
        try:
            reader.flush(out)
            warnings = reader.warnings()
        except Exception as error:  # noqa: BLE001 - as above
            fail(f"the end after {what} raises {type(error).__name__}: {str(error)[:200]}")
        found = next(filter(None, map(oddity, out)), None)
        require(found is None, f"{what} gives out {found}")
        require(all(isinstance(each, str) for each in warnings), f"{what} gives a warning that is no text")
        finish = reader.finish_reason
        require(finish is None or isinstance(finish, str), f"{what}: the finish reason is {finish!r}")

    def _agrees(self, case: Case, outcome: Outcome, how: str) -> None:
        where = f"{case.name}, {how}"
        found = next(filter(None, map(oddity, outcome.events)), None)
        require(found is None, f"{where}: {found}")
        same(outcome.state, case.state, f"{where}: the state ({outcome.words})")
        for name in ("text", "reasoning", "usage"):
            same(getattr(outcome, name), getattr(case, name), f"{where}: {name}")
        if case.served_model is not None:
            same(outcome.served_model, case.served_model, f"{where}: served_model")
        same(outcome.ended.finish_reason, case.finish_reason, f"{where}: finish_reason")
        for name in ("signatures", "logprobs", "images"):
            same(len(getattr(outcome, name)), getattr(case, name), f"{where}: the number of {name}")
        same(
            [(call.name, _parsed(call.arguments)) for call in outcome.tool_calls],
            [(call.name, _parsed(call.arguments)) for call in case.tool_calls],
            f"{where}: the tool calls",
        )
        for call, expected in zip(outcome.tool_calls, case.tool_calls, strict=True):
            require(call.id, f"{where}: the call of {call.name} has no id, and its result could not be given back")
            same(call.id, expected.id or call.id, f"{where}: the id of a tool call")
        for words in case.words:
            require(words in outcome.words, f"{where}: {words!r} is not said in {outcome.words!r}")
        if case.schema:
            require(_is_json(outcome.text), f"{where}: an answer in the shape of a schema is JSON: {outcome.text!r}")

    def _equal(self, found: Outcome, expected: Outcome, what: str) -> None:
        same(found.events, expected.events, f"{what}: the events")
        same(found.state, expected.state, f"{what}: the state")
        same(found.ended.finish_reason, expected.ended.finish_reason, f"{what}: the finish reason")
        same(found.ended.warnings, expected.ended.warnings, f"{what}: the warnings")


def _parsed(arguments: str) -> object:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _shape(value: object) -> object:
    """The keys of a JSON value, without what stands there: one of each shape is enough."""
    if isinstance(value, dict):
        return {key: value[key] if key == "type" else _shape(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_shape(item) for item in value[:3]]
    return type(value).__name__
