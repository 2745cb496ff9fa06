from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from IPython.core import completer

import byom_magics as byom
from byom_magics.magics.completion import TABLES, _install_hook, candidates
from byom_magics.magics.discover import DISCOVER
from byom_magics.magics.options import ASK, FORMATS, REGISTER
from tests.magics.notebook import notebook

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook

NAMES = {
    "preset": lambda: ["anthropic", "ollama"],
    "endpoint": lambda: ["ours"],
    "dialect": lambda: ["anthropic", "gemini"],
}
KEYS = ("llama", "llama-big", "demo/pydoc", "openai/gpt-4o")
ASKING = list(ASK.flags())
REGISTERING = list(REGISTER.flags())


@pytest.mark.parametrize(
    ("before", "fragment", "words"),
    [
        # the key
        ("%%byom ", "", list(KEYS)),
        ("%byom ", "", list(KEYS)),
        ("    %byom ", "", list(KEYS)),
        ("%%byom\t", "", list(KEYS)),
        ("%%byom lla", "lla", ["llama", "llama-big"]),
        ("%%byom demo/", "demo/", ["demo/pydoc"]),
        ("%%byom zzz", "zzz", []),
        ("%byom_forget ", "", list(KEYS)),
        ("%byom_forget op", "op", ["openai/gpt-4o"]),
        ("%byom_default ", "", list(KEYS)),
        ("%byom_fix ", "", list(KEYS)),
        ("%byom_fix llama --no", "--no", ["--no-cache", "--no-cell"]),
        ("%byom_cache ", "", ["clear"]),
        ("%byom_cache cl", "cl", ["clear"]),
        ("%byom_cache clear ", "", []),
        ("%byom_forget llama ", "", []),
        ("%byom_models ", "", list(KEYS)),
        ("%byom_models -v lla", "lla", ["llama", "llama-big"]),
        ("%byom_register ", "", REGISTERING),
        ("%byom_doctor ", "", list(KEYS)),
        ("%byom_doctor llama --q", "--q", ["--quick"]),
        ("%byom_discover ", "", list(DISCOVER.flags())),
        ("%byom_discover --preset ol", "ol", ["ollama"]),
        # what a column has for itself
        ("%%byom_compare llama[te", "llama[te", ["llama[temperature="]),
        (
            "%%byom_compare llama[seed=1,s",
            "llama[seed=1,s",
            [f"llama[seed=1,{name}=" for name in ("system", "seed", "stop")],
        ),
        ('%%byom_compare llama[system="a, b"] lla', "lla", ["llama", "llama-big"]),
        ("%%byom_compare llama[temperature=0", "llama[temperature=0", []),
        # after options, and their values
        ("%%byom -t 0.5 ", "", list(KEYS)),
        ("%%byom --raw lla", "lla", ["llama", "llama-big"]),
        ("%%byom -s llama ", "", list(KEYS)),
        ('%%byom -s "be brief" ', "", list(KEYS)),
        ('%%byom -s "be brief" llama ', "", ASKING),
        ('%%byom -o a={"b": 1} ', "", list(KEYS)),
        # options
        ("%%byom llama ", "", ASKING),
        ("%%byom llama -", "-", ASKING),
        ("%%byom -", "-", ASKING),
        ("%%byom llama --t", "--t", ["--temperature", "--top-p", "--tools", "--to-cell", "--timeout", "--timeouts"]),
        ("%%byom llama --qu", "--qu", ["--quiet"]),
        (
            "%byom_register gpt --url http://localhost --pric",
            "--pric",
            ["--price-in", "--price-out", "--price-cached-in", "--price-cached-out"],
        ),
        ("%byom_register gpt --preset ", "", ["anthropic", "ollama"]),
        ("%byom_register gpt --preset oll", "oll", ["ollama"]),
        ("%byom_register gpt --preset=oll", "--preset=oll", ["--preset=ollama"]),
        ("%byom_register gpt --endpoint ", "", ["ours"]),
        ("%byom_register gpt --dialect g", "g", ["gemini"]),
        ("%byom_register gpt --tls ", "", ["1.2", "1.3"]),
        ("%byom_forget --endpoint ", "", ["ours"]),
        ("%byom_register gpt ", "", REGISTERING),
        # values
        ("%%byom llama -f ", "", list(FORMATS)),
        ("%%byom llama --format mar", "mar", ["markdown"]),
        ("%%byom llama --format=", "--format=", [f"--format={each}" for each in FORMATS]),
        ("%%byom llama --format=mar", "--format=mar", ["--format=markdown"]),
        ("%%byom llama --on-error ", "", ["raise", "show"]),
        ("%%byom llama -t ", "", []),
        ("%%byom llama -s ", "", []),
        ("%%byom -s lla", "lla", []),
        ('%%byom -s "lla', '"lla', []),
        ('%%byom "lla', '"lla', []),
        ("%byom_register gpt --url ", "", []),
        # in a prompt
        ("%byom llama Why is ", "", []),
        ("%byom llama Why -", "-", []),
        ("%byom llama Why lla", "lla", []),
        ("%byom llama Wh", "Wh", []),
    ],
)
def test_what_may_come_at_the_cursor_is_offered(before: str, fragment: str, words: list[str]) -> None:
    assert candidates(before, KEYS, NAMES) == (fragment, words)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "%%byom",
        "%byom",
        "%byom_reg",
        "x = 1 ",
        "print(%byom ",
        "%timeit ",
        "%%bash ",
        "byom ",
        "# %byom ",
        "%%%byom ",
    ],
)
def test_other_lines_are_none_of_ours(before: str) -> None:
    assert candidates(before, KEYS) is None


# In a shell


def completed(nb: Notebook, cell: str) -> list[str]:
    """What Tab offers at the bar in a cell, as whole texts in place of the fragment."""
    at = cell.index("|")
    code = cell[:at] + cell[at + 1 :]
    with completer.provisionalcompleter():
        found: list[Any] = list(nb.shell.Completer.completions(code, at))
    return [code[each.start : at] + "→" + each.text for each in found]


ALONE = hasattr(completer, "context_matcher")
"""Whether ours can take the place of all others, which IPython knows since 8.6."""


@pytest.mark.parametrize(
    ("cell", "offered"),
    [
        ("%%byom demo/|", ["demo/→demo/pydoc", "demo/→demo/bigram", "demo/→demo/5gram"]),
        ("%%byom demo/p|", ["demo/p→demo/pydoc"]),
        ("%%byom demo/p|\nWhat is a slice?", ["demo/p→demo/pydoc"]),
        ("%byom demo/5|", ["demo/5→demo/5gram"]),
        ("x = 1\n%byom demo/5|", ["demo/5→demo/5gram"]),
        ("for x in y:\n    %byom_default demo/b|", ["demo/b→demo/bigram"]),
        ("%%byom demo/pydoc --temp|", ["--temp→--temperature"]),
        ("%%byom demo/pydoc -f mar|", ["mar→markdown"]),
        ("%%byom demo/pydoc --format=mar|", ["--format=mar→--format=markdown"]),
        ("%byom_register gpt --api|", ["--api→--api-key"]),
        ("%byom_register gpt --preset anth|", ["anth→anthropic"]),
        ("%byom_register gpt --dialect openai_r|", ["openai_r→openai_responses"]),
        ("%byom_register gpt --endpoint se|", ["se→served"]),
    ],
)
def test_tab_completes_keys_options_and_values(nb: Notebook, cell: str, offered: list[str]) -> None:
    byom.register("model", url="http://localhost:1/v1", endpoint="served")
    found = completed(nb, cell)
    if ALONE:
        assert sorted(found) == sorted(offered)
    else:
        ends = [each.partition("→")[2] for each in found]
        assert [each for each in offered if not any(each.endswith(end) for end in ends)] == []


def test_every_magic_with_options_is_completed(nb: Notebook) -> None:
    names = {name for name in nb.shell.magics_manager.magics["line"] if name.startswith("byom")}
    assert set(TABLES) == names - {"byom_picker"}


def test_tab_offers_models_registered_since_and_no_forgotten_ones(nb: Notebook) -> None:
    byom.register("llama", url="http://localhost:1/v1")
    byom.forget("demo/bigram")
    found = [each for each in completed(nb, "%%byom |") if "demo" in each or "llama" in each]
    assert sorted(found) == ["→demo/5gram", "→demo/pydoc", "→llama"]


@pytest.mark.parametrize(
    "cell", ["%%byom demo/pydoc\ndemo/|", "%%byom demo/pydoc\n%%byom demo/|", "x = 1\n%%byom demo/|"]
)
def test_in_the_text_of_a_prompt_nothing_of_ours_is_offered(nb: Notebook, cell: str) -> None:
    if not ALONE and "\n%%" in cell:
        pytest.skip("before 8.6, IPython told a completer no more than the line")
    assert not [each for each in completed(nb, cell) if "pydoc" in each]


def test_the_rest_of_completion_stays_as_it_was(nb: Notebook) -> None:
    nb.ok("wonderful_name = 1")
    assert completed(nb, "wonderful_n|") == ["wonderful_n→wonderful_name"]
    assert completed(nb, "%byom_reg|") == ["%byom_reg→%byom_register"]


@pytest.mark.parametrize(
    ("before", "symbol", "offered"),
    [
        ("%%byom demo/p", "demo/p", ["demo/pydoc"]),
        ("%%byom qwen:7", "7", ["7b"]),
        ("%%byom -f mar", "mar", ["markdown"]),
        ("%%byom --format=mar", "mar", ["markdown"]),
        ("%%byom --temp", "--temp", ["--temperature"]),
        ('%%byom -s "a b', "b", []),
    ],
)
def test_the_older_hook_of_ipython_offers_the_same(before: str, symbol: str, offered: list[str]) -> None:
    class Typed:
        line = text_until_cursor = before

    Typed.symbol = symbol  # type: ignore[attr-defined]
    byom.register("qwen:7b", url="http://localhost:1/v1")
    with notebook() as nb:
        hooks = nb.shell.strdispatchers["complete_command"]
        names = set(hooks.strs)
        uninstall = _install_hook(nb.shell, byom.models)
        (hook,) = list(hooks.s_matches("%%byom"))
        assert hook(Typed()) == offered
        uninstall()
        assert set(hooks.strs) == names


def test_a_comparison_takes_several_models_each_once() -> None:
    keys = ("llama", "gpt", "llava")
    assert candidates("%%byom_compare llama ll", keys) == ("ll", ["llava"])
    assert candidates("%%byom_compare llama --ver", keys) == ("--ver", [])
