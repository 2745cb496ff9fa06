"""Eight columns, round after round, in a real kernel: what is left of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.benchmarks import iopub, origin
from tests.benchmarks.figures import Figure, at_most, exactly, note, show

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

__all__ = ["TITLE", "Left", "measure", "rounds"]

TITLE = "Soak: 8 columns, 100 rounds, in a real kernel"

_COLUMNS = 8
_ROUNDS = 100
_WARM = 10
_MB = 1024 * 1024
_PLAN = "paced/60/200"
_LOOK = """
import gc, json, os, sys, threading, time
from ipywidgets.widgets import widget as _widget
def _left():
    gc.collect()
    status = open('/proc/self/status').read() if os.path.exists('/proc/self/status') else 'VmRSS: 0'
    return json.dumps({
        'threads': len(_ours('byom-compare')),
        'all_threads': threading.active_count(),
        'sockets': sum('socket' in _linked(each) for each in os.listdir('/proc/self/fd'))
            if os.path.exists('/proc/self/fd') else 0,
        'widgets': len(_widget._instances if hasattr(_widget, '_instances') else _widget.Widget.widgets),
        'memory': int(status.split('VmRSS:')[1].split()[0]) * 1024,
        'blocks': sys.getallocatedblocks(),
    })
def _ours(name):
    return [each for each in threading.enumerate() if each.name.startswith(name)]
def _idle():
    until = time.monotonic() + 20
    while _ours('byom') and time.monotonic() < until:
        time.sleep(0.05)
    return len(_ours('byom'))
def _linked(name):
    try:
        return os.readlink(f'/proc/self/fd/{name}')
    except OSError:
        return ''
"""


@dataclass(frozen=True)
class Left:
    """
    What is there after a round.

    Attributes:
        threads: Threads of comparisons.
        all_threads: All threads of the kernel.
        sockets: Open sockets, those of the kernel itself included.
        widgets: Widgets that the kernel holds open.
        comms: Widgets that a front end holds open.
        memory: What the process holds in bytes, as the operating system counts it; 0 if it does not say.
        blocks: What Python holds, in blocks of memory: an object is one or a few.
    """

    threads: int
    all_threads: int
    sockets: int
    widgets: int
    comms: int
    memory: int
    blocks: int


def measure(number: int = _ROUNDS) -> list[Figure]:
    """
    Compare in the same cell again and again, as a person does who changes the question.

    Args:
        number: How many rounds.
    """
    with origin.running() as server, iopub.kernel(PYTHONPATH=str(origin.ROOT)) as client:
        left = list(rounds(client, server.url(_PLAN), number))
        end = _closed(client, left[-1].comms)
        idle = int(_run(client, "print(_idle())", "first")[0])
    warm, last = left[min(_WARM, number) - 1], left[-1]
    return [
        exactly("threads of comparisons right after a round", max(each.threads for each in left), 0),
        exactly("threads of ours some seconds after the last", idle, 0),
        exactly("threads of any kind more than after the tenth round", last.all_threads - warm.all_threads, 0),
        exactly("sockets more than after the tenth round", last.sockets - warm.sockets, 0),
        exactly("widgets more than after the tenth round", last.widgets - warm.widgets, 0),
        exactly("comms more than after the tenth round", last.comms - warm.comms, 0),
        exactly("widgets and comms when the controls are closed", end.widgets + end.comms, 0),
        at_most("memory at the end / after the tenth round", last.memory / max(1, warm.memory), 1.1),
        at_most(
            "blocks of memory more for each round after the tenth",
            (last.blocks - warm.blocks) / max(1, number - _WARM),
            200,
        ),
        note(
            "  memory after rounds 1, 10, …, MB",
            ", ".join(f"{left[at].memory / _MB:.1f}" for at in (0, *range(9, number, 10))),
        ),
        note("  sockets, threads, widgets at the end", f"{last.sockets}, {last.all_threads}, {last.widgets}"),
    ]


def rounds(client: BlockingKernelClient, url: str, number: int, columns: int = _COLUMNS) -> Iterator[Left]:
    """
    Compare in one cell, and tell after each round what is there.

    Args:
        client: A kernel.
        url: Where all models are.
        number: How many rounds.
        columns: How many models.
    """
    _run(client, f"%load_ext byom_magics\n{_LOOK}", "first")
    for each in range(columns):
        _run(client, f"%byom_register m{each} --url {url}", "first")
    keys = " ".join(f"m{each}" for each in range(columns))
    comms = 0
    for each in range(number):
        said, opened = _run(client, f"%%byom_compare {keys}\nQuestion {each}?", "the cell")
        assert "complete" in said, said[-2000:]
        comms += opened
        yield _look(client, comms)


def _closed(client: BlockingKernelClient, comms: int) -> Left:
    _, opened = _run(client, "from byom_magics.widgets.opened import OPENED\nOPENED.close_all()", "first")
    return _look(client, comms + opened)


def _look(client: BlockingKernelClient, comms: int) -> Left:
    said, _ = _run(client, "print(_left())", "first")
    return Left(comms=comms, **json.loads(said))


def _run(client: BlockingKernelClient, code: str, cell: str) -> tuple[str, int]:
    """Run a cell, as a front end does that has widgets; its text, and how many comms more there are."""
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True,
               "stop_on_error": True}  # fmt: skip
    message = client.session.msg("execute_request", content, metadata={"cellId": cell})
    client.shell_channel.send(message)
    request, said, comms = message["header"]["msg_id"], "", 0
    for _ in count():
        heard: Any = client.get_iopub_msg(timeout=120)
        kind, told = heard["msg_type"], heard["content"]
        assert kind != "error", f"{told['ename']}: {told['evalue']}"
        comms += (kind == "comm_open") - (kind == "comm_close")
        if kind == "stream":
            said += told["text"]
        elif kind == "update_display_data":
            said = told["data"].get("text/plain") or said
        elif kind == "status" and told["execution_state"] == "idle" and heard["parent_header"]["msg_id"] == request:
            break
    client.get_shell_msg(timeout=120)
    return said, comms


if __name__ == "__main__":
    show(TITLE, measure())
