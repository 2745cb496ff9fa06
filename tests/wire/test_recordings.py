"""
Recorded answers of real servers, replayed over a real socket: cut where the network cut them, at random, byte by byte,
and in the pure reader at every position. What must come out is read from the same bytes in a second, simpler way.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from byom_magics.events import Event, Usage, UsageReport
from byom_magics.wire.dialects.openai_chat import Reader
from byom_magics.wire.sse import Decoder
from tests.wire.asking import Outcome, ask, replayed
from tests.wire.raw_server import Answer, Peer, RawServer

FOLDER = Path(__file__).parent.parent / "recordings"


@dataclass(frozen=True)
class Recording:
    """One recorded response, and the sizes of the reads in which it came."""

    name: str
    raw: bytes
    reads: tuple[int, ...]

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def status(self) -> int:
        return int(self.raw.split(None, 2)[1])

    @property
    def mime(self) -> str:
        found = re.search(rb"(?im)^content-type:\s*([^;\r\n]+)", self.head)
        return found.group(1).decode().strip().lower() if found else ""

    @property
    def chunked(self) -> bool:
        return b"transfer-encoding: chunked" in self.head.lower()

    def body(self) -> tuple[bytes, bool]:
        """The body without its framing, and whether the framing came to its end."""
        rest = self.raw.partition(b"\r\n\r\n")[2]
        if not self.chunked:
            return rest, True
        out = b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            if not length:
                return out, True
            out, rest = out + rest[:length], rest[length + 2 :]
        return out, False


def recordings() -> list[Recording]:
    found = []
    for index in sorted(FOLDER.glob("*/index.json")):
        for name, case in json.loads(index.read_text())["cases"].items():
            raw = (index.parent / case["file"]).read_bytes()
            found.append(Recording(f"{index.parent.name}/{name}", raw, tuple(case["reads"])))
    return found


ALL = recordings()
BY_NAME = {each.name: each for each in ALL}
STREAMS = [each for each in ALL if each.status == 200 and each.mime == "text/event-stream"]


NOTHING_COUNTED = Usage()


@dataclass(frozen=True)
class Expected:
    """What must come of a recording."""

    state: str
    text: str = ""
    reasoning: str = ""
    finish_reason: str | None = None
    usage: Usage = NOTHING_COUNTED
    tool_calls: tuple[tuple[str, str, str], ...] = ()
    served_model: str | None = None
    words: tuple[str, ...] = ()


def expected(recording: Recording) -> Expected:
    """The second way to read it: everything at once, with nothing but ``json``."""
    body, whole = recording.body()
    if recording.status >= 400:
        return Expected("error(http)", words=(str(recording.status), *words_of(body)))
    if recording.mime == "text/event-stream":
        data = re.findall(rb"(?m)^data: ?(.*)$", body.replace(b"\r\n", b"\n"))
        if not body.endswith(b"\n\n") and data:
            data.pop()
        marked = b"[DONE]" in data
        chunks = [json.loads(each) for each in data if each != b"[DONE]"]
    else:
        marked = True
        chunks = [json.loads(body)]
    failed = next((chunk for chunk in chunks if chunk.get("error")), None)
    return replace_state(read(chunks), recording, chunks, failed, finished=marked, whole=whole)


def read(chunks: list[dict[str, Any]]) -> Expected:
    text = reasoning = ""
    finish, model = None, None
    usage = Usage()
    calls: dict[int, list[str]] = {}
    for chunk in chunks:
        model = model or chunk.get("model")
        usage = usage_in(chunk) or usage
        for choice in chunk.get("choices") or []:
            if choice["index"] != 0:
                continue
            finish = finish or choice.get("finish_reason") or None
            delta = choice.get("delta") or choice.get("message") or {}
            text += delta.get("content") or ""
            reasoning += delta.get("reasoning_content") or delta.get("reasoning") or ""
            for at, piece in enumerate(delta.get("tool_calls") or []):
                call = calls.setdefault(piece.get("index", at), ["", "", ""])
                call[0] = call[0] or piece.get("id") or ""
                call[1] = call[1] or piece["function"].get("name") or ""
                call[2] += piece["function"].get("arguments") or ""
    if "</think>" in text and "<think>" not in text:
        before, _, after = text.partition("</think>")
        text, reasoning = after.lstrip("\r\n"), reasoning + before
    tool_calls = tuple((call[0], call[1], call[2]) for _, call in sorted(calls.items()))
    return Expected("", text, reasoning, finish, usage, tool_calls, model)


def usage_in(chunk: dict[str, Any]) -> Usage | None:
    usage, timings = chunk.get("usage"), chunk.get("timings")
    if usage and any(value for value in usage.values() if isinstance(value, int)):
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
        thought = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
        return Usage(usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"], cached, thought)
    if timings:
        read_now, kept, said = timings["prompt_n"], timings["cache_n"], timings["predicted_n"]
        return Usage(read_now + kept, said, read_now + kept + said, kept, None)
    return None


def replace_state(
    found: Expected,
    recording: Recording,
    chunks: list[dict[str, Any]],
    failed: dict[str, Any] | None,
    *,
    finished: bool,
    whole: bool,
) -> Expected:
    words: tuple[str, ...] = ()
    if failed:
        state, words = "error(in_band)", words_of(json.dumps(failed).encode())
    elif finished or found.finish_reason:
        state = {"length": "length", "tool_calls": "tool_calls"}.get(found.finish_reason or "", "complete")
        state = "tool_calls" if found.tool_calls and state == "complete" else state
    elif not whole:
        state = "incomplete(connection)"
    else:
        state = "incomplete(eof)" if chunks else "incomplete(empty)"
    return Expected(
        state,
        found.text,
        found.reasoning,
        found.finish_reason,
        found.usage,
        found.tool_calls,
        found.served_model,
        words,
    )


def words_of(body: bytes) -> tuple[str, ...]:
    """The server's own words in a refusal: every text of some length in it, or the body itself where it is no JSON."""
    try:
        value = json.loads(body)
    except ValueError:
        return (body.decode().strip(),)
    said = value.get("error") or value.get("detail")
    if isinstance(said, dict):
        said = said["message"]
    if isinstance(said, list):
        return tuple(each["msg"] for each in said)
    # Controls and line ends may be shown in another way: the longest line stands for the text.
    return (max(re.split(r"[\n\r\t]", said), key=len)[:150],)


def check(outcome: Outcome, recording: Recording) -> None:
    must = expected(recording)
    reply = outcome.reply
    assert (reply.state_text, reply.finish_reason) == (must.state, must.finish_reason)
    assert reply.text == must.text
    assert reply.reasoning == must.reasoning
    assert reply.usage == must.usage
    assert tuple((call.id, call.name, call.arguments) for call in reply.tool_calls) == must.tool_calls
    assert reply.served_model == must.served_model
    for words in must.words:
        assert words in outcome.message, outcome.message


def paced(recording: Recording, sizes: list[int]) -> Answer:
    """Send pieces of these sizes, with a moment after each in which the peer can read it by itself."""

    def send(peer: Peer) -> None:
        at = 0
        for size in sizes:
            peer.send(recording.raw[at : at + size])
            at += size
            if peer.peer_gone(within=0.0002):
                return
        peer.send(recording.raw[at:])

    return [send]


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals that may pass are asked for again; how long that is waited for is tested elsewhere."""
    monkeypatch.setattr("byom_magics.wire.retry.backoff", lambda attempt: 0.001 * attempt)


def by_name(recording: Recording) -> str:
    return recording.name


def test_the_recordings_are_all_here() -> None:
    servers = {each.name.partition("/")[0] for each in ALL}
    assert servers == {"litellm", "llama_cpp", "llama_cpp_python", "mlflow", "mlx", "transformers", "vllm"}
    assert all(sum(each.reads) == len(each.raw) for each in ALL), "a file was changed, perhaps its line ends"


@pytest.mark.parametrize("recording", ALL, ids=by_name)
def test_a_recording_cut_where_the_network_cut_it(recording: Recording) -> None:
    with RawServer(paced(recording, list(recording.reads))) as server:
        check(ask(server), recording)


@pytest.mark.parametrize("recording", STREAMS, ids=by_name)
def test_a_recording_cut_at_random(recording: Recording) -> None:
    dice = random.Random(recording.name)
    cuts = sorted(dice.sample(range(1, len(recording.raw)), min(12, len(recording.raw) - 1)))
    sizes = [end - start for start, end in zip([0, *cuts], cuts, strict=False)]
    with RawServer(paced(recording, sizes)) as server:
        check(ask(server), recording)


SHORT_ONES = [each for each in ALL if len(each.raw) < 2600]


@pytest.mark.parametrize("recording", SHORT_ONES, ids=by_name)
def test_a_recording_sent_one_byte_at_a_time(recording: Recording) -> None:
    with RawServer([lambda peer: peer.one_by_one(recording.raw)]) as server:
        check(ask(server), recording)


# The pure reader


def read_purely(*pieces: bytes) -> tuple[str, str, str | None, Usage, list[Event]]:
    decoder, reader = Decoder(), Reader()
    out: list[Event] = []
    for piece in pieces:
        for event in decoder.decode(piece):
            reader.read(event.event, event.data, out)
    reader.flush(out)
    text, reasoning = replayed(tuple(out))
    usages = [event.usage for event in out if isinstance(event, UsageReport)]
    rest: list[Event] = [event for event in out if event.kind in ("tool_call", "opened", "logprobs")]
    return text, reasoning, reader.finish_reason, usages[-1] if usages else Usage(), rest


@pytest.mark.parametrize("recording", STREAMS, ids=by_name)
def test_the_reader_fed_whole_and_byte_by_byte(recording: Recording) -> None:
    body, _ = recording.body()
    must = expected(recording)
    whole = read_purely(body)
    assert whole[:4] == (must.text, must.reasoning, must.finish_reason, must.usage)
    assert read_purely(*(body[at : at + 1] for at in range(len(body)))) == whole


def decoded(*pieces: bytes) -> list[tuple[str, bytes, str]]:
    decoder = Decoder()
    return [(event.event, event.data, event.id) for piece in pieces for event in decoder.decode(piece)]


CUT_EVERYWHERE = [each for each in STREAMS if 500 < len(each.raw) < 4000][::3]


@pytest.mark.parametrize("recording", CUT_EVERYWHERE, ids=by_name)
def test_the_reader_cut_at_every_position(recording: Recording) -> None:
    body, _ = recording.body()
    whole = read_purely(body)
    for at in range(1, len(body)):
        assert read_purely(body[:at], body[at:]) == whole, f"cut at {at}"


@pytest.mark.parametrize("server", ["llama_cpp", "vllm", "mlx", "litellm"])
def test_a_long_stream_is_decoded_the_same_wherever_it_is_cut(server: str) -> None:
    body, _ = BY_NAME[f"{server}/chat_stream_unicode"].body()
    body = body[:9000]
    whole = decoded(body)
    for at in range(1, len(body)):
        assert decoded(body[:at], body[at:]) == whole, f"cut at {at}"


# By hand


def ended(name: str) -> Outcome:
    with RawServer([BY_NAME[name].raw]) as server:
        return ask(server)


def test_llama_cpp_reasons_in_a_field_and_counts_in_timings() -> None:
    reply = ended("llama_cpp/chat_stream").reply
    assert reply.reasoning == "The user asks about typesmapping. I know the text on it.\n"
    assert reply.text.startswith('The "break" statement\n*********************\n\n   return_stmt ::= "if" [')
    assert reply.state_text == "length"
    assert reply.usage == Usage(13, 40, 53, 12, None)


def test_transformers_leaves_reasoning_in_the_text_with_a_tag_that_it_never_opened() -> None:
    reply = ended("transformers/chat_stream_thinking_on").reply
    assert reply.reasoning == "The user asks about typesmapping. I know the text on it.\n"
    assert reply.text.startswith('The "break" statement\n*****')
    assert reply.usage == Usage(13, 120, 133, None, None)
    assert reply.served_model == "hf@main"
    assert reply.request_id == "38ada538-2a49-4ca3-9afc-7d5cf85d122b"


def test_mlx_ends_by_closing_and_escapes_every_letter() -> None:
    reply = ended("mlx/chat_stream_unicode").reply
    assert reply.text == "שלום עולם!"
    assert reply.reasoning == "The user wants a greeting in Hebrew.\n"
    assert reply.state_text == "complete"
    assert reply.usage == Usage(20, 18, 38, 6, None)


def test_litellm_answers_in_three_letter_pieces_of_which_emoji_are_whole() -> None:
    reply = ended("litellm/chat_stream_mock").reply
    assert (
        reply.text
        == "Lists are **mutable** sequences. Voilà — naïve café 👋🏽, 你好.\n\n```python\nx = [1, 2, 3]\n```\n"
    )
    assert reply.usage == Usage(), "it was not asked for, and nothing is invented"


def test_vllm_calls_a_tool_in_pieces() -> None:
    reply = ended("vllm/tool_stream").reply
    assert reply.state_text == "tool_calls"
    call = reply.tool_calls[0]
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Berlin"})


def test_mlflow_breaks_off_inside_the_framing_when_its_upstream_is_down() -> None:
    reply = ended("mlflow/error_image").reply
    assert reply.state_text == "incomplete(connection)"
    assert reply.text == ""


def test_llama_cpp_python_says_nothing_where_it_should_refuse() -> None:
    assert ended("llama_cpp_python/error_no_messages").reply.state_text == "incomplete(empty)"


def test_transformers_reports_an_error_as_a_string_inside_the_stream() -> None:
    outcome = ended("transformers/error_max_tokens_negative")
    assert outcome.reply.state_text == "error(in_band)"
    assert "`max_new_tokens` must be greater than 0, but is -5." in outcome.message


def test_an_answer_that_the_client_cut_is_incomplete_and_its_usage_unknown() -> None:
    reply = ended("vllm/cut_by_client").reply
    assert reply.state_text == "incomplete(connection)"
    assert reply.text == "1, 2"
    assert reply.usage == Usage()


@pytest.mark.parametrize("name", [each.name for each in ALL if each.name.endswith("logprobs")])
def test_log_probabilities_come_token_by_token(name: str) -> None:
    body, _ = BY_NAME[name].body()
    pieces = (
        [body]
        if body.startswith(b"{")
        else [each for each in re.findall(rb"(?m)^data: (.*)$", body) if each != b"[DONE]"]
    )
    sent: list[dict[str, Any]] = []
    for piece in pieces:
        for choice in json.loads(piece)["choices"]:
            sent += (choice.get("logprobs") or {}).get("content") or []
    assert [(each["token"], each["logprob"]) for each in ended(name).reply.logprobs] == [
        (each["token"], each["logprob"]) for each in sent
    ]
