"""Looks that are driven together: each gets its own answers, and at the end of the time what there is."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Hashable

from byom_magics.catalog.looking import Ask, Asked, Look, Offered, Place
from byom_magics.catalog.servers import Answer
from byom_magics.catalog.walking import drive
from byom_magics.errors import ByomError, PolicyError


class World:
    """Answers at once, in the order of the questions; paths with ``silent`` in them never."""

    def __init__(self) -> None:
        self.ready: deque[tuple[Hashable, Answer | ByomError]] = deque()
        self.limits: list[float] = []

    def start(self, tag: Hashable, ask: Ask, seconds: float) -> None:
        self.limits.append(seconds)
        if "forbidden" in ask.path:
            what = "No."
            raise PolicyError(what)
        if "silent" not in ask.path:
            self.ready.append((tag, Answer(200, {}, ask.path.encode())))

    def next(self, _: float) -> tuple[Hashable, Answer | ByomError] | None:
        return self.ready.popleft() if self.ready else None


def asking(*rounds: list[str]) -> Look:
    """A look that asks round by round, and tells what came of each."""
    said = []
    for paths in rounds:
        asks = [Ask("", path) for path in paths]
        asked: Asked = yield asks
        said.append("+".join(told(asked.get(ask)) for ask in asks))
    return Offered(Place(" then ".join(said), ""))


def told(came: Answer | ByomError | None) -> str:
    return "nothing" if came is None else came.body.decode() if isinstance(came, Answer) else type(came).__name__


def outcome(*looks: Look) -> list[str]:
    world = World()
    return [each.place.server for each in drive(looks, world.start, world.next, seconds=5) if each.place]


def test_each_look_gets_the_answers_to_its_own_questions_round_by_round() -> None:
    assert outcome(asking(["a", "b"], ["c"]), asking(["d"]), asking()) == ["a+b then c", "d", ""]


def test_a_look_whose_answers_do_not_come_gets_what_there_is_and_may_ask_no_more() -> None:
    assert outcome(asking(["a", "silent"], ["b"]), asking(["c"], ["d"])) == ["a+nothing then nothing", "c then d"]


def test_a_question_that_cannot_be_asked_is_answered_by_the_reason() -> None:
    assert outcome(asking(["forbidden", "a"], ["forbidden"], ["b"])) == ["PolicyError+a then PolicyError then b"]


def test_no_question_may_take_longer_than_there_is_time() -> None:
    world = World()
    drive([asking(["a"])], world.start, world.next, seconds=0.5)
    assert 0 < world.limits[0] <= 0.5


def test_without_time_nothing_is_waited_for() -> None:
    def waits() -> Generator[list[Ask], Asked, Offered]:
        asked = yield [Ask("", "a")]
        return Offered(None, complete=bool(asked))

    def never(_: float) -> None:
        raise AssertionError

    assert drive([waits()], World().start, never, seconds=0) == [Offered(None, complete=False)]
