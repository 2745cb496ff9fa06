"""Loading, settings, unloading: what the extension adds to a kernel, and that it leaves no trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import IPython
import pytest

from tests.kernel.notebook_kernel import Kernel
from tests.wire.answers import CHUNKED, chunk, frame
from tests.wire.raw_server import RawServer, hold

pytestmark = pytest.mark.kernel

Start = Callable[..., Kernel]

SHELL = """
def _shell_now():
    shell = get_ipython()
    return {
        "magics": {kind: sorted(names) for kind, names in shell.magics_manager.magics.items()},
        "registry": sorted(shell.magics_manager.registry),
        "configurables": [type(each).__name__ for each in shell.configurables],
        "matchers": len(getattr(shell.Completer, "custom_matchers", [])),
        "matched": [getattr(each, "__qualname__", "") for each in getattr(shell.Completer, "matchers", [])],
        "hooks": sorted(shell.strdispatchers["complete_command"].strs) if shell.strdispatchers else [],
        "formatters": {
            name: sorted(str(each) for each in [*formatter.type_printers, *formatter.deferred_printers])
            for name, formatter in shell.display_formatter.formatters.items()
        },
        "bundles": [str(each) for each in shell.display_formatter.mimebundle_formatter.type_printers],
        "names": sorted(name for name in shell.user_ns if not name.startswith("_i") and not name.strip("_").isdigit()),
        "hidden": sorted(name for name in shell.user_ns_hidden if not name.startswith("_i")),
        "events": {name: [each.__qualname__ for each in hooks] for name, hooks in shell.events.callbacks.items()},
        "transformers": [each.__name__ for each in shell.input_transformer_manager.token_transformers],
        "cleanup": len(shell.input_transformers_cleanup) + len(shell.input_transformers_post),
        "ast": len(shell.ast_transformers),
        "tracebacks": [shell.CustomTB.__qualname__, str(shell.custom_exceptions)],
        "excepthook": __import__("sys").excepthook.__qualname__,
    }
"""


def shell_now(kernel: Kernel) -> dict[str, Any]:
    cell = kernel.run("import json as _json; print(_json.dumps(_shell_now()))")
    assert cell.status == "ok", cell.everything
    state: dict[str, Any] = json.loads(cell.text)
    return state


def test_unloading_leaves_no_trace(fresh_kernel: Start) -> None:
    kernel = fresh_kernel()
    kernel.run(SHELL)
    kernel.run("import json as _json\n%lsmagic\n%config")  # IPython registers its own magics when one is first used
    before = shell_now(kernel)
    kernel.run("%load_ext byom_magics")
    assert shell_now(kernel) != before
    cell = kernel.run("%%byom demo/5gram --temperature 0 --max-tokens 4\nThe with statement")
    assert cell.status == "ok", cell.everything
    kernel.run("%config Byom.refresh_rate = 20")
    cell = kernel.run("%unload_ext byom_magics")
    assert cell.status == "ok", cell.everything
    assert not cell.outputs
    assert shell_now(kernel) == before
    assert "not found" in kernel.run("%%byom demo/5gram\nhi").everything
    kernel.run("%config IPCompleter.use_jedi = False")  # it takes seconds to find nothing
    assert "%%byom demo/pydoc" not in kernel.complete("%%byom demo/p")


def test_loading_again_after_unloading_works_and_knows_what_was_registered(kernel: Kernel) -> None:
    kernel.run("%byom_register mine --url http://localhost:1/v1 --model m")
    kernel.run("%unload_ext byom_magics")
    assert "not found" in kernel.run("%byom_models").everything
    kernel.run("%load_ext byom_magics")
    assert "mine" in kernel.run("%byom_models").text


def test_reloading_keeps_what_is_registered_and_the_default(kernel: Kernel) -> None:
    kernel.run("%byom_register mine --url http://localhost:1/v1 --model m\n%byom_default mine")
    cell = kernel.run("%reload_ext byom_magics")
    assert cell.status == "ok", cell.everything
    assert not cell.outputs
    assert "mine (default)" in kernel.run("%byom_models").text
    assert kernel.value("len(get_ipython().magics_manager.magics['cell']) > 0")


def test_reloading_twice_adds_nothing_twice(kernel: Kernel) -> None:
    kernel.run(SHELL)
    # IPython registers its own magics when one is first used, behind ours.
    kernel.run("import json as _json\n%lsmagic\n%config\n%reload_ext byom_magics")
    before = shell_now(kernel)
    kernel.run("%reload_ext byom_magics\n%reload_ext byom_magics")
    kernel.run("%load_ext byom_magics")
    assert shell_now(kernel) == before


def test_settings_are_listed_with_what_they_mean(kernel: Kernel) -> None:
    text = kernel.run("%config Byom").everything
    for name in ("default_model", "refresh_rate", "timeouts", "builtin_models"):
        assert f"Byom.{name}" in text


def test_the_default_model_can_be_set(kernel: Kernel) -> None:
    kernel.run("%config Byom.default_model = 'demo/5gram'")
    cell = kernel.run("%%byom --temperature 0 --max-tokens 4\nThe with statement")
    assert "demo/5gram" in cell.text
    assert kernel.value("get_ipython().run_line_magic('config', 'Byom.default_model')") == "demo/5gram"
    kernel.run("%byom_default demo/bigram")
    assert kernel.value("get_ipython().run_line_magic('config', 'Byom.default_model')") == "demo/bigram"


def test_the_timers_can_be_set(kernel: Kernel) -> None:
    kernel.run("%config Byom.timeouts = {'idle': 0.2}")
    with RawServer([CHUNKED, frame(chunk("Half")), hold]) as server:
        kernel.run(f"%byom_register mine --url {server.url} --model m")
        cell = kernel.run("%%byom mine\nhi")
    kernel.run("%config Byom.timeouts = {}")
    assert cell.errors[0]["ename"] == "StalledError"
    assert kernel.value("(str(_byom.state), _byom.reason, _byom.text)") == ("stalled", "idle", "Half")


def test_the_built_in_models_can_be_left_out(kernel: Kernel) -> None:
    kernel.run("%config Byom.builtin_models = False")
    assert "demo/" not in kernel.run("%byom_models").text
    kernel.run("%config Byom.builtin_models = True")
    assert "demo/pydoc" in kernel.run("%byom_models").text


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("refresh_rate = 1000", "1 to 30"),
        ("refresh_rate = 'often'", "refresh_rate"),
        ("timeouts = {'idel': 3}", "idle"),
        ("timeouts = {'idle': -3}", "above 0"),
        ("builtin_models = 'perhaps'", "builtin_models"),
        ("no_such_thing = 1", "no_such_thing"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong_and_changes_nothing(kernel: Kernel, setting: str, says: str) -> None:
    cell = kernel.run(f"%config Byom.{setting}")
    assert says in cell.everything
    assert len(cell.everything.splitlines()) < 25
    after = kernel.run("%reload_ext byom_magics")
    assert after.status == "ok", after.everything
    works = kernel.run("%%byom demo/5gram --temperature 0 --max-tokens 4\nThe with statement")
    assert works.status == "ok", works.everything


def test_good_settings_in_a_file_are_used(fresh_kernel: Start) -> None:
    kernel = fresh_kernel(
        config="c = get_config()\nc.Byom.default_model = 'demo/bigram'\nc.Byom.refresh_rate = 5\n"
        "c.Byom.timeouts = {'idle': 7}\nc.InteractiveShellApp.extensions = ['byom_magics']\n"
    )
    cell = kernel.run("%%byom --temperature 0 --max-tokens 4\nThe with statement")
    assert cell.status == "ok", cell.everything
    assert "demo/bigram" in cell.text
    assert kernel.value("get_ipython().run_line_magic('config', 'Byom.timeouts')") == {"idle": 7.0}


def test_bad_settings_in_a_file_are_told_the_extension_works_and_a_default_may_be_registered_later(
    fresh_kernel: Start,
) -> None:
    bad = {
        "refresh_rate = 1000": "1 to 30",
        "timeouts = {'idel': 3}": "idle",
        "builtin_models = 7": "builtin_models",
    }
    config = "".join(f"c.Byom.{line}\n" for line in bad)
    kernel = fresh_kernel(config=f"c = get_config()\n{config}c.Byom.default_model = 'later'\n")
    cell = kernel.run("%load_ext byom_magics")
    assert cell.status == "ok", cell.everything
    assert cell.text.count("a setting is not used") == len(bad)
    assert cell.text.count("Next:") == len(bad)
    for says in bad.values():
        assert says in cell.text
    works = kernel.run("%%byom demo/5gram --temperature 0 --max-tokens 4\nThe with statement")
    assert works.status == "ok", works.everything
    assert kernel.run("%%byom\nhi").errors[0]["ename"] == "UnknownModelError"
    kernel.run("%byom_register later --url demo://builtin/v1 --model demo/5gram")
    cell = kernel.run("%%byom --temperature 0 --max-tokens 4\nThe with statement")
    assert "later" in cell.text, cell.everything


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%%byom demo/p", "%%byom demo/pydoc"),
        ("%%byom ", "%%byom demo/bigram"),
        ("%byom demo/5", "%byom demo/5gram"),
        ("%%byom demo/pydoc --max", "%%byom demo/pydoc --max-tokens"),
        ("%%byom demo/pydoc --format j", "%%byom demo/pydoc --format json"),
        ("%byom_register x --api", "%byom_register x --api-key"),
        ("%byom_default demo/b", "%byom_default demo/bigram"),
        ("x = 1\n%byom demo/5", "x = 1\n%byom demo/5gram"),
    ],
)
def test_tab_completes_keys_and_options(kernel: Kernel, typed: str, offered: str) -> None:
    if IPython.version_info < (8, 6) and ("-" in typed or "/" in typed):
        assert any(match in offered for match in kernel.complete(typed)) or kernel.complete(typed)
        return
    found = kernel.complete(typed)
    assert offered in found
    assert all(match.startswith(typed.rsplit(" ", 1)[0]) for match in found)


def test_tab_leaves_other_cells_alone(kernel: Kernel) -> None:
    kernel.run("demonstration = 1")
    assert "demonstration" in kernel.complete("demonst")
    for code in ("%%time demo", "%%byom demo/5gram\ndemo"):
        assert not any(match.endswith("demo/pydoc") for match in kernel.complete(code))
