"""Real servers that run: started and stopped by the scripts beside this file, and who is connected to them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
WORK = Path(os.environ.get("BYOM_SERVERS") or HERE.parent.parent / ".servers")
IN_CI = bool(os.environ.get("CI"))
LITELLM_KEY = "sk-local-key"
ESTABLISHED = "01"
TINY = "Explain lists."
COUNT = "Count to 20."
# The tiny model never says its end token.
ENDLESS: dict[str, dict[str, Any]] = {
    "mlx": {"logit_bias": {"2": -100}, "max_tokens": 100_000},
    "transformers": {"generation_config": json.dumps({"min_new_tokens": 2000, "max_new_tokens": 2000})},
}

real_servers = [
    pytest.mark.servers,
    pytest.mark.skipif(os.name == "nt", reason="the server scripts are written in bash"),
]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="connections are read from /proc")


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

    def bare_answer(self, body: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """What the server says to plain urllib, without any of our code."""
        request = urllib.request.Request(
            f"{self.url}/chat/completions",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
            return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(name: str, **settings: str) -> Iterator[Server]:
    """Start a server by its script, and stop it at the end."""
    script = HERE / f"{name}.sh"
    if not IN_CI and not (WORK / f"venv-{name}" / ".done").exists():
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


def soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether the condition comes true within that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
