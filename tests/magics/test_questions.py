"""A line magic's question may end in a question mark."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from byom_magics.magics import questions


def bare_shell() -> Any:
    config = Config()
    config.HistoryManager.enabled = False
    shell: Any = InteractiveShell(config=config)  # type: ignore[no-untyped-call]
    atexit.unregister(shell.atexit_operations)
    return shell


@pytest.fixture
def shell() -> Iterator[Any]:
    shell = bare_shell()
    uninstall = questions.install(shell)
    yield shell
    uninstall()


@pytest.mark.parametrize(
    "asked",
    [
        "demo/pydoc What is a slice?",
        "demo/pydoc Why?",
        "llama really??",
        "llama What's this?",
        'llama what is "this?',
        "llama -t 0.5 Is f(x) = {x} a set?",
        "llama Wozu dient яблоко?",
    ],
)
@pytest.mark.parametrize("indent", ["", "    "])
def test_a_question_is_asked_and_not_taken_for_a_call_for_help(shell: Any, asked: str, indent: str) -> None:
    head = "if True:\n" if indent else "x = 1\n"
    code = shell.transform_cell(f"{head}{indent}%byom {asked}\n{indent}y = 2\n")
    assert code == f"{head}{indent}get_ipython().run_line_magic('byom', {asked!r})\n{indent}y = 2\n"


@pytest.mark.parametrize("help_call", ["%byom?", "%%byom?", "%byom??", "len?", "%byom_register?"])
def test_a_call_for_help_stays_one(shell: Any, help_call: str) -> None:
    assert "pinfo" in shell.transform_cell(help_call)


@pytest.mark.parametrize("code", ["text = '''\n%byom llama Why?\n'''\n", "# %byom llama Why?\n", "%byom_x llama Why\n"])
def test_other_lines_are_left_as_they_are(shell: Any, code: str) -> None:
    changed = shell.transform_cell(code)
    assert changed == code or "byom_x" in changed


def test_the_lines_before_and_after_may_be_magics_too(shell: Any) -> None:
    code = shell.transform_cell("!ls\n%byom llama Why?\n%byom llama And why not?\nlen?\n")
    assert "run_line_magic('byom', 'llama Why?')" in code
    assert "run_line_magic('byom', 'llama And why not?')" in code
    assert "'pinfo', 'len'" in code


def test_nothing_is_left_when_it_is_taken_away() -> None:
    shell = bare_shell()
    before = list(shell.input_transformer_manager.token_transformers)
    questions.install(shell)()
    assert shell.input_transformer_manager.token_transformers == before
