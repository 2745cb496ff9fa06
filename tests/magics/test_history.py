"""%byom_history and %byom_reset: what can be typed, and what it does; how it is shown has tests of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from byom_magics.errors import ConversationError, OptionError, UnknownModelError
from byom_magics.events import Reply, State
from byom_magics.magics.history import ConversationMagics
from byom_magics.messages import Message
from byom_magics.talk.history import Conversations
from byom_magics.talk.transcript import from_json

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook


@pytest.fixture
def talks(nb: Notebook) -> Conversations:
    """No conversation yet, and the magics that show them."""
    made = Conversations()
    nb.shell.register_magics(ConversationMagics(nb.shell, SimpleNamespace(conversations=made, spec=_known)))
    return made


def _known(key: str) -> None:
    if key not in ("llama", "gpt"):
        raise UnknownModelError(f"No model is registered as '{key}'.")


def say(talks: Conversations, model: str, name: str, *questions: str) -> None:
    for question in questions:
        said = [Message("user", question)]
        talks.of(model, name).record(question, said, Reply("yes", state=State.COMPLETE, model=model))


@pytest.fixture
def two(talks: Conversations) -> Conversations:
    """Two models with a conversation each, and one that has none."""
    say(talks, "llama", "work", "Why is the sky blue?", "And at dusk?")
    say(talks, "gpt", "", "Why is grass green?")
    return talks


def test_without_a_conversation_it_says_how_to_begin_one(nb: Notebook, talks: Conversations) -> None:
    assert "Begin one: %%byom MODEL -c" in nb.ok("%byom_history").printed
    assert "begin one" in nb.fails("%byom_history work", ConversationError)


def test_the_only_conversation_needs_no_name(nb: Notebook, talks: Conversations) -> None:
    say(talks, "llama", "work", "Why is the sky blue?")
    cell = nb.ok("%byom_history")
    assert "Conversation work with llama · 1 turn" in cell.plain
    assert "Why is the sky blue?" in cell.plain
    assert "Why is the sky blue?" in cell.html


def test_several_conversations_are_listed(nb: Notebook, two: Conversations) -> None:
    plain = nb.ok("%byom_history").plain
    assert "work    llama  2" in plain
    assert "(none)  gpt    1" in plain


def test_a_conversation_is_shown_by_its_name_or_its_model(nb: Notebook, two: Conversations) -> None:
    for line in ("work", "llama:work", "work --model llama", "--model llama"):
        assert "And at dusk?" in nb.ok(f"%byom_history {line}").plain
    for line in ("gpt", "gpt:", "--model gpt"):
        assert "Why is grass green?" in nb.ok(f"%byom_history {line}").plain


def test_only_the_last_turns_are_shown_if_that_is_wanted(nb: Notebook, two: Conversations) -> None:
    plain = nb.ok("%byom_history work --last 1").plain
    assert "And at dusk?" in plain
    assert "sky" not in plain


def test_an_unknown_name_is_told_with_its_neighbours(nb: Notebook, two: Conversations) -> None:
    assert "did you mean work" in nb.fails("%byom_history wrok", ConversationError)


@pytest.mark.parametrize("line", ["a b", "--lst 3", "work --last 0", "work --last x", "work --force"])
def test_what_cannot_be_done_is_refused_with_what_can(nb: Notebook, two: Conversations, line: str) -> None:
    assert "Next: " in nb.fails(f"%byom_history {line}", OptionError)


def test_what_is_one_of_several_has_to_be_named(nb: Notebook, two: Conversations) -> None:
    for line in ("%byom_history --export x.md", "%byom_history --last 3", "%byom_reset"):
        assert "say which: llama:work, gpt:" in nb.fails(line, ConversationError)
    assert len(list(two)) == 2


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the notebook runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_conversation_is_written_as_markdown_and_as_json(nb: Notebook, two: Conversations, folder: Path) -> None:
    assert (
        nb.ok("%byom_history work --export talk.md").printed
        == "Wrote 2 turns of the conversation work with llama to talk.md.\n"
    )
    assert "```\nAnd at dusk?\n```" in (folder / "talk.md").read_text(encoding="utf-8")
    nb.ok("%byom_history work --export 'a folder.JSON' --last 1")
    again = from_json((folder / "a folder.JSON").read_text(encoding="utf-8"))
    assert [each.asked[0].text for each in again.exchanges] == ["And at dusk?"]
    assert names(folder) == ["a folder.JSON", "talk.md"]


def test_a_file_that_is_there_stays_unless_it_is_forced(nb: Notebook, two: Conversations, folder: Path) -> None:
    file = folder / "talk.json"
    file.write_text("mine", encoding="utf-8")
    assert "--force" in nb.fails("%byom_history work --export talk.json", ConversationError)
    assert file.read_text(encoding="utf-8") == "mine"
    nb.ok("%byom_history work --export talk.json --force")
    assert json.loads(file.read_text(encoding="utf-8"))["name"] == "work"
    assert names(folder) == ["talk.json"]


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(
    nb: Notebook, two: Conversations, folder: Path
) -> None:
    assert "cannot be written" in nb.fails("%byom_history work --export nowhere/talk.md", ConversationError)
    (folder / "talk.md").mkdir()
    assert "cannot be written" in nb.fails("%byom_history work --export talk.md --force", ConversationError)
    assert names(folder) == ["talk.md"]


def test_a_write_that_breaks_off_leaves_the_file_as_it_was(
    nb: Notebook, two: Conversations, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (folder / "talk.md").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(os, "fsync", full)
    told = nb.fails("%byom_history work --export talk.md --force", ConversationError)
    assert "talk.md cannot be written: No space left on device." in told
    assert (folder / "talk.md").read_text(encoding="utf-8") == "mine"
    assert names(folder) == ["talk.md"]


def test_what_was_written_is_read_back(nb: Notebook, two: Conversations, folder: Path) -> None:
    nb.ok(f"%byom_history work --export {folder}/work.json")
    nb.ok("%byom_reset work")
    assert "%%byom llama -c work goes on" in nb.ok(f"%byom_history --import {folder}/work.json").printed
    assert [each.asked[0].text for each in two.of("llama", "work").exchanges] == [
        "Why is the sky blue?",
        "And at dusk?",
    ]
    nb.ok(f"%byom_history other --model gpt --import {folder}/work.json")
    assert len(two.of("gpt", "other")) == 2


def test_reading_replaces_no_conversation_unless_it_is_forced(nb: Notebook, two: Conversations, folder: Path) -> None:
    nb.ok(f"%byom_history work --export {folder}/work.json")
    say(two, "llama", "work", "A third?")
    assert "already" in nb.fails(f"%byom_history --import {folder}/work.json", ConversationError)
    assert len(two.of("llama", "work")) == 3
    nb.ok(f"%byom_history --import {folder}/work.json --force")
    assert len(two.of("llama", "work")) == 2


def test_what_cannot_be_read_back_is_told(nb: Notebook, two: Conversations, folder: Path) -> None:
    (folder / "bad.json").write_bytes(b"\xff")
    assert "UTF-8" in nb.fails(f"%byom_history --import {folder}/bad.json", ConversationError)
    assert "cannot be read" in nb.fails(f"%byom_history --import {folder}/none.json", ConversationError)
    nb.ok(f"%byom_history work --export {folder}/work.json")
    assert "mine" in nb.fails(f"%byom_history --model mine --import {folder}/work.json", UnknownModelError)
    assert "whole" in nb.fails(f"%byom_history --last 1 --import {folder}/work.json", OptionError)
    assert "exclude" in nb.fails(f"%byom_history --import a.json --export {folder}/b.json", OptionError)


def test_another_kind_of_file_is_refused(nb: Notebook, two: Conversations, folder: Path) -> None:
    for name in ("talk.html", "talk", ".md"):
        assert ".md or .json" in nb.fails(f"%byom_history work --export {name}", OptionError)
    assert names(folder) == []


def test_a_conversation_is_forgotten_by_its_name(nb: Notebook, two: Conversations) -> None:
    assert nb.ok("%byom_reset work").printed == "Forgot the conversation work with llama: 2 turns.\n"
    assert [each.written for each in two] == ["gpt:"]
    assert nb.ok("%byom_reset").printed == "Forgot the conversation with gpt: 1 turn.\n"
    assert "begin one" in nb.fails("%byom_reset", ConversationError)


def test_all_are_forgotten_or_all_of_a_model(nb: Notebook, two: Conversations) -> None:
    say(two, "gpt", "more", "Why?")
    assert (
        nb.ok("%byom_reset --all --model gpt").printed
        == "Forgot the conversation with gpt: 1 turn.\nForgot the conversation more with gpt: 1 turn.\n"
    )
    assert nb.ok("%byom_reset --all").printed == "Forgot the conversation work with llama: 2 turns.\n"
    assert nb.ok("%byom_reset --all").printed == "There was no conversation to forget.\n"
    assert "exclude each other" in nb.fails("%byom_reset work --all", OptionError)


def test_the_manuals_name_every_option(nb: Notebook, talks: Conversations) -> None:
    history, reset = (nb.shell.find_magic(name).__doc__ for name in ("byom_history", "byom_reset"))
    for word in ("--model", "--last", "--export", "--force"):
        assert word in history
    for word in ("--model", "--all"):
        assert word in reset
