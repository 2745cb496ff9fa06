"""What `%load_ext byom_magics` adds to IPython: milliseconds and modules, in fresh processes with warm files."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from tests.benchmarks import origin
from tests.benchmarks.figures import Figure, at_most, exactly, note, show, spread

__all__ = ["TITLE", "measure"]

TITLE = "Loading: %load_ext byom_magics against bare IPython"

_LATE = ("httpx", "ipywidgets", "markdown_it", "sqlite3", "keyring")
_LOAD = "%load_ext byom_magics"
_INSIDE = """
import json, sys, time
shell, before = get_ipython(), set(sys.modules)
began = time.perf_counter()
shell.run_line_magic("load_ext", "byom_magics")
took = time.perf_counter() - began
print(json.dumps([took * 1000, sorted(set(sys.modules) - before)]))
"""


def measure(processes: int = 25) -> list[Figure]:
    """
    Start IPython again and again: bare, with the extension, and with a clock inside.

    Args:
        processes: How many of each.
    """
    bare, loaded, inside = [], [], []
    modules: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(processes + 2):
            without, with_it = _process("pass", folder), _process(_LOAD, folder)
            took, found = json.loads(_ipython(_INSIDE, folder).splitlines()[-1])
            if number > 1:  # the first ones warm the files
                bare.append(without)
                loaded.append(with_it)
                inside.append(took)
                modules |= set(found)
    added = [one - other for one, other in zip(loaded, bare, strict=True)]
    return [
        at_most("whole process: with the extension less bare, median", statistics.median(added), 50, "ms"),
        at_most("the magic itself, median", statistics.median(inside), 50, "ms"),
        exactly(f"imported by it of {', '.join(_LATE)}", sorted(modules & set(_LATE)), []),
        note("  bare IPython, ms", spread(bare, ".0f")),
        note("  with the extension, ms", spread(loaded, ".0f")),
        note("  the magic itself, ms", spread(inside, ".1f")),
        note("  modules that it loads", str(len(modules))),
    ]


def _process(code: str, folder: str) -> float:
    began = time.perf_counter()
    _ipython(code, folder)
    return (time.perf_counter() - began) * 1000


def _ipython(code: str, folder: str) -> str:
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code]
    # An installed package is compiled; this one may be a checkout whose folder cannot be written to.
    environment = {**os.environ, "PYTHONPATH": str(origin.ROOT), "PYTHONPYCACHEPREFIX": folder, "IPYTHONDIR": folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    run = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120)
    return run.stdout


if __name__ == "__main__":
    show(TITLE, measure())
