"""What loading the extension costs: nothing that is not used yet."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LATE = (
    "anyio",
    "httpcore",
    "httpx",
    "ipywidgets",
    "keyring",
    "markdown_it",
    "mdit_py_plugins",
    "msgspec",
    "pydoc_data.topics",
    "sqlite3",
    "ssl",
    "tomlkit",
    "tomllib",
)

BARE = """
import json, sys
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell(config=config)
before = set(sys.modules)
{then}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def loaded_by(then: str) -> set[str]:
    """The modules that ``then`` loads into a bare shell of a fresh interpreter."""
    script = BARE.format(then=then)
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=120)
    return set(json.loads(run.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def loaded_by_the_extension() -> set[str]:
    return loaded_by('shell.run_line_magic("load_ext", "byom_magics")')


def test_loading_the_extension_loads_it(loaded_by_the_extension: set[str]) -> None:
    assert "byom_magics.magics" in loaded_by_the_extension


@pytest.mark.parametrize("module", LATE)
def test_loading_the_extension_imports_nothing_that_is_used_later(
    loaded_by_the_extension: set[str], module: str
) -> None:
    assert module not in loaded_by_the_extension


@pytest.mark.parametrize("module", [*LATE, "IPython"])
def test_importing_the_package_imports_nothing_that_is_used_later(module: str) -> None:
    script = f"import sys, byom_magics; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=120).returncode == 0
