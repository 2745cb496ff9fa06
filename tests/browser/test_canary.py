"""
SEC-20, over a whole session in JupyterLab: each key goes into the one header that it is for, to the one server.

Keys from every kind of place are used in every way, by servers that send them back. Then everything that was written
to a disk, shown on the page or sent to a server is searched for every key in every form.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.echoing import echo
from tests.browser.jupyterlab import Notebook, served, write_notebook
from tests.wire.connect_proxy import ConnectProxy
from tests.wire.raw_server import RawServer, keep

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.skipif(os.name != "posix", reason="modes of files, and a script as key")]

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("ENV", "HEADER", "ASKED", "RING", "ROTATED", "FILE", "COMMAND", "CALLABLE", "LISTED", "LOGIN", "PASSWORD")
DIALECTS = ("anthropic", "gemini", "openai_responses", "ollama")

# What notes all that is logged, in full.
PREPARE = """
import logging, warnings
class Noting(logging.Handler):
    def emit(self, record):
        with open("records.txt", "a") as file:
            file.write(f"{record.__dict__!r} {record.args!r} {record.getMessage()}\\n")
logging.basicConfig(level=logging.DEBUG, force=True, handlers=[Noting()])
warnings.simplefilter("always")
%load_ext byom_magics
import byom_magics as byom
%xmode Verbose
"""

# Every public object, and what it is made of, as far as Python tells without looking into modules.
TELL = """
import copy, json, pickle
from byom_magics import session
def told(thing, depth=0):
    print(repr(thing), str(thing))
    for dump in (pickle.dumps, copy.copy, copy.deepcopy, lambda each: json.dumps(each, default=vars)):
        try:
            print(dump(thing))
        except Exception as problem:
            print(type(problem), problem)
    parts = getattr(thing, "__dict__", None) or {n: getattr(thing, n, None) for n in getattr(thing, "__slots__", ())}
    for part in (parts.values() if depth < 3 else ()):
        told(part, depth + 1)
now = session.current()
for thing in (byom.models, *byom.models.values(), reply, _byom, _byom.error, error, diagnosis, *found,
              now, now.client, now.layers, now.models.endpoints, get_ipython().user_ns.get("_")):
    told(thing)
"""

CALLABLE = """
def token():
    with open({file!r}) as file:
        return file.read()
byom.register("callable", url={url!r}, model="no", api_key=token)
"""

CHAINED = """
try:
    byom.ask("{model}", "hi")
except Exception as problem:
    error = problem
    raise RuntimeError("told in full") from problem
"""

SCRIPT = """#!{python}
import json, os, pathlib, sys
pathlib.Path({note!r}).write_text(json.dumps([dict(os.environ), sys.argv]))
print(pathlib.Path({key!r}).read_text())
"""


@dataclass
class Session:
    """What was done, and where it left traces."""

    keys: dict[str, str]
    root: Path
    notebook: Notebook
    cells: list[str]
    servers: dict[str, RawServer]
    proxy: ConnectProxy
    page: str = ""
    failed: dict[str, str] = field(default_factory=dict)
    tracebacks: dict[str, list[str]] = field(default_factory=dict)

    @property
    def notes(self) -> Path:
        return self.root / "work"


def forms(key: str) -> list[str]:
    """The key as it is and in part, and as it looks in URLs, in base64 at any offset, in hexadecimal and backwards."""
    coded = [base64.b64encode(b"x" * shift + key.encode()).decode()[6:-6] for shift in range(3)]
    return [key, key[10:-6], quote(key, safe=""), *coded, key.encode().hex(), key[::-1]]


def cells(urls: dict[str, str], vault: Path, proxy: str) -> list[tuple[str, str]]:
    """Each cell, and the place of the key that is typed when it asks."""
    url = urls["plain"]
    register = f"%byom_register {{}} --url {url} --model {{}} --api-key {{}}"
    command = f"'command:{vault / 'token.py'}'"
    tls = f"--ca {vault / 'ca.pem'} --client-cert {vault / 'me.pem'} --client-key {vault / 'me.key'}"
    tls += " --client-key-password env:CANARY_PASSWORD"
    plain = [
        PREPARE,
        register.format("env", "m", "env:CANARY_ENV --header 'X-Also: env:CANARY_HEADER'") + " --save",
        "\n".join(register.format(each, "m", "env:CANARY_ENV") + f" --dialect {each}" for each in DIALECTS),
        register.format("no", "no", "env:CANARY_ENV"),
        register.format("file", "m", f"file:{vault / 'key'}"),
        register.format("command", "m", command),
        CALLABLE.format(file=str(vault / "callable"), url=url),
        f"%byom_register --file {vault / 'listed.json'}",
        f"%byom_register proxied --url http://models.test/v1 --model m --proxy {proxy} --proxy-login env:CANARY_LOGIN",
        f"%byom_register tls --url {urls['tls']} --model m --api-key env:CANARY_ENV {tls}",
    ]
    typed = [
        (f"%byom_key set ring --url {url}", "RING"),
        (register.format("ring", "m", "keyring:ring"), ""),
        ("%%byom ring\nhi", ""),
        ("%byom_key rotate ring", "ROTATED"),
        ("%%byom ring\nhi", ""),
        (register.format("asked", "m", "ask"), ""),
        ("%%byom asked\nhi", "ASKED"),
    ]
    asked = ["env", *DIALECTS, "file", "command", "listed", "proxied", "tls"]
    rest = [
        *(f"%%byom {each} --out reply\nhi" for each in asked),
        "%%byom env --dry-run\nhi",
        "%%byom no --on-error show\nhi",
        "%%byom no\nhi",
        "%tb",
        "byom.ask('callable', 'hi')",
        *(CHAINED.format(model=each) for each in ("no", "callable")),
        "1 / 0",
        f"found = byom.discover({url!r}, api_key='env:CANARY_ENV'); found",
        f"%byom_discover {url} --api-key env:CANARY_ENV",
        "diagnosis = byom.doctor('no'); diagnosis",
        "%byom_doctor env",
        "%byom_doctor no",
        "%byom_doctor --all --quick",
        "%byom_key list\n%byom_models",
        "%byom_models -v env\n%byom_models -v command\n%byom_models -v tls",
        "%byom_picker",
        "%whos",
        "%store reply\n%store",
        "%config Byom",
        TELL,
        "%history -g",
    ]
    return [*((each, "") for each in plain), *typed, *((each, "") for each in rest)]


@pytest.fixture(scope="module")
def session(_browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    root, vault = tmp_path_factory.mktemp("canary"), tmp_path_factory.mktemp("vault")
    keys = {place: f"sk-{place.lower()}-{secrets.token_hex(16)}" for place in PLACES}
    (root / "work").mkdir()
    login = f"me:{keys['LOGIN']}"
    context = _fill(vault, keys, root / "work" / "child.json")
    with (
        RawServer((echo, keep)) as plain,
        RawServer((echo, keep), tls=context) as secure,
        ConnectProxy({"models.test:80": (plain.host, plain.port)}, login=login) as proxy,
        pytest.MonkeyPatch.context() as patch,
    ):
        for place in ("ENV", "HEADER", "PASSWORD"):
            patch.setenv(f"CANARY_{place}", keys[place])
        patch.setenv("CANARY_LOGIN", login)
        patch.setenv("PYTHON_KEYRING_BACKEND", "tests.catalog.secrets.rings.MemoryRing")
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("HOME", str(root / "home"))
        for name, folder in (("IPYTHONDIR", "ipython"), ("JUPYTER_DATA_DIR", "data"), ("XDG_CONFIG_HOME", "config")):
            patch.setenv(name, str(root / "home" / folder))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(root / "home" / "runtime"))
        listed = {"key": "listed", "baseURL": plain.url, "modelName": "m", "apiKey": keys["LISTED"]}
        (vault / "listed.json").write_text(json.dumps({"models": [listed]}))
        urls = {"plain": plain.url, "tls": secure.url}
        wanted = cells(urls, vault, proxy.url)
        write_notebook(root / "work" / "canary.ipynb", [cell for cell, _ in wanted])
        with served(root / "work") as address:
            page = _browser.new_context().new_page()
            notebook = Notebook(page, address, root / "work", "canary.ipynb")
            told = Session(keys, root, notebook, [cell for cell, _ in wanted], {"plain": plain, "tls": secure}, proxy)
            try:
                for number, (_, place) in enumerate(wanted):
                    _run(notebook, number, keys.get(place, ""))
                    told.page += page.content()
                _leave(notebook, told)
                yield told
            finally:
                notebook.close()
                page.context.close()


def _fill(vault: Path, keys: dict[str, str], note: Path) -> ssl.SSLContext:
    """The folder that keys come from; it is not searched."""
    for name, content in (("key", keys["FILE"]), ("callable", keys["CALLABLE"]), ("command", keys["COMMAND"])):
        (vault / name).write_text(content)
        (vault / name).chmod(0o600)
    script = vault / "token.py"
    script.write_text(SCRIPT.format(python=sys.executable, note=str(note), key=str(vault / "command")))
    script.chmod(0o700)
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(vault / "ca.pem"))
    mine = ca.issue_cert("me@models.test")
    mine.cert_chain_pems[0].write_to_path(str(vault / "me.pem"))
    private = serialization.load_pem_private_key(mine.private_key_pem.bytes(), None)
    encryption = serialization.BestAvailableEncryption(keys["PASSWORD"].encode())
    form = serialization.PrivateFormat.PKCS8
    (vault / "me.key").write_bytes(private.private_bytes(serialization.Encoding.PEM, form, encryption))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    context.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(context)
    return context


NO_PROMPT = "() => ![...document.querySelectorAll('.jp-Stdin-input')].some(each => each.checkVisibility())"


def _run(notebook: Notebook, cell: int, typed: str) -> None:
    if not typed:
        notebook.run(cell)
        return
    notebook.start(cell)
    prompts = notebook.page.locator(".jp-Stdin-input >> visible=true")
    prompts.last.wait_for()
    # JupyterLab may draw the cell anew meanwhile, and then has two of them: the one that is left is answered, too.
    for _ in range(5):
        assert prompts.last.get_attribute("type") == "password"
        prompts.last.fill(typed)
        prompts.last.press("Enter")
        with contextlib.suppress(PlaywrightTimeoutError):
            notebook.page.wait_for_function(NO_PROMPT, timeout=3000)
            break
    notebook.ended(cell)


def _leave(notebook: Notebook, told: Session) -> None:
    """Save twice, with a checkpoint in between, so that all kinds of files are there; note what failed."""
    notebook.save()
    notebook.command("docmanager:save")
    notebook.type(0, "# another beginning")
    notebook.save()
    told.page += notebook.page.content()
    for number, cell in enumerate(told.cells):
        for output in notebook.outputs(number):
            if output["output_type"] == "error":
                told.failed[cell] = output["ename"]
                told.tracebacks[cell] = output["traceback"]


def test_the_session_went_as_it_was_meant_to(session: Session) -> None:
    chained = {CHAINED.format(model=each): "RuntimeError" for each in ("no", "callable")}
    failed = {"%%byom no\nhi": "StatusError", "byom.ask('callable', 'hi')": "StatusError", "%tb": "StatusError"}
    assert session.failed == {**failed, **chained, "1 / 0": "ZeroDivisionError"}
    saved = json.dumps(session.notebook.saved())
    assert saved.count("[key hidden]") > 30
    assert "401 Unauthorized" in saved
    told = re.sub(r"\x1b\[[0-9;]*m", "", "".join(session.tracebacks[CHAINED.format(model="no")]))
    assert "in ask(model='no', prompt='hi'" in told  # it shows what frames hold


def test_sec_20_each_key_went_into_its_header_to_its_server_and_nowhere_else(session: Session) -> None:
    keys, found = session.keys, set()
    places = {"authorization", "x-api-key", "x-goog-api-key", "x-also"}
    for server in session.servers.values():
        for request in server.requests:
            for place, key in keys.items():
                carriers = {
                    name for name, value in request.headers.items() if any(form in value for form in forms(key))
                }
                if place == "LOGIN" and request.headers["host"] == "models.test":
                    continue  # the test's proxy only takes its login out of the first request of a connection
                assert carriers <= ({"x-also"} if place == "HEADER" else places - {"x-also"}), place
                assert not [form for form in forms(key) if form in request.line or form.encode() in request.body], place
                found |= {place} if carriers else set()
    assert found == set(keys) - {"LOGIN", "PASSWORD"}
    heard = bytes(session.proxy.heard)
    login = base64.b64encode(f"me:{keys['LOGIN']}".encode())
    assert login in heard
    rest = heard.replace(b"Basic " + login, b"")
    assert not [place for place, key in keys.items() for form in forms(key) if form.encode() in rest]


def test_sec_20_no_file_holds_any_key_in_any_form(session: Session) -> None:
    files = [path for path in session.root.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {
        "canary.ipynb",
        "canary-checkpoint.ipynb",
        "history.sqlite",
        "byom.toml",
        "records.txt",
        "child.json",
    } <= names
    assert "receive_response_headers" in (session.notes / "records.txt").read_text(encoding="utf-8")
    for path in files:
        content = path.read_bytes()
        found = [
            (place, form) for place, key in session.keys.items() for form in forms(key) if form.encode() in content
        ]
        around = [content[max(0, content.index(form.encode()) - 300) :][:500] for _, form in found[:2]]
        assert not found, f"{path}: {around}"


def test_sec_20_the_page_never_showed_any_key(session: Session) -> None:
    assert not [place for place, key in session.keys.items() for form in forms(key) if form in session.page]


def test_sec_20_the_program_that_gives_a_key_gets_no_other(session: Session) -> None:
    environment, arguments = json.loads((session.notes / "child.json").read_text())
    assert environment["PYTHONPATH"] == str(ROOT)
    assert not [name for name in environment if name.startswith("CANARY_")]
    assert len(arguments) == 1
