from __future__ import annotations

import gc
import sys
import weakref
from typing import TYPE_CHECKING, Any

import pytest

import byom_magics as byom
from byom_magics import session
from byom_magics.events import Reply
from tests.magics.notebook import notebook
from tests.wire.answers import GOOD
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.magics.notebook import Notebook

MAGICS = {"byom", "byom_register", "byom_models", "byom_forget", "byom_default", "byom_picker"}


@pytest.fixture
def bare() -> Iterator[Notebook]:
    """A shell in which nothing is loaded."""
    with notebook() as made:
        yield made


def traces(shell: Any) -> dict[str, Any]:
    """Everything of a shell that an extension could leave something in."""
    formatter = shell.display_formatter
    return {
        "magics": {kind: set(names) for kind, names in shell.magics_manager.magics.items()},
        "registry": set(shell.magics_manager.registry),
        "configurables": [type(each).__name__ for each in shell.configurables],
        "names": {
            name for name in shell.user_ns if not name.startswith("_i") and name not in ("_oh", "_dh", "_", "__", "___")
        },
        "hidden": set(shell.user_ns_hidden),
        "matchers": len(shell.Completer.custom_matchers),
        "hooks": set(shell.strdispatchers["complete_command"].strs),
        "formatters": {name: len(each.type_printers) for name, each in formatter.formatters.items()},
        "bundles": len(formatter.mimebundle_formatter.type_printers),
        "callbacks": {name: len(each) for name, each in shell.events.callbacks.items()},
        "transformers": [
            len(shell.input_transformer_manager.token_transformers),
            len(shell.input_transformer_manager.line_transforms),
            len(shell.input_transformer_manager.cleanup_transforms),
            len(shell.ast_transformers),
        ],
        "exceptions": shell.custom_exceptions,
        "hook": sys.excepthook,
    }


def test_loading_adds_the_magics_and_prints_nothing(bare: Notebook) -> None:
    assert bare.ok("%load_ext byom_magics").everything.strip() == ""
    assert set(bare.shell.magics_manager.magics["line"]) >= MAGICS
    assert "byom" in bare.shell.magics_manager.magics["cell"]


def test_unloading_leaves_no_trace(bare: Notebook) -> None:
    bare.run("%unload_ext nothing")  # IPython adds this magic of its own when it is first used
    before = traces(bare.shell)
    bare.ok("%load_ext byom_magics")
    assert traces(bare.shell) != before
    bare.ok("%byom_register llama --url http://localhost:1/v1\n%byom_models")
    bare.run("%%byom demo/bigram --max-tokens 3\nThe")
    bare.ok("%unload_ext byom_magics")
    assert traces(bare.shell) == before


def test_after_unloading_the_session_follows_the_shell_no_more(bare: Notebook) -> None:
    bare.ok("%load_ext byom_magics\n%unload_ext byom_magics")
    byom.ask("demo/bigram", "The", max_tokens=3)
    assert "_byom" not in bare.names
    assert session.current().on_reply == []
    assert session.current().models._watchers == []


def test_reloading_keeps_what_is_registered_and_the_default(bare: Notebook) -> None:
    bare.ok("%load_ext byom_magics")
    bare.ok("%byom_register llama --url http://localhost:1/v1\n%byom_default llama\n%byom_forget demo/pydoc")
    before = traces(bare.shell)
    bare.ok("%reload_ext byom_magics")
    assert "llama" in byom.models
    assert "demo/pydoc" not in byom.models
    assert bare.ok("%byom_default").printed == "A bare %%byom asks llama.\n"
    assert traces(bare.shell) == before


def test_unloading_and_loading_again_keeps_the_last_reply(bare: Notebook) -> None:
    bare.ok("%load_ext byom_magics")
    bare.run("%%byom demo/bigram --max-tokens 3 --quiet\nThe")
    reply = bare.names["_byom"]
    bare.ok("%unload_ext byom_magics\n%load_ext byom_magics")
    assert bare.names["_byom"] is reply


def test_loading_twice_is_loading_once(bare: Notebook) -> None:
    bare.ok("%load_ext byom_magics")
    before = traces(bare.shell)
    assert "already loaded" in bare.ok("%load_ext byom_magics").printed
    byom.load_ipython_extension(bare.shell)
    assert traces(bare.shell) == before


def test_unloading_what_is_not_loaded_is_harmless(bare: Notebook) -> None:
    before = traces(bare.shell)
    byom.unload_ipython_extension(bare.shell)
    assert traces(bare.shell) == before


def test_a_model_registered_in_python_is_known_to_the_magics_and_the_other_way_round(bare: Notebook) -> None:
    with RawServer(GOOD) as server:
        byom.register("early", url=server.url)
        bare.ok("%load_ext byom_magics")
        assert bare.ok("%byom early hi").printed.startswith("Hello")
        bare.ok(f"%byom_register late --url {server.url}")
        assert byom.ask("late", "hi").text == "Hello"


def test_every_reply_of_the_session_is_in_byom_whoever_asked(bare: Notebook) -> None:
    bare.ok("%load_ext byom_magics")
    reply = byom.ask("demo/bigram", "The", max_tokens=3)
    assert bare.names["_byom"] is reply


def test_a_reply_displays_as_its_answer_and_its_text_stays_its_repr(bare: Notebook) -> None:
    bare.ok("%load_ext byom_magics")
    bundle, _ = bare.shell.display_formatter.format(Reply(text="**Because** <script>"))
    assert "<strong>Because</strong>" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert bundle["text/plain"].startswith("Reply(")


def test_a_shell_that_is_gone_is_not_kept_by_the_extension() -> None:
    with notebook() as nb:
        nb.ok("%load_ext byom_magics\n%unload_ext byom_magics")
        from byom_magics.magics import extension

        assert nb.shell not in extension._loaded
        assert isinstance(extension._loaded, weakref.WeakKeyDictionary)
    gc.collect()
