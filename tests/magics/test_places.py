from __future__ import annotations

from typing import Any

from byom_magics.magics.places import Places, parent_message


class Kernel:
    def __init__(self) -> None:
        self.message: dict[str, Any] = {}

    def get_parent(self, channel: str) -> dict[str, Any]:
        assert channel == "shell"
        return self.message

    def run(self, cell: str, message: str) -> None:
        self.message = {"header": {"msg_id": message}, "metadata": {"cellId": cell}}


class Shell:
    def __init__(self) -> None:
        self.kernel = Kernel()


def test_each_question_of_a_cell_has_a_place_of_its_own_and_the_same_when_the_cell_runs_again() -> None:
    shell: Any = Shell()
    places = Places(shell)
    shell.kernel.run("a", "1")
    first = [places.next(), places.next()]
    shell.kernel.run("b", "2")
    other = places.next()
    shell.kernel.run("a", "3")
    assert [places.next(), places.next()] == first
    assert len({*first, other}) == 3


def test_without_names_of_cells_each_question_has_a_place_of_its_own() -> None:
    shell: Any = Shell()
    shell.kernel.message = {"header": {"msg_id": "1"}, "metadata": {}}
    places = Places(shell)
    assert places.next() != places.next()
    terminal: Any = object()
    places = Places(terminal)
    assert places.next() != places.next()
    assert parent_message(terminal) == {}


def test_older_kernels_keep_their_message_with_the_shell() -> None:
    class Older:
        def __init__(self) -> None:
            self.kernel = object()
            self.parent_header = {"header": {"msg_id": "1"}, "metadata": {"cellId": "a"}}

    shell: Any = Older()
    assert Places(shell).next() == ("a", 0)
