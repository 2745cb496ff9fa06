"""
Real inference servers that nobody here wrote: each is registered by its preset, discovered, examined, streamed from,
interrupted, and its refusals are passed on.

The scripts beside this file set them up. In CI that happens by itself; elsewhere a server that is not set up is
skipped, and the reason says how to set it up.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

import byom_magics as byom
from byom_magics.errors import IncompleteError, StatusError
from byom_magics.events import State, TextDelta
from tests.servers.running import COUNT, ENDLESS, ESTABLISHED, TINY, Server, on_linux, real_servers, soon

if TYPE_CHECKING:
    from pathlib import Path

    from byom_magics.wire.doctor import Step
    from tests.magics.notebook import Notebook

pytestmark = real_servers


@dataclass(frozen=True)
class Kind:
    """
    What is expected of a server.

    Attributes:
        title: What it is called where it is found.
        model: A model that answers.
        long: A model, and a body's further fields, whose answer takes long.
        listed: A piece of a line of its list, or of what stands in place of the list.
        key: Where its key comes from.
        verdicts: What the doctor says of the steps that are not the same for all.
        unknown: Status and words for a model that it does not have.
    """

    title: str
    model: str
    long: tuple[str, Mapping[str, Any]]
    listed: str
    unknown: tuple[int, str]
    verdicts: Mapping[str, str]
    key: str = ""

    @property
    def arguments(self) -> str:
        """How the key is given on a line."""
        return f" --api-key {self.key}" if self.key else ""


KINDS = {
    "litellm": Kind(
        "LiteLLM proxy",
        "mock",
        ("mock-slow", {}),
        "mock-context",
        (400, "Invalid model name passed in model=no-such-model"),
        {"model list": "ok", "model served": "ok", "tools": "warning"},
        "env:LITELLM_KEY",
    ),
    "mlx": Kind(
        "MLX (mlx_lm.server)",
        "hf",
        ("hf", ENDLESS["mlx"]),
        "/model/hf",
        (404, "Cannot find an appropriate cached snapshot folder"),
        # Its list has the folder of the model in full.
        {"model list": "ok", "model served": "warning"},
    ),
    "transformers": Kind(
        "transformers serve",
        "hf",
        ("hf", ENDLESS["transformers"]),
        "transformers serve",  # some of its versions list the model, others nothing
        (400, "Server is pinned to 'hf'; requested 'no-such-model'"),
        {"model list": "ok"},
    ),
    "mlflow": Kind(
        "MLflow gateway",
        "mock",
        ("mock-slow", {}),
        "mock-limit",
        (500, "Internal Server Error"),
        {"model list": "warning", "model served": "skipped", "tools": "warning"},
    ),
}
each_server = pytest.mark.parametrize("server", KINDS, indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def registered(server: Server, model: str | None = None, **further: Any) -> Kind:
    """The server's model under the key ``it``, by the server's preset."""
    kind = KINDS[server.name]
    further = {**({"api_key": kind.key} if kind.key else {}), **further}
    byom.register("it", preset=server.name, url=server.url, model=model or kind.model, **further)
    return kind


@each_server
def test_a_server_is_registered_by_its_preset_and_streams_into_a_cell(nb: Notebook, server: Server) -> None:
    kind = KINDS[server.name]
    line = f"%byom_register it --preset {server.name} --url {server.url} --model {kind.model}{kind.arguments}"
    assert "Registered it" in nb.ok(f"{line} --temperature 0 --max-tokens 60").printed
    cell = nb.ok(f"%%byom it --out answer\n{TINY}")
    answer = nb.names["answer"]
    assert answer.text or answer.reasoning
    assert answer.state in (State.COMPLETE, State.LENGTH)
    assert answer.usage.output_tokens
    assert answer.text.split()[0].strip("*`#") in cell.everything


@each_server
def test_the_pieces_of_a_stream_are_the_text_that_the_server_gives_whole(server: Server) -> None:
    kind = registered(server)
    body = {"model": kind.model, "messages": [{"role": "user", "content": TINY}], "temperature": 0, "max_tokens": 80}
    key = {"env:LITELLM_KEY": "sk-local-key"}.get(kind.key, "")
    message = server.bare_answer(body, key)["choices"][0]["message"]
    with byom.stream("it", TINY, temperature=0, max_tokens=80) as events:
        pieces = [event.text for event in events if isinstance(event, TextDelta)]
    assert len(pieces) > 1
    assert "".join(pieces) == events.reply.text == (message.get("content") or "")
    assert events.reply.reasoning == (message.get("reasoning") or "")
    assert events.reply.usage.output_tokens
    assert not events.reply.warnings


@each_server
def test_a_server_is_found_at_its_address_for_what_it_is(nb: Notebook, server: Server) -> None:
    kind = KINDS[server.name]
    for url in (server.url, server.url.removesuffix("/v1")):
        cell = nb.ok(f"%byom_discover {url}{kind.arguments}")
        assert f"{kind.title} at {server.url}" in cell.plain
        assert kind.listed in cell.everything


def test_all_servers_are_found_on_their_ports_at_once(
    nb: Notebook, litellm: Server, mlx: Server, transformers: Server, mlflow: Server
) -> None:
    servers = (litellm, mlx, transformers, mlflow)
    ports = ",".join(str(server.port) for server in servers)
    plain = nb.ok(f"%byom_discover --ports {ports} --timeout 20").plain
    for server in servers:
        assert f"{KINDS[server.name].title} at http://localhost:{server.port}/v1" in plain
    assert "mock-limit" in plain  # MLflow's: LiteLLM lists nothing without a key


@pytest.mark.parametrize("server", ["mlx", "mlflow", "litellm"], indirect=True)
def test_a_model_that_was_found_is_registered_as_the_list_has_it_and_answers(nb: Notebook, server: Server) -> None:
    kind = KINDS[server.name]
    printed = nb.ok(f"%byom_discover {server.url}{kind.arguments} --register 1").printed
    assert f"Registered 1 model of {kind.title}" in printed
    key = printed.split("Ask with %%byom ")[1].split()[0]
    assert byom.models[key].endpoint.preset == server.name
    assert byom.ask(key, TINY, max_tokens=20).usage.output_tokens


@each_server
def test_the_doctor_sees_a_healthy_server_and_what_it_lacks(server: Server) -> None:
    kind = registered(server)
    diagnosis = byom.doctor("it")
    steps: dict[str, Step] = {step.name: step for step in diagnosis.steps}
    assert diagnosis.ok, diagnosis.worst
    same = {"address": "ok", "name": "skipped", "connection": "ok", "TLS": "skipped", "key": "ok"}
    expected = same | {"answer": "ok", "usage": "ok"} | dict(kind.verdicts)
    assert {name: steps[name].verdict for name in expected} == expected, diagnosis
    assert str(server.port) in steps["connection"].detail
    assert steps["key"].detail.startswith(kind.key or "none is sent")
    # How its pieces come in time, and whether the tiny model asks for a tool, differs from run to run.
    assert {steps["streaming"].verdict, steps["tools"].verdict} <= {"ok", "warning"}


@each_server
def test_the_doctor_says_that_a_model_is_not_there(server: Server) -> None:
    registered(server, "no-such-model")
    diagnosis = byom.doctor("it")
    assert diagnosis.worst is not None
    assert (diagnosis.worst.name, diagnosis.worst.verdict) == ("answer", "failed")
    assert diagnosis.worst.next_step


@each_server
def test_a_refusal_is_passed_on_in_the_server_s_own_words(server: Server) -> None:
    status, words = registered(server, "no-such-model").unknown
    with pytest.raises(StatusError) as caught:
        byom.ask("it", "hi")
    assert caught.value.status == status
    assert words in caught.value.what
    assert caught.value.reply is not None
    assert caught.value.reply.state == State.ERROR
    if status < 500:
        assert "no model 'no-such-model'" in (caught.value.hint or "")


@on_linux
@each_server
def test_stopping_from_another_thread_hangs_up_on_the_server(server: Server) -> None:
    model, body = KINDS[server.name].long
    registered(server, model)
    before = server.connections()
    with byom.stream("it", COUNT, temperature=1, extra_body=body) as events:
        stopped: list[bool] = []

        def stop_when_connected() -> None:
            stopped.append(soon(lambda: bool(server.connections() - before)))
            events.stop()

        thread = threading.Thread(target=stop_when_connected)
        thread.start()
        for _ in events:
            pass
        thread.join()
    assert stopped == [True]
    assert events.reply.state == State.CANCELLED
    assert soon(lambda: not server.connections() - before)
    registered(server)
    assert byom.ask("it", TINY, max_tokens=5).usage.output_tokens


@on_linux
@pytest.mark.parametrize("server", ["mlx", "transformers"], indirect=True)
def test_leaving_the_block_in_mid_answer_hangs_up_on_a_model_that_would_go_on(server: Server) -> None:
    model, body = KINDS[server.name].long
    registered(server, model)
    before = server.connections()
    with byom.stream("it", COUNT, temperature=1, extra_body=body) as events:
        for event in events:
            if event.kind in ("text", "reasoning"):
                assert server.connections() - before
                break
    assert events.reply.state == State.CANCELLED
    assert events.reply.text or events.reply.reasoning
    assert soon(lambda: not server.connections() - before)
    assert byom.ask("it", TINY, temperature=0, max_tokens=5).state == State.LENGTH


@on_linux
@pytest.mark.kernel
def test_cells_stream_from_every_server_and_can_be_interrupted(
    litellm: Server, mlx: Server, transformers: Server, mlflow: Server, tmp_path: Path
) -> None:
    cells = ["%load_ext byom_magics\nimport os, signal, threading"]
    interrupted = []
    for server in (litellm, mlx, transformers, mlflow):
        kind = KINDS[server.name]
        model, body = kind.long
        fields = " ".join(f"-o '{name}={json.dumps(value)}'" for name, value in body.items())
        far_end = f"['0100007F:{server.port:04X}', '{ESTABLISHED}']"
        register = f"%byom_register it --preset {server.name} --url {server.url}{kind.arguments}"
        cells += [
            f"{register} --model {kind.model} --max-tokens 40",
            f"%%byom it --temperature 0 --out whole\n{TINY}",
            f"{register} --model {model}",
            "threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()",
            f"%%byom it --temperature 1 {fields}\n{COUNT}",
            "left = lambda: sum(l.split()[2:4] == " + far_end + " for l in open('/proc/net/tcp'))\n"
            "print(whole.state, len(whole.text + whole.reasoning), _byom.state, left())",
        ]
        interrupted.append(cells[-2])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(
        notebook, timeout=60, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    failed = [
        (cell.source, output.ename)
        for cell in notebook.cells
        for output in cell.outputs
        if output.output_type == "error"
    ]
    assert failed == [(cell, "KeyboardInterrupt") for cell in interrupted]
    for cell in notebook.cells[6::6]:
        state, length, second, left = cell.outputs[0].text.split()
        assert state in ("complete", "length")
        assert int(length) > 10
        assert (second, left) == ("cancelled", "0")


def test_a_provider_that_mlflow_cannot_reach_is_an_answer_that_breaks_off(mlflow: Server) -> None:
    registered(mlflow, "down")
    with pytest.raises(IncompleteError) as caught:
        byom.ask("it", "hi")
    assert caught.value.reply is not None
    assert caught.value.reply.state == State.INCOMPLETE
    failed = byom.doctor("it").worst
    assert failed is not None
    assert (failed.name, failed.verdict) == ("answer", "failed")
