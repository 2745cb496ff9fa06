"""A canary key goes into the one header that it is for, and is found nowhere else that a kernel leaves behind."""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import nbformat
import pytest
from nbclient import NotebookClient

from tests.wire.answers import CHUNKED, chunk, chunked, frame, refused, sse
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from tests.kernel.notebook_kernel import Kernel

pytestmark = pytest.mark.kernel

NAME = "BYOM_TEST_CANARY"


def forms(key: str) -> list[str]:
    """The key as it is, and as it looks in URLs, in base64 at any offset, and backwards."""
    encoded = [base64.b64encode(b"x" * shift + key.encode()).decode()[6:-6] for shift in range(3)]
    return [key, key[8:-4], quote(key, safe=""), *encoded, key[::-1], key.encode().hex()]


def cells(refusing: RawServer, answering: RawServer, breaking: RawServer) -> list[str]:
    return [
        "import logging\nlogging.basicConfig(level=logging.DEBUG, force=True)\n%load_ext byom_magics",
        *(
            f"%byom_register {key} --url {server.url} --model m --api-key env:{NAME} --header 'X-Also-Key: env:{NAME}'"
            for key, server in (("refused", refusing), ("answered", answering), ("broken", breaking))
        ),
        "%byom_models",
        "%%byom answered --dry-run\nhi",
        "%%byom answered --out answer\nhi",
        "answer",
        "print(answer, vars(answer) if hasattr(answer, '__dict__') else [getattr(answer, n) for n in dir(answer)])",
        "%xmode Verbose",
        "%%byom refused\nhi",
        "%tb",
        "import byom_magics as byom\nbyom.ask('refused', 'hi')",
        "import traceback, sys\ntraceback.print_exception(sys.last_value)",
        "print(repr(_byom), _byom.error, vars(_byom.error), _byom.error.__cause__, _byom.error.__context__)",
        "%%byom broken --on-error show\nhi",
        "%xmode Context",
        "byom.ask('broken', 'hi')",
        "import pickle, copy\nprint(pickle.dumps(byom.models['answered']), copy.deepcopy(byom.models['answered']))",
        "print(byom.models, list(byom.models.values()), [vars(each) for each in byom.models.values()])",
        "%whos",
        "%history",
        "%config Byom",
        "from byom_magics import session\nprint(vars(session.current()), vars(session.current().client))",
    ]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any, Path, list[RawServer]]:
    key = f"sk-canary-{secrets.token_hex(16)}"
    folder = tmp_path_factory.mktemp("canary")
    echo = f"The key '{key}' is wrong; so is {quote(key, safe='')} and {base64.b64encode(key.encode()).decode()}"
    with (
        RawServer([refused("401 Unauthorized", {"error": {"message": echo}})]) as no,
        RawServer([chunked(sse("I know ", "your key"))]) as yes,
        RawServer([CHUNKED, frame(chunk("Half an answer"))]) as half,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(NAME, key)
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells(no, yes, half)])
        NotebookClient(
            notebook,
            timeout=60,
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
            ipython_hist_file=str(folder / "history.sqlite"),
        ).execute()
        return key, notebook, folder, [no, yes, half]


def test_the_key_was_sent_in_its_headers(executed: tuple[str, Any, Path, list[RawServer]]) -> None:
    key, _, _, servers = executed
    for server in servers:
        assert server.requests
        for request in server.requests:
            assert request.headers["authorization"] == f"Bearer {key}"
            assert request.headers["x-also-key"] == key
            assert key not in request.line
            assert key.encode() not in request.body


def test_every_cell_did_what_it_was_for(executed: tuple[str, Any, Path, list[RawServer]]) -> None:
    notebook = executed[1]
    failed = {
        cell.source.split("\n")[-1] if "ask(" in cell.source else cell.source.split("\n")[0]: output.ename
        for cell in notebook.cells
        for output in cell.outputs
        if output.output_type == "error"
    }
    assert failed == {
        "%%byom refused": "StatusError",
        "%tb": "StatusError",
        "byom.ask('refused', 'hi')": "StatusError",
        "byom.ask('broken', 'hi')": "IncompleteError",
    }
    text = json.dumps(notebook)
    assert "The key '" in text
    assert "Half an answer" in text


def test_the_notebook_holds_the_key_in_no_form(executed: tuple[str, Any, Path, list[RawServer]]) -> None:
    key, notebook, _, _ = executed
    for cell in notebook.cells:
        text = json.dumps(cell)
        found = [form for form in forms(key) if form in text]
        assert not found, f"{cell.source}: {[output for output in cell.outputs if found[0] in json.dumps(output)]}"
    assert not [form for form in forms(key) if form in json.dumps(notebook.metadata)]


def test_the_history_and_all_other_files_hold_the_key_in_no_form(
    executed: tuple[str, Any, Path, list[RawServer]],
) -> None:
    key, _, folder, _ = executed
    [database] = folder.rglob("history.sqlite")
    with closing(sqlite3.connect(database)) as history:
        rows = history.execute("select source_raw from history").fetchall()
    assert any("%byom_register refused" in row[0] for row in rows)
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [form for form in forms(key) if form.encode() in content], path


def test_sec_22_a_key_that_the_server_answers_is_masked_however_it_is_cut(kernel: Kernel) -> None:
    key = f"sk-canary-{secrets.token_hex(16)}"
    kernel.run(f"import os; os.environ[{NAME!r}] = {key[:20]!r} + {key[20:]!r}")
    with RawServer([chunked(sse("Your key is ", key[:9], key[9:], " I think"))]) as server:
        kernel.run(f"%byom_register mine --url {server.url} --model m --api-key env:{NAME}")
        cell = kernel.run("%%byom mine\nhi")
    assert "Your key is" in cell.text
    assert not [state for state in cell.states if key in state]
    assert key not in kernel.value("_byom.text")


def test_sec_22_a_key_in_a_response_s_header_is_masked_in_the_log(kernel: Kernel) -> None:
    key = f"sk-canary-{secrets.token_hex(16)}"
    kernel.run(f"import os, logging; os.environ[{NAME!r}] = {key[:20]!r} + {key[20:]!r}")
    kernel.run("logging.basicConfig(level=logging.DEBUG, force=True)")
    with RawServer([refused("401 Unauthorized", {"error": "no"}, "application/json", f"X-Echo: {key}")]) as server:
        kernel.run(f"%byom_register mine --url {server.url} --model m --api-key env:{NAME}")
        cell = kernel.run("%%byom mine --on-error show\nhi")
    kernel.run("logging.basicConfig(level=logging.WARNING, force=True)")
    assert "DEBUG" in cell.text
    assert key not in cell.text


@pytest.mark.parametrize(
    "typed",
    [
        "%byom_register mine --url https://llm.example/v1 --api-key {key}",
        "%byom_register mine --url https://llm.example/v1 --header 'Authorization: Bearer {key}'",
    ],
)
def test_a_key_that_is_typed_is_refused_and_not_repeated(kernel: Kernel, typed: str) -> None:
    key = "sk-typed-0123456789abcdef0123456789"
    cell = kernel.run(typed.format(key=key))
    assert cell.errors[0]["ename"] == "SecretError"
    assert "env:" in cell.everything
    assert key not in cell.everything
