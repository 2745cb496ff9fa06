"""Answers that are more than text, on the wire: images that a model makes, and tokens with their log-probabilities."""

from __future__ import annotations

from byom_magics.messages import Image
from tests.wire.answers import CHUNKED, DONE, chunk, chunked, data, frame
from tests.wire.asking import ask, expect
from tests.wire.dialects.dots import PNG, address
from tests.wire.raw_server import RawServer, hold


def picture(url: str) -> bytes:
    return chunk(delta={"content": None, "images": [{"type": "image_url", "image_url": {"url": url}}]})


def test_an_answer_that_is_an_image_has_begun_and_is_whole() -> None:
    with RawServer([chunked(picture(address(PNG)), chunk(finish="stop"), DONE)]) as server:
        outcome = expect(ask(server), "complete", text="")
        assert outcome.reply.images == (Image(PNG),)
        assert outcome.reply.first_token_s is not None
        assert outcome.reply.warnings == ()


def test_an_image_is_content_for_the_timer_of_the_first_token() -> None:
    with RawServer([CHUNKED, frame(picture(address(PNG))), hold]) as server:
        reply = ask(server, timeouts={"first_token": 0.3, "content_idle": 0.6, "idle": None}).reply
        assert reply.state_text == "stalled(content_idle)"
        assert reply.images == (Image(PNG),)


def test_an_image_that_is_only_an_address_is_named_and_its_host_never_asked() -> None:
    with RawServer([chunked(picture("http://127.0.0.1:9/a.png"), chunk(finish="stop"), DONE)]) as server:
        reply = expect(ask(server), "complete").reply
        assert reply.images == ()
        assert reply.warnings == ("an image came as an address, which is not fetched: http://127.0.0.1:9/a.png",)


def test_an_image_larger_than_an_event_may_be_is_an_error_that_says_how_to_get_it() -> None:
    large = PNG + bytes(200_000)
    with RawServer([chunked(picture(address(large)), DONE)]) as server:
        expect(
            ask(server, max_event_bytes=100_000), "error(protocol)", says=("100,000 bytes", "--max-event-bytes 400000")
        )
    with RawServer([chunked(picture(address(large)), chunk(finish="stop"), DONE)]) as server:
        assert expect(ask(server), "complete").reply.images == (Image(large),)


def test_logprobs_of_a_stream_are_those_of_the_reply() -> None:
    tokens = {"content": [{"token": "Hi", "logprob": -0.5, "top_logprobs": [{"token": "Ho", "logprob": -1}]}]}
    piece = data({"choices": [{"index": 0, "delta": {"content": "Hi"}, "logprobs": tokens}]})
    with RawServer([chunked(piece, chunk(finish="stop"), DONE)]) as server:
        reply = expect(ask(server), "complete", text="Hi").reply
        assert [dict(each) for each in reply.logprobs] == tokens["content"]
