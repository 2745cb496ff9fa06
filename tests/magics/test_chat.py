from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics import session
from byom_magics.errors import ConversationError, OptionError, SecretError, UnknownModelError
from byom_magics.events import Reply
from byom_magics.widgets import chat as chat_module

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook


class Opened:
    """What would be opened: the sides, the options, and what adopts a reply."""

    def __init__(self) -> None:
        self.sides: Sequence[tuple[str, str]] = ()
        self.options: Mapping[str, Any] = {}
        self.adopt: Any = None
        self.changes = False

    def show(
        self, _: object, sides: Sequence[tuple[str, str]], options: Mapping[str, Any], adopt: object, *, changes: bool
    ) -> None:
        self.sides, self.options, self.adopt, self.changes = sides, options, adopt, changes


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    opened = Opened()
    monkeypatch.setattr(chat_module, "show_chat", opened.show)
    return opened


def test_without_a_model_it_is_the_default(nb: Notebook, opened: Opened) -> None:
    assert "%byom_default" in nb.fails("%byom_chat", UnknownModelError)
    nb.ok("%byom_default demo/bigram\n%byom_chat")
    assert opened.sides == [("demo/bigram", "")]


def test_models_stand_side_by_side(nb: Notebook, opened: Opened) -> None:
    nb.ok("%byom_chat demo/pydoc demo/bigram -c lesson")
    assert opened.sides == [("demo/pydoc", "lesson"), ("demo/bigram", "lesson")]


@pytest.mark.parametrize("line", ["-c lesson demo/pydoc", "demo/pydoc --name lesson", "demo/pydoc --continue=lesson"])
def test_a_conversation_is_named(nb: Notebook, opened: Opened, line: str) -> None:
    nb.ok(f"%byom_chat {line}")
    assert opened.sides == [("demo/pydoc", "lesson")]


def test_a_model_after_c_is_no_name(nb: Notebook, opened: Opened) -> None:
    nb.ok("%byom_chat -c demo/pydoc")
    assert opened.sides == [("demo/pydoc", "")]


def test_its_options_are_those_of_a_question(nb: Notebook, opened: Opened) -> None:
    nb.ok(
        "%byom_chat demo/pydoc -s 'Be brief.' -t 0.5 --max-tokens 7 --top-p 0.9 --seed 3 --stop END "
        "-o logit_bias=1 --history keep-ends --timeout 9 --timeouts idle=3"
    )
    assert opened.options == {
        "system": "Be brief.",
        "temperature": 0.5,
        "max_tokens": 7,
        "top_p": 0.9,
        "seed": 3,
        "stop": ["END"],
        "extra_body": {"logit_bias": 1},
        "history": "keep-ends",
        "timeout": 9,
        "timeouts": {"idle": 3},
    }


def test_what_makes_no_sense_is_told_before_it_opens(nb: Notebook, opened: Opened) -> None:
    assert "stand beside itself" in nb.fails("%byom_chat demo/pydoc demo/pydoc", OptionError)
    assert "one word too many" in nb.fails("%byom_chat a b c d e", OptionError)
    assert "did you mean" in nb.fails("%byom_chat demo/pydok", UnknownModelError)
    assert "cannot be called" in nb.fails("%byom_chat demo/pydoc -c a:b", ConversationError)
    assert "--tools is no option" in nb.fails("%byom_chat demo/pydoc --tools f", OptionError)
    assert "cannot be fitted" in nb.fails("%byom_chat demo/pydoc --history nonsense", OptionError)
    assert opened.sides == ()


def test_a_key_that_is_typed_is_asked_for_in_the_cell(
    nb: Notebook, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: "")
    nb.ok("%byom_register closed --url https://llm.example/v1 --api-key ask")
    assert "No key was typed." in nb.fails("%byom_chat closed", SecretError)
    monkeypatch.setattr("getpass.getpass", lambda _: "typed")
    nb.ok("%byom_chat closed")
    assert opened.sides == [("closed", "")]


def test_a_reply_is_adopted_into_a_variable_of_the_notebook(nb: Notebook, opened: Opened) -> None:
    nb.ok("%byom_chat demo/pydoc")
    reply = Reply("So.")
    assert opened.adopt("answer", reply) == "answer is the reply now: answer.text, answer.usage, …"
    assert nb.names["answer"] is reply
    assert "is the reply now" in opened.adopt("answer", Reply("Another.")), "a reply gives way to a reply"


@pytest.mark.parametrize("name", ["1st", "two words", "class", "", "a.b", "x" + "\u202e"])
def test_what_is_no_name_is_refused(nb: Notebook, opened: Opened, name: str) -> None:
    nb.ok("%byom_chat demo/pydoc")
    with pytest.raises(OptionError, match="cannot be the name of a variable") as caught:
        opened.adopt(name, Reply("So."))
    assert "\u202e" not in str(caught.value)


def test_a_variable_of_another_kind_is_replaced_only_when_it_is_asked_for_twice(nb: Notebook, opened: Opened) -> None:
    nb.ok("%byom_chat demo/pydoc\nprices = [1, 2]\nrates = [3]")
    assert opened.adopt("prices", Reply("So.")) == "prices is a list already: press Adopt again to replace it."
    assert "press Adopt again" in opened.adopt("rates", Reply("So."))
    assert nb.names["prices"] == [1, 2]
    assert "press Adopt again" in opened.adopt("prices", Reply("So.")), "it was asked for another one meanwhile"
    assert "is the reply now" in opened.adopt("prices", Reply("So."))
    assert nb.names["prices"].text == "So."


def test_a_terminal_prints_what_was_said_and_how_it_goes_on(nb: Notebook) -> None:
    nb.ok("%%byom demo/bigram -c --seed 1 --max-tokens 5\nThe")
    printed = nb.ok("%byom_chat demo/bigram").printed
    assert "Conversation with demo/bigram · 1 turn" in printed
    assert "It goes on in a cell: %%byom demo/bigram -c" in printed
    assert "[You]\nThe" in printed


def test_a_terminal_without_a_conversation_says_how_to_begin(nb: Notebook) -> None:
    assert "%%byom demo/bigram -c" in nb.ok("%byom_chat demo/bigram").printed


def test_the_manual_says_what_it_does_and_lists_its_options(nb: Notebook) -> None:
    manual = nb.shell.magics_manager.magics["line"]["byom_chat"].__doc__
    for text in ("%byom_chat [MODEL]", "Enter sends", "-c, --continue, --name", "--max-tokens"):
        assert text in manual


def test_tab_completes_models_that_are_not_there_yet(nb: Notebook) -> None:
    from byom_magics.magics.completion import candidates

    keys = ("llama", "gpt")
    assert candidates("%byom_chat ", keys) == ("", ["llama", "gpt"])
    assert candidates("%byom_chat llama ", keys) == ("", ["gpt"])
    assert candidates("%byom_chat llama --te", keys) == ("--te", ["--temperature"])
    assert candidates("%byom_chat -c ", keys, {"conversation": lambda: ["lesson"]}) == ("", ["lesson"])


def test_nothing_is_left_of_a_shell_that_is_unloaded(nb: Notebook) -> None:
    nb.ok("%unload_ext byom_magics")
    assert "byom_chat" not in nb.shell.magics_manager.magics["line"]
    assert session.current().on_reply == []
