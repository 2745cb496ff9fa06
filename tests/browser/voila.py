"""Voilà in a real Chromium: a notebook as an application, whose cells nobody sees or runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.jupyterlab import PATIENCE_S, wait_for_server

__all__ = ["voila"]


@contextmanager
def voila(folder: Path) -> Iterator[str]:
    """Serve the notebooks of a folder; the address that a notebook's name follows."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "voila", str(folder), f"--port={port}", "--no-browser", "--show_tracebacks=True"]
    log = folder.parent / f"{folder.name}-voila.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONWARNINGS": ""}
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for_server(server, address, log)
        yield f"{address}/voila/render/"
    finally:
        server.terminate()
        server.wait(PATIENCE_S)
