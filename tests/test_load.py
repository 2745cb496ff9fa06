"""What loading the extension costs and does: nothing that is not used yet, and nothing over the network."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.wire.answers import GOOD
from tests.wire.raw_server import RawServer, keep

LATE = (
    "byom_magics.events",  # dozens of dataclasses
    "byom_magics.messages",
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


GUARD = """
import json, sys
reached = []

def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"):
        place = args[1] if event in ("socket.connect", "socket.sendto", "socket.sendmsg") else args[:2]
        reached.append([event, str(place[0]) if isinstance(place, tuple) else str(place)])

sys.addaudithook(hook)
"""


def reached_by(then: str) -> list[list[str]]:
    """What ``then`` looks up and connects to, in a fresh interpreter, seen by Python's own audit of sockets."""
    script = f"{GUARD}\n{then}\nprint(json.dumps(reached))"
    run = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    found: list[list[str]] = json.loads(run.stdout.splitlines()[-1])
    return found


def test_the_guard_sees_look_ups_and_connections() -> None:
    then = """
import socket
for act in (lambda: socket.getaddrinfo("localhost", 80), lambda: socket.socket().connect_ex(("127.0.0.1", 1))):
    act()
"""
    assert {event for event, _ in reached_by(then)} == {"socket.getaddrinfo", "socket.connect"}


def test_sec_30_loading_and_registering_connect_to_nothing_and_neither_does_a_built_in_model() -> None:
    then = """
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell(config=config)
shell.run_line_magic("load_ext", "byom_magics")
shell.run_line_magic("byom_register", "far --url https://models.test/v1 --model m --api-key env:NOWHERE_KEY")
shell.run_line_magic("byom_register", "claude --preset anthropic --model m")
shell.run_line_magic("byom_register", "behind --url https://models.test/v1 --model m --proxy http://proxy.test:3128")
shell.run_line_magic("byom_models", "-v far")
shell.run_line_magic("byom_default", "far")
shell.run_cell_magic("byom", "far --dry-run", "hi")
shell.run_cell_magic("byom", "demo/pydoc", "What is a list?")
shell.run_line_magic("byom_forget", "far")
"""
    assert reached_by(then) == []


def test_sec_30_air_gapped_nothing_else_is_looked_up_or_connected_to() -> None:
    with RawServer([*GOOD, keep]) as server:
        then = f"""
import byom_magics as byom
from byom_magics import session
from byom_magics.catalog.spec import Endpoint, Policy
from byom_magics.errors import ByomError
from byom_magics.wire.fetch import Fetches

byom.register("near", url="{server.url}", model="m")
session.current().policy = Policy("a file", air_gapped=True, hosts=("listed.invalid",))
far = ["http://models.test/v1", "https://models.test/v1", "http://192.0.2.1/v1", "http://169.254.169.254/v1",
       "http://[2001:db8::1]/v1", "http://2130706433:{server.port}/v1", "http://[::ffff:127.0.0.1]:{server.port}/v1"]
refused = 0
for number, url in enumerate(far):
    byom.register(f"far{{number}}", url=url, model="m")
    try:
        byom.ask(f"far{{number}}", "hi")
    except ByomError as problem:
        refused += "air" in str(problem) or "169.254" in str(problem) or "write 127.0.0.1" in str(problem)
    try:
        with Fetches() as fetches:
            session.current().client.start_fetch(fetches, number, Endpoint(url), "/models")
            refused += isinstance(fetches.next(20)[1], ByomError)
    except ByomError:
        refused += 1
byom.register("behind", url="{server.url}", model="m", proxy="http://proxy.test:3128")
try:
    byom.ask("behind", "hi")
except ByomError:
    refused += 1
assert byom.ask("near", "hi").text == "Hello"
byom.register("listed", url="http://listed.invalid/v1", model="m")
try:
    byom.ask("listed", "hi", timeout=20)
except ByomError:
    pass
assert refused == 2 * len(far) + 1, refused
"""
        reached = reached_by(then)
        assert {place for _, place in reached} == {"127.0.0.1", "listed.invalid"}
        assert len(server.requests) == 1
