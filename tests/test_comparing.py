from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import byom_magics as byom
from byom_magics import session
from byom_magics.comparing import Comparison
from byom_magics.errors import ByomError, OptionError, SecretError, UnknownModelError
from byom_magics.events import Event, Reply, State
from byom_magics.study.columns import columns_of
from tests.wire.answers import CHUNKED, LAST, chunk, chunked, frame, head, sse
from tests.wire.raw_server import RawServer, after, hold

HELLO = chunked(sse("Hello"))


class Seen:
    """A view that writes down what it was told."""

    def __init__(self) -> None:
        self.text = ""
        self.threads: set[str] = set()
        self.reply: Reply | None = None
        self.came = threading.Event()

    def event(self, event: Event) -> None:
        self.threads.add(threading.current_thread().name)
        if event.kind == "text":
            self.text += event.text
            self.came.set()

    def tick(self) -> None: ...

    def finish(self, reply: Reply) -> None:
        self.reply = reply


def compared(
    *models: str | tuple[str, Mapping[str, Any]], prompt: str = "Hi", wait: bool = True, **more: Any
) -> tuple[Comparison, list[Seen]]:
    named = [(each, {}) if isinstance(each, str) else each for each in models]
    kept = {name: more.pop(name) for name in ("blind", "place", "foreground") if name in more}
    columns = columns_of(named, sweeps=more.pop("sweeps", ()), samples=more.pop("samples", 1), seed=more.get("seed"))
    comparison = Comparison(session.current(), prompt, columns, more, **kept)
    views = [Seen() for _ in columns]
    comparison.start(views)
    while wait and not comparison.wait():
        pass
    return comparison, views


@pytest.fixture
def servers() -> Iterator[list[RawServer]]:
    made = [RawServer([HELLO]), RawServer([CHUNKED, frame(chunk("Slow")), hold])]
    byom.register("quick", url=made[0].url, model="q")
    byom.register("slow", url=made[1].url, model="s")
    yield made
    for server in made:
        server.close()


def test_every_column_answers_in_a_thread_of_its_own() -> None:
    comparison, views = compared("demo/bigram", "demo/5gram", seed=1, max_tokens=20)
    assert [reply.text for reply in comparison.replies] == [view.text for view in views]
    assert all(view.text for view in views)
    assert len({name for view in views for name in view.threads}) == 2
    assert threading.current_thread().name not in views[0].threads


def test_a_slow_column_holds_up_no_other_and_can_be_stopped_alone(servers: list[RawServer]) -> None:
    comparison, (quick, slow) = compared("quick", "slow", wait=False)
    assert slow.came.wait(10)
    while comparison.running(0):
        comparison.wait()
    assert quick.reply is not None
    assert quick.reply.state is State.COMPLETE
    assert not comparison.ended
    assert comparison.reply(1).text == "Slow"
    comparison.stop(1)
    while not comparison.wait():
        pass
    assert slow.reply is not None
    assert (slow.reply.state, slow.reply.text) == (State.CANCELLED, "Slow")
    servers[1].wait_for_hang_up()


def test_stopping_one_leaves_the_others_running() -> None:
    go = threading.Event()
    with (
        RawServer([CHUNKED, frame(chunk("A")), hold]) as first,
        RawServer([CHUNKED, frame(chunk("B")), after(go), frame(chunk("C", "stop")), LAST]) as second,
    ):
        byom.register("first", url=first.url, model="m")
        byom.register("second", url=second.url, model="m")
        comparison, views = compared("first", "second", wait=False)
        assert all(view.came.wait(10) for view in views)
        comparison.stop(0)
        first.wait_for_hang_up()
        assert comparison.running(1)
        go.set()
        while not comparison.wait():
            pass
    assert [reply.state for reply in comparison.replies] == [State.CANCELLED, State.COMPLETE]
    assert comparison.replies[1].text == "BC"


def test_stopping_all_hangs_up_everywhere(servers: list[RawServer]) -> None:
    comparison, views = compared("slow", ("slow", {"temperature": 0}), wait=False)
    assert all(view.came.wait(10) for view in views)
    comparison.stop_all()
    while not comparison.wait():
        pass
    servers[1].wait_for_hang_up(2)
    assert {reply.state for reply in comparison.replies} == {State.CANCELLED}


def test_a_column_that_fails_says_why_and_the_others_are_whole(servers: list[RawServer]) -> None:
    byom.register("keyless", url=servers[0].url, model="m", api_key="env:NOT_SET_HERE")
    byom.register("gone", url="http://127.0.0.1:9/v1", model="m")
    comparison, _ = compared("keyless", "quick", "gone")
    keyless, quick, gone = comparison.replies
    assert isinstance(keyless.error, SecretError)
    assert quick.state is State.COMPLETE
    assert gone.state is State.STALLED or gone.state is State.ERROR or gone.state is State.INCOMPLETE
    assert gone.error is not None


def test_a_server_that_answers_with_an_error_is_the_affair_of_its_column(servers: list[RawServer]) -> None:
    with RawServer([head("400 Bad Request", "application/json", "Content-Length: 13") + b'{"error":"x"}']) as bad:
        byom.register("bad", url=bad.url, model="m")
        replies = byom.compare(["bad", "quick"], "Hi")
    assert [reply.state for reply in replies] == [State.ERROR, State.COMPLETE]


def test_options_apply_to_all_and_a_column_has_its_own() -> None:
    with RawServer([HELLO]) as one, RawServer([HELLO]) as other:
        byom.register("one", url=one.url, model="m")
        byom.register("other", url=other.url, model="m")
        compared("one", ("other", {"temperature": 0, "extra_body": {"top_k": 3}}), temperature=1, system="Brief.",
                 extra_body={"min_p": 0.1})  # fmt: skip
    sent = one.requests[0].json, other.requests[0].json
    assert [body["temperature"] for body in sent] == [1, 0]
    assert [body["messages"][0]["content"] for body in sent] == ["Brief.", "Brief."]
    assert [body["min_p"] for body in sent] == [0.1, 0.1]
    assert [body.get("top_k") for body in sent] == [None, 3]


def test_each_model_continues_its_own_conversation() -> None:
    compared("demo/bigram", "demo/5gram", conversation="", seed=1, max_tokens=5, place="cell 1")
    compared("demo/bigram", "demo/5gram", conversation="", seed=1, max_tokens=5, place="cell 2")
    conversations = list(session.current().conversations)
    assert {each.model: len(each) for each in conversations} == {"demo/bigram": 2, "demo/5gram": 2}
    assert all(exchange.model == each.model for each in conversations for exchange in each.exchanges)


def test_a_cell_that_runs_again_replaces_its_turns() -> None:
    for _ in range(2):
        compared("demo/bigram", "demo/5gram", conversation="lesson", max_tokens=5, place="cell 1")
    assert [len(each) for each in session.current().conversations] == [1, 1]


def test_columns_of_one_model_have_conversations_of_their_own() -> None:
    for cell in ("cell 1", "cell 2"):
        compared("demo/5gram", sweeps=[("temperature", [0, 1])], conversation="", max_tokens=5, place=cell)
    conversations = list(session.current().conversations)
    assert [(each.name, len(each)) for each in conversations] == [("temperature=0", 2), ("temperature=1", 2)]


def test_the_answer_that_is_adopted_is_what_its_conversation_goes_on_from() -> None:
    comparison, _ = compared("demo/bigram", "demo/5gram", seed=1, max_tokens=5)
    assert not list(session.current().conversations)
    (conversation,) = comparison.adopt(1)
    assert conversation is session.current().conversations.of("demo/5gram")
    assert conversation.exchanges[0].asked[0].text == "Hi"
    assert conversation.exchanges[0].answered[0].text == comparison.replies[1].text


def test_where_columns_converse_all_of_them_go_on_from_the_adopted_answer() -> None:
    comparison, _ = compared("demo/bigram", "demo/5gram", conversation="", seed=1, max_tokens=5, place="cell 1")
    assert len(comparison.adopt(1)) == 2
    for conversation in session.current().conversations:
        assert [each.answered[0].text for each in conversation.exchanges] == [comparison.replies[1].text]


def test_an_answer_that_did_not_come_cannot_be_adopted() -> None:
    byom.register("gone", url="http://127.0.0.1:9/v1", model="m")
    comparison, _ = compared("gone", "demo/5gram", max_tokens=5)
    with pytest.raises(ByomError, match="no answer"):
        comparison.adopt(0)


def test_a_blind_comparison_is_shuffled() -> None:
    models = [f"m{number}" for number in range(6)]
    for model in models:
        byom.register(model, url="http://127.0.0.1:9/v1", model="m")
    columns = columns_of([(model, {}) for model in models])
    orders = {Comparison(session.current(), "Hi", columns, blind=True).order for _ in range(20)}
    assert len(orders) > 1
    assert all(sorted(order) == list(range(6)) for order in orders)
    assert Comparison(session.current(), "Hi", columns).order == tuple(range(6))


def test_tools_run_on_the_thread_that_waits() -> None:
    ran: list[str] = []

    def look_up(word: str) -> str:
        """Look a word up in the documentation."""
        ran.append(threading.current_thread().name)
        return f"{word} is a statement"

    prompt = "Call the tool look_up for the word 'with'."
    comparison, _ = compared("demo/pydoc", ("demo/pydoc", {"temperature": 0}), prompt=prompt, tools=[look_up])
    assert ran == ["MainThread", "MainThread"]
    assert all(reply.tool_results[0].outcome == "done" for reply in comparison.replies)


def test_the_last_question_is_known_for_asking_it_again() -> None:
    compared("demo/bigram", ("demo/5gram", {"temperature": 0}), max_tokens=5)
    assert session.current().last_question == ("Hi", {"max_tokens": 5}, "demo/bigram")


def test_what_another_cell_asked_meanwhile_stays_the_last_question(servers: list[RawServer]) -> None:
    comparison, (_, slow) = compared("quick", "slow", wait=False, foreground=False)
    assert slow.came.wait(10)
    byom.ask("quick", "Another question")
    comparison.stop_all()
    while not comparison.wait():
        pass
    asked = session.current().last_question
    assert asked is not None
    assert asked[0] == "Another question"


# In Python


def test_compare_gives_the_replies_in_order() -> None:
    replies = byom.compare(["demo/bigram", ("demo/5gram", {"temperature": 0})], "The", max_tokens=5, seed=1)
    assert [reply.model for reply in replies] == ["demo/bigram", "demo/5gram"]
    assert all(isinstance(reply, Reply) for reply in replies)
    assert len(byom.compare(["demo/5gram"], "The", n=2, sweep=("temperature", [0, 1]), max_tokens=2)) == 4


def test_columns_of_one_model_are_asked_for_in_python_too() -> None:
    swept = byom.compare("demo/bigram", "Hi", sweep={"temperature": [0, 1]}, systems=["a", "b"], n=2, max_tokens=2)
    assert [reply.model for reply in swept] == ["demo/bigram"] * 8
    for wrong in ({"sweep": ("seed",)}, {"systems": "a"}, {"n": "2"}):
        with pytest.raises(OptionError, match="cannot be"):
            byom.compare("demo/bigram", "Hi", **wrong)


def test_compare_refuses_what_it_does_not_know_before_anything_is_sent() -> None:
    with pytest.raises(OptionError, match="did you mean temperature"):
        byom.compare(["demo/bigram", "demo/5gram"], "The", temprature=1)
    with pytest.raises(OptionError, match="did you mean max_tokens"):
        byom.compare(["demo/bigram", ("demo/5gram", {"max_token": 1})], "The")
    with pytest.raises(UnknownModelError):
        byom.compare(["demo/bigram", "demo/6gram"], "The")
    with pytest.raises(OptionError, match="two answers"):
        byom.compare(["demo/bigram"], "The")


def test_votes_are_ranked_in_python_too() -> None:
    byom.votes.add(byom.Vote("0" * 64, ("llama", "gpt"), "win", "gpt"))
    byom.votes.add(byom.Vote("0" * 64, ("gpt", "llama"), "win", "llama"))
    byom.votes.add(byom.Vote("1" * 64, ("gpt", "llama"), "win", "gpt"))
    ranked = byom.leaderboard(rounds=0)
    assert [each.label for each in ranked.standings] == ["gpt", "llama"]
    assert ranked.votes == 3


def test_whatever_goes_wrong_with_a_column_it_says_so_and_the_others_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    here = session.current()
    stream = here.stream

    def broken(model: str | None, prompt: Any, **options: Any) -> Any:
        if model == "demo/bigram":
            raise ImportError("no such part")
        return stream(model, prompt, **options)

    monkeypatch.setattr(here, "stream", broken)
    replies = byom.compare(["demo/bigram", "demo/5gram"], "The", max_tokens=3)
    assert "ImportError: no such part" in str(replies[0].error)
    assert replies[1].text
