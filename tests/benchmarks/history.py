"""What a turn of a long conversation costs beside one of a short one, apart from what is sent."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.events import Ended, Event, State, TextDelta
from byom_magics.session import Session
from byom_magics.show.answer import reply_bundle
from byom_magics.show.history import past_shown
from tests.benchmarks import answers
from tests.benchmarks.figures import Figure, at_most, note, show

if TYPE_CHECKING:
    from byom_magics.talk.history import Conversation

__all__ = ["TITLE", "measure"]

_TURNS = 200
_FEW = 10
TITLE = f"History: turns {_TURNS - _FEW + 1} to {_TURNS} of a conversation beside its first {_FEW}"

_ANSWER = answers.markdown(2_000)


def measure(rounds: int = 9) -> list[Figure]:
    """
    Go through conversations whose calls are answered at once, without anything being sent.

    Args:
        rounds: How many conversations; the figures are medians over all of their turns.
    """
    _conversation(_FEW)  # what is loaded when first used
    talks = [_conversation(_TURNS) for _ in range(rounds)]
    few = [turn for talk in talks for turn in talk[:_FEW]]
    many = [turn for talk in talks for turn in talk[-_FEW:]]
    assembled = (_median(turn.assembled for turn in few), _median(turn.assembled for turn in many))
    recorded = (_median(turn.recorded for turn in few), _median(turn.recorded for turn in many))
    shown = (_median(turn.shown for turn in few), _median(turn.shown for turn in many))
    listed = (_median(turn.listed for turn in few), _median(turn.listed for turn in many))
    whole = (_median(turn.whole for turn in few), _median(turn.whole for turn in many))
    return [
        at_most("a turn, assembled, answered, kept and shown", whole[1] / whole[0], 1.5),
        at_most("%byom_history --last 3 after each turn", listed[1] / listed[0], 1.5),
        note("  a turn, ms", _both(whole)),
        note("  of it assembling, ms", _both(assembled)),
        note("  of it taking in the answer and keeping it, ms", _both(recorded)),
        note("  of it showing the answer, ms", _both(shown)),
        note("  %byom_history --last 3, ms", _both(listed)),
    ]


@dataclass(frozen=True)
class _Turn:
    assembled: float
    recorded: float
    shown: float
    listed: float

    @property
    def whole(self) -> float:
        return self.assembled + self.recorded + self.shown


@dataclass(frozen=True)
class _Moments:
    started: float
    first_content: float | None = None


class _Answered:
    """A call that is answered before it was sent."""

    def __init__(self) -> None:
        self.moments = _Moments(time.monotonic())

    def batches(self, wait_s: float) -> Iterator[list[Event]]:
        yield [*(TextDelta(piece) for piece in answers.pieces(_ANSWER)), Ended(State.COMPLETE, finish_reason="stop")]

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


class _Session(Session):
    """A session that sends nothing."""

    def _send(self, *given: object, **options: object) -> _Answered:  # type: ignore[override]
        return _Answered()


def _conversation(turns: int) -> list[_Turn]:
    session = _Session()
    session.register("bench", url="https://llm.example.com/v1", context_window=1_000_000)
    gc.collect()
    found = [_turn(session, number) for number in range(turns)]
    assert len(_past(session)) == turns
    session.close()
    return found


def _turn(session: Session, number: int) -> _Turn:
    began = time.perf_counter()
    turn = session.stream("bench", f"Question {number}?", conversation="long", place=(f"cell-{number}", 0))
    assembled = time.perf_counter()
    with turn:
        for _ in turn.batches():
            pass
    recorded = time.perf_counter()
    reply_bundle(turn.reply)
    shown = time.perf_counter()
    past_shown(_past(session), 3)
    return _Turn(assembled - began, recorded - assembled, shown - recorded, time.perf_counter() - shown)


def _past(session: Session) -> Conversation:
    return session.conversations.of("bench", "long")


def _median(seconds: Iterator[float]) -> float:
    return statistics.median(seconds)


def _both(seconds: tuple[float, float]) -> str:
    return f"{seconds[0] * 1000:.2f} in the first turns, {seconds[1] * 1000:.2f} in the last ones"


if __name__ == "__main__":
    show(TITLE, measure())
