"""The contract of dialects: a small dialect that keeps it, and what it says of one that breaks it anywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.events import Event, ImageMade, TextDelta, TokenLogprobs, ToolCallDelta, Usage, UsageReport
from byom_magics.messages import Image
from byom_magics.testing import Case, DialectContract, Listing
from byom_magics.wire.dialects.dialect import Dialect, Listed, Request
from byom_magics.wire.refusal import Refusal
from tests.testing import toy
from tests.testing.toy import ToyDialect, ToyReader

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.messages import Call, Message


class TestToy(DialectContract):
    dialect = ToyDialect()
    cases = toy.CASES
    listings = toy.LISTINGS
    finish_reasons = toy.REASONS
    lacks = frozenset({"seed"})

    def ending_with(self, finish_reason: str) -> bytes:
        return toy.ending(finish_reason)


def contract_for(dialect: Dialect, **more: Any) -> DialectContract:
    attributes = {**vars(TestToy), "dialect": dialect, **more}
    return type("Contract", (DialectContract,), attributes)()  # type: ignore[no-any-return]


def with_reader(reader: type[ToyReader]) -> Dialect:
    class Broken(ToyDialect):
        def reader(self) -> ToyReader:
            return reader()

    return Broken()


class ForgetsText(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        out[:] = [each for each in out if each != TextDelta("world")]


class SaysItsOwnWord(ToyReader):
    def flush(self, out: list[Event]) -> None:
        self.finish_reason = self.finish_reason and self.finish_reason.upper()


class Cuts(ToyReader):
    """It depends on how the bytes were cut."""

    def read_plain(self, data: bytes, out: list[Event]) -> bool:
        if b'"say"' not in data:
            return False
        out.append(TextDelta("?"))
        return True


class CompleteTooSoon(ToyReader):
    def flush(self, out: list[Event]) -> None:
        self.ended = True


class TrustsTypes(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        if isinstance(chunk, dict) and "say" in chunk:
            chunk["say"].strip()


class TrustsUsage(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        if isinstance(chunk, dict) and isinstance(chunk.get("usage"), dict) and "in" in chunk["usage"]:
            usage = chunk["usage"]
            out.append(UsageReport(Usage(usage["in"], usage.get("out"), None, 2, 1)))


class LetsSurrogatesThrough(ToyReader):
    @staticmethod
    def text(value: object) -> str:
        return value if isinstance(value, str) else ""


class RefusesNews(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        if event != "message":
            self.refusal = Refusal("what is that?")
        super().read_chunk(chunk, event, out)


class HearsNoErrors(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        self.refusal = None


class GivesNoIds(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        out[:] = [replace(each, id=None) if isinstance(each, ToolCallDelta) else each for each in out]


class TrustsTokens(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        if isinstance(chunk, dict) and isinstance(chunk.get("tokens"), list):
            out[:] = [each for each in out if not isinstance(each, TokenLogprobs)]
            out.append(TokenLogprobs(tuple(chunk["tokens"])))


class ForgetsTokens(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        out[:] = [each for each in out if not isinstance(each, TokenLogprobs)]


class TakesAnythingForAnImage(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        if isinstance(chunk, dict) and isinstance(chunk.get("drawing"), str):
            out.append(ImageMade(Image(chunk["drawing"].encode("utf-8", "replace"), "image/png")))


class ForgetsImages(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        out[:] = [each for each in out if not isinstance(each, ImageMade)]


class CountsNoImageAsContent(ToyReader):
    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        before = self.content
        super().read_chunk(chunk, event, out)
        if isinstance(chunk, dict) and "drawing" in chunk:
            self.content = before


class Shares(ToyReader):
    said: list[str] = []  # noqa: RUF012 - that it is shared is what is wrong with it

    def read_chunk(self, chunk: object, event: str, out: list[Event]) -> None:
        super().read_chunk(chunk, event, out)
        self.said.append(event)
        if len(self.said) % 2:
            out.append(TextDelta("!"))


@pytest.mark.parametrize(
    ("reader", "test"),
    [
        (ForgetsText, "test_answers_mean_what_they_say"),
        (SaysItsOwnWord, "test_every_finish_reason_is_known_and_kept_in_the_servers_own_word"),
        (Cuts, "test_answers_mean_the_same_read_event_by_event"),
        (CompleteTooSoon, "test_an_answer_that_breaks_off_is_never_whole"),
        (TrustsTypes, "test_wrong_types_at_any_place_do_no_harm"),
        (TrustsUsage, "test_wrong_types_at_any_place_do_no_harm"),
        (LetsSurrogatesThrough, "test_wrong_types_at_any_place_do_no_harm"),
        (RefusesNews, "test_events_of_unknown_kinds_change_nothing"),
        (HearsNoErrors, "test_answers_mean_what_they_say"),
        (GivesNoIds, "test_answers_mean_what_they_say"),
        (TrustsTokens, "test_wrong_types_at_any_place_do_no_harm"),
        (ForgetsTokens, "test_answers_mean_what_they_say"),
        (TakesAnythingForAnImage, "test_answers_mean_what_they_say"),
        (ForgetsImages, "test_answers_mean_what_they_say"),
        (CountsNoImageAsContent, "test_content_of_every_kind_is_said_to_be_content"),
        (Shares, "test_answers_are_read_by_readers_of_their_own"),
    ],
)
def test_a_reader_that_breaks_the_contract_is_told_so(reader: type[ToyReader], test: str) -> None:
    with pytest.raises(AssertionError, match=r"\w"):
        getattr(contract_for(with_reader(reader)), test)()


class Mutates(ToyDialect):
    def request(self, spec: ModelSpec, call: Call) -> Request:
        request = super().request(spec, call)
        for tool in call.tools:
            tool.parameters["x"] = 1  # type: ignore[index]
        return request


class SharesTheSchema(ToyDialect):
    def request(self, spec: ModelSpec, call: Call) -> Request:
        request = super().request(spec, call)
        request.body["shape"] = call.schema.schema if call.schema else None
        return request


class Counts(ToyDialect):
    calls = 0

    def request(self, spec: ModelSpec, call: Call) -> Request:
        self.calls += 1
        request = super().request(spec, call)
        request.body["number"] = self.calls
        return request


class Drops(ToyDialect):
    """It leaves out one field of the body."""

    def __init__(self, field: str) -> None:
        self.field = field

    def request(self, spec: ModelSpec, call: Call) -> Request:
        request = super().request(spec, call)
        del request.body[self.field]
        return request


class DropsOfMessages(ToyDialect):
    def __init__(self, field: str) -> None:
        self.field = field

    def said(self, message: Message) -> dict[str, Any]:
        return {**super().said(message), self.field: []}


class NotJson(ToyDialect):
    def request(self, spec: ModelSpec, call: Call) -> Request:
        request = super().request(spec, call)
        request.body["set"] = {1}
        return request


class RawPath(ToyDialect):
    def request(self, spec: ModelSpec, call: Call) -> Request:
        return replace(super().request(spec, call), path=f"/toys/{spec.model}/play")


class TakesEverySeed(ToyDialect):
    def request(self, spec: ModelSpec, call: Call) -> Request:
        return super().request(spec, replace(call, sampling=replace(call.sampling, seed=None)))


class LosesTheSecondResult(ToyDialect):
    def request(self, spec: ModelSpec, call: Call) -> Request:
        results = [message for message in call.messages if message.role == "tool"]
        return super().request(spec, replace(call, messages=tuple(m for m in call.messages if m not in results[1:])))


class TurnsCallsRound(ToyDialect):
    def said(self, message: Message) -> dict[str, Any]:
        said = super().said(message)
        return {**said, "calls": said["calls"][::-1]}


class ShowsNoImageOfATool(ToyDialect):
    def said(self, message: Message) -> dict[str, Any]:
        return {**super().said(message), **({"images": []} if message.role == "tool" else {})}


class FallsOverSilence(ToyDialect):
    def request(self, spec: ModelSpec, call: Call) -> Request:
        cut = next((at for at, each in enumerate(call.messages) if not each.parts), len(call.messages))
        return super().request(spec, replace(call, messages=call.messages[:cut]))


class GuessesNothingElse(ToyDialect):
    def request(self, spec: ModelSpec, call: Call) -> Request:
        return super().request(spec, replace(call, logprobs=None if call.logprobs is None else 0))


class TakesEveryNumberForOne(ToyDialect):
    def request(self, spec: ModelSpec, call: Call) -> Request:
        return super().request(spec, replace(call, effort="low" if isinstance(call.effort, int) else call.effort))


class SendsForeignSignatures(ToyDialect):
    def said(self, message: Message) -> dict[str, Any]:
        return {**super().said(message), "signatures": [dict(each) for each in message.signatures]}


class TrustsLists(ToyDialect):
    def models(self, payload: object) -> list[Listed]:
        return [Listed(toy) for toy in payload["toys"]] if isinstance(payload, dict) else []


class GivesUpLists(ToyDialect):
    def models(self, payload: object) -> list[Listed]:
        found = super().models(payload)
        toys = payload.get("toys") if isinstance(payload, dict) else None
        return found if isinstance(toys, list) and len(found) == len(toys) else []


class RawPage(ToyDialect):
    def next_page(self, payload: object) -> str | None:
        page = payload.get("next") if isinstance(payload, dict) else None
        return f"page={page}" if page else None


class NoPath(ToyDialect):
    models_path = ""


class NoHeader(ToyDialect):
    key_header = "x key\r\n"


@pytest.mark.parametrize(
    ("dialect", "test"),
    [
        (Mutates(), "test_a_request_is_the_same_each_time_and_changes_nothing"),
        (SharesTheSchema(), "test_a_request_is_the_same_each_time_and_changes_nothing"),
        (Counts(), "test_a_request_is_the_same_each_time_and_changes_nothing"),
        (NotJson(), "test_a_request_can_be_written_as_json"),
        (RawPath(), "test_a_request_goes_below_the_base_url_whatever_the_model_is_called"),
        (DropsOfMessages("texts"), "test_what_is_said_is_in_the_request"),
        (DropsOfMessages("texts"), "test_texts_in_parts_keep_their_order"),
        (DropsOfMessages("images"), "test_images_are_in_the_request"),
        (DropsOfMessages("calls"), "test_results_of_tools_are_in_the_request"),
        (DropsOfMessages("signatures"), "test_signatures_go_back_unchanged"),
        (SendsForeignSignatures(), "test_signatures_of_other_dialects_are_left_out"),
        (Drops("heat"), "test_options_are_in_the_request"),
        (Drops("heat"), "test_the_models_own_options_stand_below_those_of_the_call"),
        (TakesEverySeed(), "test_options_are_in_the_request"),
        (Drops("tools"), "test_tools_are_in_the_request"),
        (Drops("choice"), "test_a_choice_of_tools_is_in_the_request"),
        (Drops("shape"), "test_a_shape_of_the_answer_is_in_the_request"),
        (Drops("effort"), "test_an_effort_is_in_the_request"),
        (Drops("effort"), "test_an_effort_may_be_none_or_a_number"),
        (TakesEveryNumberForOne(), "test_an_effort_may_be_none_or_a_number"),
        (Drops("guesses"), "test_logprobs_are_in_the_request"),
        (GuessesNothingElse(), "test_logprobs_are_in_the_request"),
        (Drops("draw"), "test_a_wish_for_images_is_in_the_request"),
        (LosesTheSecondResult(), "test_calls_that_were_made_together_and_their_results_keep_their_order"),
        (TurnsCallsRound(), "test_calls_that_were_made_together_and_their_results_keep_their_order"),
        (ShowsNoImageOfATool(), "test_an_image_that_a_tool_returned_is_in_the_request"),
        (FallsOverSilence(), "test_an_answer_that_never_began_does_no_harm"),
        (NoHeader(), "test_the_dialect_says_how_its_service_is_addressed"),
        (NoPath(), "test_a_service_that_lists_its_models_is_shown_to"),
        (TrustsLists(), "test_lists_that_make_no_sense_do_no_harm"),
        (RawPage(), "test_lists_that_make_no_sense_do_no_harm"),
        (RawPage(), "test_lists_of_models_mean_what_they_say"),
        (GivesUpLists(), "test_an_entry_that_makes_no_sense_costs_no_other"),
    ],
)
def test_a_builder_that_breaks_the_contract_is_told_so(dialect: Dialect, test: str) -> None:
    with pytest.raises(AssertionError, match=r"\w"):
        getattr(contract_for(dialect), test)()


@pytest.mark.parametrize(
    ("feature", "test"),
    [("logprobs", "test_logprobs_are_in_the_request"), ("image_output", "test_a_wish_for_images_is_in_the_request")],
)
def test_what_a_service_lacks_is_refused_and_never_dropped_without_a_word(feature: str, test: str) -> None:
    with pytest.raises(AssertionError, match=f"the service lacks {feature}, and the builder does not say so"):
        getattr(contract_for(ToyDialect(), lacks=frozenset({"seed", feature})), test)()


def test_a_service_of_which_a_part_is_not_shown_is_asked_for_it() -> None:
    contract = contract_for(ToyDialect(), cases=toy.CASES[:1])
    with pytest.raises(
        AssertionError, match=r"no case shows tools, schema, signatures, logprobs, image_output, errors, whole;"
    ):
        contract.test_the_cases_show_all_that_the_service_can_do()


def test_a_wrong_expectation_is_told_with_what_was_found() -> None:
    wrong = replace(toy.CASES[0], text="Bye", name="farewell")
    with pytest.raises(AssertionError, match=r"(?s)farewell, in one piece: text.*found: +'Hello world'.*'Bye'"):
        contract_for(ToyDialect(), cases=(wrong,)).test_answers_mean_what_they_say()


def test_a_wrong_list_is_told_too() -> None:
    wrong = Listing("toys", b'{"toys": ["car"]}', (Listed("bus"),))
    with pytest.raises(AssertionError, match="toys: bus"):
        contract_for(ToyDialect(), listings=(wrong,)).test_lists_of_models_mean_what_they_say()


def test_a_contract_without_a_way_to_end_an_answer_says_so() -> None:
    class Forgetful(DialectContract):
        dialect = ToyDialect()
        cases = (Case("a", b""),)
        finish_reasons = toy.REASONS

    with pytest.raises(NotImplementedError, match="Forgetful has finish_reasons and no ending_with"):
        Forgetful().test_every_finish_reason_is_known_and_kept_in_the_servers_own_word()
