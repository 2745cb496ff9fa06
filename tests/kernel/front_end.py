"""A front end that has widgets: it hears all that a kernel says, holds the state of each widget, and sends clicks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from queue import Empty
from typing import TYPE_CHECKING, Any

from tests.kernel.notebook_kernel import PATIENCE

if TYPE_CHECKING:
    from tests.kernel.notebook_kernel import Kernel

__all__ = ["OPEN", "STATIC", "WIDGET", "FrontEnd"]

WIDGET = "application/vnd.jupyter.widget-view+json"
STATIC = "text/html"
OPEN = (
    "(lambda m: list((m._instances if hasattr(m, '_instances') else m.Widget.widgets).values()))"
    "(__import__('ipywidgets').widgets.widget)"
)
"""An expression for the widgets that a kernel holds open."""

# What a kernel sends to tell of its own state, and what it was sent.
_NOT_SHOWN = ("status", "execute_input", "execute_reply", "iopub_welcome")


class FrontEnd:
    """
    Hears a kernel.

    Args:
        kernel: The kernel.

    Attributes:
        messages: All that it said, but for its own state and the code of cells: the kind and the content.
        states: What widgets are open, and the state of each.
        displays: What each display shows now.
        idle: The requests that the kernel has done.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.states: dict[str, dict[str, Any]] = {}
        self.displays: dict[str, dict[str, Any]] = {}
        self.idle: set[str] = set()

    def begin(self, code: str, cell: str = "cell", *, allow_stdin: bool = True) -> str:
        """Send a cell, and do not wait for it; gives the id of the request."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": allow_stdin, "stop_on_error": True}  # fmt: skip
        message = self._kernel.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self._kernel.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(self, code: str, cell: str = "cell", *, allow_stdin: bool = True) -> FrontEnd:
        """Run a cell to its end."""
        request = self.begin(code, cell, allow_stdin=allow_stdin)
        return self.until(lambda: request in self.idle)

    def press(self, words: str) -> None:
        """Press the button with these words."""
        self._send(self.find(words), {"method": "custom", "content": {"event": "click"}})

    def choose(self, words: str, **state: Any) -> None:
        """Change the control with these words."""
        self._send(self.find(words), {"method": "update", "state": state, "buffer_paths": []})

    def find(self, words: str) -> str:
        """The id of the control with these words."""
        (found,) = [each for each, state in self.states.items() if state.get("description") == words]
        return found

    def until(self, reached: Callable[[], object]) -> FrontEnd:
        """Hear the kernel until it is so."""
        end = time.monotonic() + PATIENCE
        while not reached():
            assert time.monotonic() < end, f"still waiting after: {self.messages[-3:]}"
            self._take(0.2)
        return self

    def rest(self, seconds: float = 0.2) -> FrontEnd:
        """Hear what still comes, until nothing has come for that long."""
        while self._take(seconds):
            pass
        return self

    @property
    def shown(self) -> list[str]:
        """The HTML of what is shown now, in place of widgets too."""
        return [str(data.get(STATIC, "")) for data in self.displays.values()]

    @property
    def said(self) -> str:
        """All that it said, as it was sent."""
        return json.dumps(self.messages, default=repr)

    @property
    def size(self) -> int:
        """Bytes of all that it said, without the envelopes."""
        return sum(len(json.dumps(content, default=repr)) for _, content in self.messages)

    def _send(self, comm: str, data: dict[str, Any]) -> None:
        message = self._kernel.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        self._kernel.client.shell_channel.send(message)

    def _take(self, seconds: float) -> bool:
        try:
            message = self._kernel.client.get_iopub_msg(timeout=seconds)
        except Empty:
            return False
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            self.idle.add(str(message["parent_header"].get("msg_id")))
        if kind not in _NOT_SHOWN:
            self.messages.append((kind, content))
            self._apply(kind, content)
        return True

    def _apply(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "comm_open":
            self.states[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif kind == "comm_msg" and content["data"].get("method") in ("update", "echo_update"):
            self.states.get(content["comm_id"], {}).update(content["data"].get("state", {}))
        elif kind == "comm_close":
            self.states.pop(content["comm_id"], None)
        elif kind in ("display_data", "update_display_data"):
            number = content.get("transient", {}).get("display_id") or f"display {len(self.displays)}"
            if kind == "display_data" or number in self.displays:
                self.displays[number] = content["data"]
