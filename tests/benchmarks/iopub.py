"""
What a cell sends on a kernel's IOPub socket while it runs: bytes, messages, outputs, and how old they are.

The frames are counted as they are on the wire (identity, delimiter, signature, header, parent, metadata, content).
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import zmq
from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_client.blocking.client import BlockingKernelClient

__all__ = ["Measured", "Message", "kernel", "run"]


@dataclass(frozen=True)
class Message:
    """One message: when it came, its kind, its bytes on the wire, and what it says."""

    at_s: float
    kind: str
    size: int
    content: Mapping[str, Any]


@dataclass
class Measured:
    """
    What one cell sent.

    Attributes:
        messages: All of them, in order.
        outputs: The outputs that a front end holds at the end.
        most_outputs: The most outputs that it held at any time.
        error: The traceback's last line, if the cell failed.
    """

    messages: list[Message] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    most_outputs: int = 0
    error: str = ""

    @property
    def size(self) -> int:
        """Bytes of all messages."""
        return sum(message.size for message in self.messages)

    @property
    def seconds(self) -> float:
        """From the first message to the last."""
        return self.messages[-1].at_s - self.messages[0].at_s

    def gaps(self) -> list[float]:
        """Seconds between one painting and the next, in order."""
        times = [m.at_s for m in self.messages if m.kind in {"display_data", "update_display_data"}]
        return [later - earlier for earlier, later in pairwise(times)]


@contextmanager
def kernel(**environment: str) -> Iterator[BlockingKernelClient]:
    """Start a kernel of the running Python, and stop it at the end."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env={**os.environ, **environment})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client: BlockingKernelClient, code: str, *, timeout_s: float = 600.0) -> Measured:
    """Run a cell, and watch the socket until the kernel is idle again."""
    measured = Measured()
    clearing = False
    request = client.execute(code)
    end = time.monotonic() + timeout_s
    # Older clients read through an asyncio socket; this is the same socket without that.
    socket: zmq.Socket[bytes] = zmq.Socket.shadow(client.iopub_channel.socket.underlying)
    while time.monotonic() < end:
        if not socket.poll(1000):
            continue
        frames = socket.recv_multipart()
        _, parts = client.session.feed_identities(frames)
        message = client.session.deserialize(parts)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        measured.messages.append(Message(time.monotonic(), kind, sum(map(len, frames)), content))
        if kind == "status" and content["execution_state"] == "idle":
            return measured
        clearing = _apply(measured, kind, content, clearing=clearing)
    what = f"the kernel was not idle after {timeout_s} s"
    raise TimeoutError(what)


def _apply(measured: Measured, kind: str, content: Mapping[str, Any], *, clearing: bool) -> bool:
    """Do to the list of outputs what a front end does; whether it is to be cleared by the next output."""
    if kind == "error":
        measured.error = f"{content['ename']}: {content['evalue']}"
    if kind == "clear_output":
        if content["wait"]:
            return True
        measured.outputs.clear()
    elif kind in {"display_data", "stream", "execute_result", "error"}:
        if clearing:
            measured.outputs.clear()
        measured.outputs.append({"kind": kind, **content})
        measured.most_outputs = max(measured.most_outputs, len(measured.outputs))
        return False
    elif kind == "update_display_data":
        for output in measured.outputs:
            if output.get("transient", {}).get("display_id") == content["transient"]["display_id"]:
                output["data"] = content["data"]
    return clearing
