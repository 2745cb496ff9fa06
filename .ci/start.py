"""
Run the README's command that opens the quickstart, and see that JupyterLab serves it: ``start.py FOLDER COMMAND``.

Only what a machine without a screen needs is added to the command: no browser, a free port, and leave to run as root.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

SECONDS = 300
NOTEBOOK = "notebooks/quickstart.ipynb"


def main() -> None:
    """Start it, ask it for the notebook, and end it."""
    folder, command = sys.argv[1:]
    log = Path(folder, "start.log")
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["bash", "-c", f"{command} --no-browser --allow-root --ServerApp.port=0"],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        print(opened(server, log, time.monotonic() + SECONDS))
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def opened(server: subprocess.Popen[bytes], log: Path, end: float) -> str:
    """Wait for the address that JupyterLab prints, and fetch from it what the person would see."""
    while time.monotonic() < end and server.poll() is None:
        text = log.read_text(encoding="utf-8", errors="replace")
        found = re.search(r"(http://127\.0\.0\.1:\d+/)lab/tree/(\S+)\?token=(\w+)", text)
        if found:
            base, path, token = found.groups()
            if path != NOTEBOOK:
                sys.exit(f"it opens {path}, not {NOTEBOOK}")
            request = urllib.request.Request(f"{base}api/contents/{path}?token={token}")
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
                cells = json.load(answer)["content"]["cells"]
            return f"JupyterLab serves {path} with {len(cells)} cells"
        time.sleep(0.2)
    sys.exit(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


main()
