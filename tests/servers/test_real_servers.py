"""
Real inference servers that nobody here wrote: registered, streamed from, stopped, through the public interface.

The scripts beside this file set them up. In CI that happens by itself; elsewhere a server that is not set up is
skipped, and the reason says how to set it up.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

import byom_magics as byom
from byom_magics.errors import ServerError, StatusError
from byom_magics.events import State, TextDelta

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.servers, pytest.mark.skipif(os.name == "nt", reason="the server scripts are written in bash")]

HERE = Path(__file__).resolve().parent
WORK = Path(os.environ.get("BYOM_SERVERS") or HERE.parent.parent / ".servers")
IN_CI = bool(os.environ.get("CI"))
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="connections are read from /proc")
LITELLM_KEY = "sk-local-key"
ESTABLISHED = "01"
TINY = "Explain lists."
ENDLESS = {"logit_bias": {"2": -100}, "max_tokens": 100_000}  # the tiny model never says its end token


@dataclass(frozen=True)
class Server:
    """A server that runs: its base URL, and how to see who is connected to it."""

    name: str
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].split("/")[0])

    def connections(self) -> set[str]:
        """The far ends of the connections that the server holds open (Linux)."""
        found = set()
        for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
            for line in table.read_text().splitlines()[1:]:
                _, local, remote, state, *_ = line.split()
                if state == ESTABLISHED and int(local.rsplit(":", 1)[1], 16) == self.port:
                    found.add(remote)
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_set_up(name: str) -> bool:
    return (WORK / f"venv-{name}" / ".done").exists()


# Too large to set up for every run; tried where a person has done so.
BY_HAND = [name for name in ("transformers",) if is_set_up(name)]


def running(name: str, **settings: str) -> Iterator[Server]:
    """Start a server by its script, and stop it at the end."""
    script = HERE / f"{name}.sh"
    if not IN_CI and not is_set_up(name):
        pytest.skip(f"{name} is not set up: {script.relative_to(HERE.parent.parent)} setup .servers")
    # The script's own Python only makes the server's environment.
    command = ["bash", str(script), "start", str(WORK), str(free_port())]
    started = subprocess.run(
        command, env=os.environ | settings | {"PYTHON": sys.executable}, capture_output=True, text=True, check=False
    )
    assert started.returncode == 0, started.stderr
    try:
        yield Server(name, started.stdout.split()[-1])
    finally:
        subprocess.run(["bash", str(script), "stop", str(WORK)], check=True)


@pytest.fixture(scope="module")
def mlx() -> Iterator[Server]:
    yield from running("mlx")


@pytest.fixture(scope="module")
def litellm(mlx: Server) -> Iterator[Server]:
    yield from running("litellm", UPSTREAM=mlx.url)


@pytest.fixture(scope="module")
def transformers() -> Iterator[Server]:
    yield from running("transformers")


@pytest.fixture
def litellm_key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LITELLM_KEY", LITELLM_KEY)
    return "env:LITELLM_KEY"


def soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether the condition comes true within that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def bare_answer(server: Server, body: dict[str, Any], key: str = "") -> dict[str, Any]:
    """What the server says to plain urllib, without any of our code."""
    request = urllib.request.Request(
        f"{server.url}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


def test_litellm_streams_the_text_that_it_gives_whole(litellm: Server, litellm_key: str) -> None:
    byom.register("mock", url=litellm.url, model="mock", api_key=litellm_key)
    body = {"model": "mock", "messages": [{"role": "user", "content": "hi"}]}
    whole = bare_answer(litellm, body, LITELLM_KEY)["choices"][0]["message"]["content"]
    with byom.stream("mock", "hi") as events:
        pieces = [event.text for event in events if isinstance(event, TextDelta)]
    assert len(pieces) > 1
    assert "".join(pieces) == whole
    assert events.reply.text == whole
    assert events.reply.state == State.COMPLETE
    assert events.reply.finish_reason == "stop"
    assert events.reply.usage.output_tokens


@pytest.mark.parametrize(
    ("model", "status", "words"),
    [
        ("mock-limit", 429, "RateLimitError"),
        ("mock-error", 500, "InternalServerError"),
        ("mock-context", 400, "ContextWindowExceededError"),
        ("no-such-model", 400, "no-such-model"),
    ],
)
def test_what_litellm_refuses_is_an_error_in_its_own_words(
    litellm: Server, litellm_key: str, model: str, status: int, words: str
) -> None:
    byom.register("refused", url=litellm.url, model=model, api_key=litellm_key)
    with pytest.raises(ServerError) as caught:
        byom.ask("refused", "hi")
    assert words in str(caught.value)
    assert isinstance(caught.value, StatusError)
    assert caught.value.status == status
    reply = caught.value.reply
    assert reply is not None
    assert reply.text == ""
    assert reply.state == State.ERROR


def test_a_wrong_key_is_an_error_that_does_not_repeat_it(litellm: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG_KEY", "sk-canary-5417")
    byom.register("locked", url=litellm.url, model="mock", api_key="env:WRONG_KEY")
    with pytest.raises(StatusError) as caught:
        byom.ask("locked", "hi")
    assert caught.value.status in (400, 401)  # 400 "no connected db": it looks keys up in a database that it has not
    assert "canary-5417" not in str(caught.value)
    assert "canary-5417" not in repr(caught.value.reply)


@on_linux
def test_stopping_from_another_thread_hangs_up_while_litellm_still_thinks(litellm: Server, litellm_key: str) -> None:
    byom.register("slow", url=litellm.url, model="mock-slow", api_key=litellm_key)
    before = litellm.connections()
    with byom.stream("slow", "hi") as events:
        stopped_at: list[float] = []

        def stop_when_connected() -> None:
            assert soon(lambda: bool(litellm.connections() - before))
            stopped_at.append(time.monotonic())
            events.stop()

        thread = threading.Thread(target=stop_when_connected)
        thread.start()
        texts = [event for event in events if event.kind == "text"]
        thread.join()
    assert stopped_at
    assert not texts
    assert events.reply.state == State.CANCELLED
    assert soon(lambda: not litellm.connections() - before)


def test_litellm_passes_on_what_a_real_model_says(litellm: Server, litellm_key: str) -> None:
    byom.register("tiny", url=litellm.url, model="tiny", api_key=litellm_key, temperature=0, max_tokens=60)
    reply = byom.ask("tiny", TINY)
    assert reply.text or reply.reasoning
    assert reply.state in (State.COMPLETE, State.LENGTH)


def test_mlx_streams_the_text_that_it_gives_whole(mlx: Server) -> None:
    byom.register("tiny", url=mlx.url, model="hf")
    body = {"model": "hf", "messages": [{"role": "user", "content": TINY}], "temperature": 0, "max_tokens": 80}
    message = bare_answer(mlx, body)["choices"][0]["message"]
    with byom.stream("tiny", TINY, temperature=0, max_tokens=80) as events:
        pieces = [event for event in events if event.kind in ("text", "reasoning")]
    reply = events.reply
    assert len(pieces) > 3
    assert reply.text == (message.get("content") or "")
    assert reply.reasoning == (message.get("reasoning") or "")
    assert reply.state in (State.COMPLETE, State.LENGTH)
    assert reply.usage.output_tokens


def test_an_answer_of_mlx_that_is_cut_at_max_tokens_has_the_state_length(mlx: Server) -> None:
    byom.register("tiny", url=mlx.url, model="hf")
    reply = byom.ask("tiny", TINY, temperature=0, max_tokens=3)
    assert reply.state == State.LENGTH
    assert reply.usage.output_tokens == 3


@on_linux
def test_leaving_the_block_hangs_up_on_mlx_which_serves_the_next_at_once(mlx: Server) -> None:
    byom.register("tiny", url=mlx.url, model="hf")
    before = mlx.connections()
    with byom.stream("tiny", "Count to 20.", temperature=1, extra_body=ENDLESS) as events:
        for event in events:
            if event.kind in ("text", "reasoning"):
                assert mlx.connections() - before
                break
    assert events.reply.state == State.CANCELLED
    assert events.reply.text or events.reply.reasoning
    assert soon(lambda: not mlx.connections() - before)
    assert byom.ask("tiny", TINY, temperature=0, max_tokens=5).state == State.LENGTH


@pytest.mark.parametrize("name", ["mlx", *BY_HAND])
def test_a_tiny_trained_model_streams_an_answer(name: str, request: pytest.FixtureRequest) -> None:
    server: Server = request.getfixturevalue(name)
    byom.register("tiny", url=server.url, model="hf", temperature=0, max_tokens=60)
    with byom.stream("tiny", TINY) as events:
        pieces = [event for event in events if event.kind in ("text", "reasoning")]
    assert len(pieces) > 3
    assert events.reply.state in (State.COMPLETE, State.LENGTH)
    assert events.reply.usage.output_tokens


@on_linux
@pytest.mark.kernel
def test_a_cell_streams_from_a_real_server_and_can_be_interrupted(mlx: Server, tmp_path: Path) -> None:
    endless = " ".join(f"-o '{name}={json.dumps(value)}'" for name, value in ENDLESS.items())
    connected = f"sum(l.split()[2:4] == ['0100007F:{mlx.port:04X}', '{ESTABLISHED}'] for l in open('/proc/net/tcp'))"
    cells = [
        "%load_ext byom_magics",
        f"%byom_register tiny --url {mlx.url} --model hf --max-tokens 40 --temperature 0",
        f"%%byom tiny --out whole\n{TINY}",
        "print(whole.state, len(whole.text) + len(whole.reasoning))",
        "import os, signal, threading\nthreading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()",
        f"%%byom tiny --temperature 1 {endless}\nCount to 20.",
        f"print(_byom.state, {connected})",
        f"%%byom tiny --max-tokens 5 --out next_one\n{TINY}",
        "print(next_one.state)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(
        notebook, timeout=60, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    printed = ["".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells]
    failed = [
        (cell.source, output.ename)
        for cell in notebook.cells
        for output in cell.outputs
        if output.output_type == "error"
    ]
    assert failed == [(cells[5], "KeyboardInterrupt")]
    state, length = printed[3].split()
    assert state in ("complete", "length")
    assert int(length) > 20
    assert printed[6].split() == ["cancelled", "0"]
    assert printed[8].strip() == "length"
