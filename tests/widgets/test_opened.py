from __future__ import annotations

from byom_magics.widgets.opened import Opened


class Thing:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_a_cell_that_runs_again_closes_what_it_showed() -> None:
    opened, first, second, other = Opened(), Thing(), Thing(), Thing()
    opened.keep("a", first.close)
    opened.keep("b", other.close)
    opened.keep("a", second.close)
    assert (first.closed, second.closed, other.closed) == (1, 0, 0)
    assert len(opened) == 2


def test_without_ids_of_cells_the_oldest_goes_when_there_are_too_many() -> None:
    opened, things = Opened(most=3), [Thing() for _ in range(5)]
    for thing in things:
        opened.keep("", thing.close)
    assert [thing.closed for thing in things] == [1, 1, 0, 0, 0]


def test_what_was_closed_otherwise_is_not_closed_again() -> None:
    opened, thing, other = Opened(), Thing(), Thing()
    opened.keep("a", thing.close)
    opened.keep("b", other.close)
    opened.drop(thing.close)
    opened.close_all()
    assert (thing.closed, other.closed, len(opened)) == (0, 1, 0)


def test_closing_may_drop_itself_meanwhile() -> None:
    opened = Opened()

    def close() -> None:
        opened.drop(close)

    opened.keep("a", close)
    opened.keep("a", close)
    opened.close_all()
    assert len(opened) == 0
