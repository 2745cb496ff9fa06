"""
Run the README's command that opens the quickstart, and see that JupyterLab serves it: ``start.py FOLDER COMMAND``.

Only what a machine without a screen needs is added: a free port, leave to run as root, and a browser that notes the
address that it is sent to.
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
from urllib.parse import urlsplit

SECONDS = 300


def main() -> None:
    """Start it, follow the address that it opens a browser on, and end it."""
    folder, command = sys.argv[1:]
    log, visited = Path(folder, "start.log"), Path(folder, "visited")
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["bash", "-c", f"{command} --allow-root --ServerApp.port=0"],
            cwd=folder,
            env=os.environ | {"BROWSER": f"sh -c 'echo $0 >{visited}' %s"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        print(opened(server, log, visited))
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def opened(server: subprocess.Popen[bytes], log: Path, visited: Path) -> str:
    """Wait for the page that the browser is sent to, and fetch from the server what the person would see there."""
    end = time.monotonic() + SECONDS
    while not visited.exists() or not visited.read_text().endswith("\n"):
        if time.monotonic() > end or server.poll() is not None:
            sys.exit(f"no browser was opened:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
        time.sleep(0.1)
    page = Path(urllib.request.url2pathname(urlsplit(visited.read_text().strip()).path)).read_text(encoding="utf-8")
    found = re.search(r"(http://[^/]+/)lab/tree/([^?\"]+)\?token=(\w+)", page)
    if not found or not found[2].endswith("quickstart.ipynb"):
        sys.exit(f"the browser was not sent to the quickstart:\n{page}")
    base, path, token = found.groups()
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        f"{base}api/contents/{path}?token={token}", timeout=30
    ) as answer:
        cells = json.load(answer)["content"]["cells"]
    return f"JupyterLab opens {path} with {len(cells)} cells"


main()
