"""The doctor's verdicts, from plain findings; the probes that reach the network have tests of their own."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec
from byom_magics.errors import (
    ByomError,
    InBandError,
    PolicyError,
    ProtocolError,
    SecretError,
    StalledError,
    StatusError,
)
from byom_magics.events import Reply, State, ToolCall, Usage
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.doctor import STEPS, Answered, Diagnosis, Step, examine
from byom_magics.wire.faults import Fault

if TYPE_CHECKING:
    from byom_magics.messages import Call

SPEC = ModelSpec("llama", "tiny", Endpoint("https://llm.example.com/v1"))
GOOD = Reply("1, 2, 3", state=State.COMPLETE, usage=Usage(5, 7), served_model="tiny")
ASKED_FOR = Reply(state=State.TOOL_CALLS, tool_calls=(ToolCall("a", "get_weather", '{"city": "Oslo"}'),))


class Findings:
    """Probes that find what they are told, and note what was asked of them."""

    def __init__(self, **found: Any) -> None:
        self._found = found
        self.asked: list[str] = []

    def _find(self, name: str, usual: Any) -> Any:
        self.asked.append(name)
        found = self._found.get(name, usual)
        if isinstance(found, Exception):
            raise found
        return found

    def allowed(self) -> str:
        return str(self._find("allowed", "https://llm.example.com/v1"))

    def look_up(self) -> Sequence[str] | None:
        found: Sequence[str] | None = self._find("look_up", ["192.0.2.1"])
        return found

    def connect(self) -> str:
        return str(self._find("connect", "192.0.2.1:443"))

    def handshake(self) -> tuple[str, str] | None:
        found: tuple[str, str] | None = self._find("handshake", ("TLS 1.3, signed by Example CA", ""))
        return found

    def key(self) -> str:
        return str(self._find("key", "env:KEY"))

    def models(self) -> list[Listed] | None:
        found: list[Listed] | None = self._find("models", [Listed("tiny"), Listed("large")])
        return found

    def ask(self, call: Call) -> Answered:
        usual = Answered(ASKED_FOR, ()) if call.tools else Answered(GOOD, (0.2, 0.3, 0.5))
        found: Answered = self._find("ask_tools" if call.tools else "ask", usual)
        return found


def examined(spec: ModelSpec = SPEC, *, quick: bool = False, **found: Any) -> dict[str, Step]:
    ticks = itertools.count()
    steps = list(examine(spec, Findings(**found), lambda: float(next(ticks)), quick=quick))
    assert tuple(step.name for step in steps) == STEPS
    return {step.name: step for step in steps}


def refused(status: int) -> ByomError:
    problem = StatusError(f"The server answered {status}.", hint="see there")
    problem.status = status
    return problem


def test_a_connection_in_order_passes_every_step() -> None:
    found = examined()
    assert {step.verdict for step in found.values()} == {"ok"}
    assert found["TLS"].detail == "TLS 1.3, signed by Example CA"
    assert found["model list"].detail == "2 models"
    assert found["answer"].detail == "complete by tiny: 1, 2, 3"
    assert found["streaming"].detail == "3 pieces, the first after 0.20 s, over 0.30 s"
    assert found["usage"].detail == "tokens 5 in, 7 out"
    assert found["tools"].detail == 'it asked for get_weather({"city": "Oslo"})'
    assert all(step.seconds == 1.0 for step in found.values())


@pytest.mark.parametrize(
    ("probe", "step"),
    [("allowed", "address"), ("look_up", "name"), ("connect", "connection"), ("handshake", "TLS"), ("key", "key"), ("models", "model list"), ("ask", "answer")],
)  # fmt: skip
@pytest.mark.parametrize("kind", [PolicyError, SecretError, Fault])
def test_what_fails_says_why_and_what_next_and_the_rest_is_not_reached(probe: str, step: str, kind: type[Any]) -> None:
    problem = Fault("connect", "It broke.", hint="mend it") if kind is Fault else kind("It broke.", hint="mend it")
    given: dict[str, Any] = {probe: problem}
    found = examined(**given)
    assert (found[step].verdict, found[step].detail, found[step].next_step) == ("failed", "It broke.", "mend it")
    later = STEPS[STEPS.index(step) + 1 :]
    assert [(found[name].verdict, found[name].detail) for name in later] == [("skipped", "not reached")] * len(later)
    assert all(found[name].verdict == "ok" for name in STEPS[: STEPS.index(step)])


def test_nothing_is_asked_of_the_network_after_a_failure() -> None:
    probes = Findings(connect=Fault("connect", "Nothing answers.", hint="start it"))
    list(examine(SPEC, probes, lambda: 0.0))
    assert probes.asked == ["allowed", "look_up", "connect"]


def test_a_quick_examination_asks_the_model_nothing() -> None:
    probes = Findings()
    steps = list(examine(SPEC, probes, lambda: 0.0, quick=True))
    assert probes.asked == ["allowed", "look_up", "connect", "handshake", "key", "models"]
    assert [(step.verdict, step.detail) for step in steps[-4:]] == [("skipped", "nothing was asked")] * 4


def test_what_there_is_not_is_skipped() -> None:
    found = examined(look_up=None, handshake=None, models=None, key="")
    assert [found[name].verdict for name in ("name", "TLS", "model list", "model served")] == ["skipped"] * 4
    assert found["key"].detail == "none is sent"


def test_many_addresses_are_counted() -> None:
    found = examined(look_up=[f"192.0.2.{number}" for number in range(9)])
    assert found["name"].detail == "192.0.2.0, 192.0.2.1, 192.0.2.2, 192.0.2.3 and 5 more"


def test_an_unsafe_connection_is_a_warning() -> None:
    found = examined(handshake=("TLS 1.2, not verified", "give the authority with --ca"))
    assert (found["TLS"].verdict, found["TLS"].next_step) == ("warning", "give the authority with --ca")
    assert found["answer"].verdict == "ok"


@pytest.mark.parametrize("status", [401, 407])
def test_a_list_that_is_refused_since_nobody_knows_us_fails(status: int) -> None:
    found = examined(models=refused(status))
    assert (found["model list"].verdict, found["model list"].next_step) == ("failed", "see there")
    assert found["answer"].verdict == "skipped"


@pytest.mark.parametrize(
    "problem",
    [
        refused(404),
        refused(403),  # keys that may ask models and see no list are usual
        ProtocolError("It is a page.", hint="see there"),
        StalledError("It did not come.", hint="see there"),
    ],
)
def test_a_server_without_a_list_may_answer_all_the_same(problem: ByomError) -> None:
    found = examined(models=problem)
    assert problem.what in found["model list"].detail
    assert found["model list"].next_step == "no harm if it answers below; if not: see there"
    assert [found[name].verdict for name in ("model list", "model served", "answer")] == ["warning", "skipped", "ok"]


def test_a_model_that_is_not_listed_names_its_neighbours() -> None:
    found = examined(models=[Listed("tiny-2"), Listed("other")])["model served"]
    assert found.verdict == "warning"
    assert "tiny-2" in found.next_step
    assert "%byom_register llama" in found.next_step


def test_a_list_of_long_names_that_are_all_alike_is_looked_through_in_no_time() -> None:
    spec = ModelSpec("llama", "abcdef" * 500, SPEC.endpoint)
    found = examined(spec, models=[Listed(f"{number}" + "fedcba" * 30) for number in range(100_000)])
    assert found["model list"].detail == "100,000 models"
    assert found["model served"].verdict == "warning"
    assert len(found["model served"].next_step) < 400


def test_geminis_names_stand_with_a_prefix() -> None:
    assert examined(models=[Listed("models/tiny")])["model served"].verdict == "ok"


def test_an_answer_that_failed_says_why() -> None:
    problem = InBandError("The server reported an error: no memory", hint="look into its log")
    found = examined(ask=Answered(Reply(state=State.ERROR, error=problem), ()))
    assert (found["answer"].verdict, found["answer"].next_step) == ("failed", "look into its log")
    assert found["tools"].verdict == "skipped"


def test_an_answer_without_text_is_a_warning() -> None:
    found = examined(ask=Answered(Reply(state=State.COMPLETE), ()))
    assert (found["answer"].verdict, found["streaming"].verdict) == ("warning", "skipped")


def test_an_answer_that_was_thought_and_not_said_is_told_apart_from_one_that_is_empty() -> None:
    found = examined(ask=Answered(Reply(state=State.LENGTH), ()))["answer"]
    assert (found.verdict, "used up" in found.detail, "--max-tokens" in found.next_step) == ("warning", True, True)
    thought = examined(ask=Answered(Reply(reasoning="Let me count", state=State.LENGTH), (0.1,)))["answer"]
    assert (thought.verdict, "Let me count" in thought.detail) == ("ok", True)


def test_what_the_answer_notes_is_told() -> None:
    noted = Reply("Hi", state=State.COMPLETE, warnings=("sent without 'temperature'",))
    assert "sent without 'temperature'" in examined(ask=Answered(noted, (0.1,)))["answer"].detail


@pytest.mark.parametrize(
    ("pieces", "verdict", "words"),
    [
        ((0.1,), "warning", "in one piece after 0.10 s"),
        ((2.0, 2.01, 2.02, 2.03, 2.04), "warning", "5 pieces came all at once after 2.00 s"),
        ((0.1, 0.101, 0.102, 0.103, 0.104), "ok", "5 pieces"),
        ((2.0, 2.5, 3.0, 3.5, 4.0), "ok", "over 2.00 s"),
        ((2.0, 2.01), "ok", "2 pieces"),
        ((20.0, 20.1, 20.2, 20.3, 20.4), "ok", "over 0.40 s"),
    ],
)
def test_the_times_of_the_pieces_tell_whether_something_holds_them_back(
    pieces: tuple[float, ...], verdict: str, words: str
) -> None:
    long = Reply("1, 2, 3, " * 10, state=State.COMPLETE)
    found = examined(ask=Answered(long, pieces))["streaming"]
    assert (found.verdict, words in found.detail) == (verdict, True)


def test_a_built_in_model_is_not_held_back_by_anything_though_its_first_answer_waits_for_its_tables() -> None:
    builtin = replace(SPEC, builtin=True)
    at_once = Answered(GOOD, (2.0, 2.001, 2.002, 2.003, 2.004))
    steps = {step.name: step for step in examine(builtin, Findings(ask=at_once), itertools.count().__next__)}
    assert (steps["streaming"].verdict, steps["streaming"].detail) == (
        "ok",
        "5 pieces, the first after 2.00 s, over 0.00 s",
    )


def test_a_short_answer_may_come_in_one_piece() -> None:
    assert examined(ask=Answered(Reply("Hello", state=State.COMPLETE), (0.1,)))["streaming"].verdict == "ok"


def test_a_server_that_does_not_count_is_a_warning() -> None:
    assert examined(ask=Answered(Reply("Hi", state=State.COMPLETE), (0.1,)))["usage"].verdict == "warning"
    counted = Reply("Hi", state=State.COMPLETE, usage=Usage(total_tokens=9))
    assert examined(ask=Answered(counted, (0.1,)))["usage"].detail == "tokens 9"


@pytest.mark.parametrize(
    ("reply", "verdict", "words"),
    [
        (ASKED_FOR, "ok", "get_weather"),
        (Reply("Sunny.", state=State.COMPLETE), "warning", "and said: Sunny."),
        (Reply(state=State.TOOL_CALLS, tool_calls=(ToolCall("a", "f", "{"),)), "warning", "not JSON"),
        (Reply(state=State.ERROR, error=InBandError("no tools here")), "warning", "no tools here"),
    ],
)
def test_whether_tools_are_kept_is_told(reply: Reply, verdict: str, words: str) -> None:
    found = examined(ask_tools=Answered(reply, ()))["tools"]
    assert (found.verdict, words in found.detail) == (verdict, True)


def test_a_model_declared_without_tools_is_not_asked_for_them() -> None:
    spec = ModelSpec("llama", "tiny", SPEC.endpoint, capabilities=Capabilities(tools=False))
    assert examined(spec)["tools"].verdict == "skipped"


def test_a_diagnosis_names_its_worst_step_and_is_plain_data() -> None:
    ok, odd, bad = Step("a", "ok", "x"), Step("b", "warning", "y"), Step("c", "failed", "z", "mend it", 0.5)
    assert Diagnosis("llama", (ok,)).worst is None
    assert not Diagnosis("llama", ()).ok
    assert Diagnosis("llama", (ok, odd)).worst is odd
    assert Diagnosis("llama", (ok, odd)).ok
    assert repr(Diagnosis("llama", (ok,))) == "Diagnosis('llama', 'all is well')"
    assert repr(Diagnosis("llama", (ok, odd, bad))) == "Diagnosis('llama', 'failed at c: z')"
    found = Diagnosis("llama", (ok, odd, bad))
    assert (found.worst, found.ok) == (bad, False)
    plain = json.loads(json.dumps(found.as_dict()))
    assert (plain["model"], plain["ok"], plain["steps"][2]) == (
        "llama",
        False,
        {"name": "c", "verdict": "failed", "detail": "z", "next_step": "mend it", "seconds": 0.5},
    )


def test_what_a_hostile_server_says_stays_on_its_line() -> None:
    nasty = Reply("a\x1b[2J\n\nb" * 1000, state=State.COMPLETE, served_model="m\x1b]0;x\x07\n" * 50)
    detail = examined(ask=Answered(nasty, (0.1, 0.2)))["answer"].detail
    assert len(detail) < 300
    assert "\x1b" not in detail
    assert "\n" not in detail
