"""
A real kernel, and the outputs of its cells as a front end holds them: displays that are updated and cleared included.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.manager import KernelManager

PATIENCE = 30.0
"""Seconds that anything here waits at most for what must come."""


class Cell:
    """
    A cell that was sent to a kernel.

    Attributes:
        outputs: What a front end shows of it by now, each with its ``output_type``.
        states: What its outputs said as text, each time that they changed.
        most_outputs: The most outputs that it had at any time.
        reply: The content of the ``execute_reply``, once it has ended.
    """

    def __init__(self, kernel: Kernel, message: str) -> None:
        self._kernel = kernel
        self._message = message
        self._displays: dict[str, list[dict[str, Any]]] = {}
        self._clear_next = False
        self.outputs: list[dict[str, Any]] = []
        self.states: list[str] = []
        self.most_outputs = 0
        self.messages = 0
        self.begun = False
        self.idle = False
        self.reply: dict[str, Any] = {}

    @property
    def status(self) -> str:
        """``ok``, ``error`` or ``aborted``."""
        return str(self.reply.get("status"))

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [output for output in self.outputs if output["output_type"] == "error"]

    @property
    def displays(self) -> list[dict[str, Any]]:
        """The MIME bundles that are shown."""
        return [output["data"] for output in self.outputs if "data" in output]

    @property
    def text(self) -> str:
        """All that is printed, and the text/plain of all that is displayed."""
        return "".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in self.outputs)

    @property
    def html(self) -> str:
        return "".join(data.get("text/html", "") for data in self.displays)

    @property
    def everything(self) -> str:
        """All that is shown in any form, tracebacks included."""
        lines = [line for error in self.errors for line in error["traceback"]]
        return "\n".join([self.text, self.html, *lines])

    def until(self, reached: Callable[[Cell], bool]) -> Cell:
        """Take in messages until the cell is so; it must not end before."""
        end = time.monotonic() + PATIENCE
        while not reached(self):
            assert not self.idle, f"the cell ended before: {self.outputs}"
            assert time.monotonic() < end, f"still waiting: {self.outputs}"
            self._take()
        return self

    def ended(self) -> Cell:
        """Take in messages until the cell has ended."""
        end = time.monotonic() + PATIENCE
        while not self.idle:
            assert time.monotonic() < end, f"the cell has not ended: {self.outputs}"
            self._take()
        while not self.reply:
            reply = self._kernel.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == self._message:
                self.reply = reply["content"]
        return self

    def watch(self, seconds: float) -> Cell:
        """Take in messages for that long."""
        end = time.monotonic() + seconds
        while not self.idle and time.monotonic() < end:
            self._take(end - time.monotonic())
        return self

    def _take(self, seconds: float = 1) -> None:
        try:
            message = self._kernel.client.get_iopub_msg(timeout=max(seconds, 0))
        except Empty:
            return
        if message["parent_header"].get("msg_id") == self._message:
            self._apply(message["msg_type"], message["content"])

    def _apply(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "status":
            self.idle = content["execution_state"] == "idle"
            return
        if kind == "execute_input":
            self.begun = True
        elif kind == "clear_output":
            self._clear_next = True
            if not content["wait"]:
                self._clear()
        elif kind == "update_display_data":
            for output in self._displays.get(content["transient"]["display_id"], []):
                output.update(data=content["data"], metadata=content["metadata"])
        elif kind in {"display_data", "execute_result", "stream", "error"}:
            self._clear()
            self._add(kind, content)
        self.messages += 1
        self.most_outputs = max(self.most_outputs, len(self.outputs))
        state = self.text + self.html
        if not self.states or self.states[-1] != state:
            self.states.append(state)

    def _add(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "stream" and self.outputs and self.outputs[-1].get("name") == content["name"]:
            self.outputs[-1]["text"] += content["text"]
            return
        output = {"output_type": kind, **content}
        self.outputs.append(output)
        display = content.get("transient", {}).get("display_id")
        if display:
            self._displays.setdefault(display, []).append(output)

    def _clear(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self.outputs.clear()


class Kernel:
    """
    A kernel of the Python that runs the tests.

    Args:
        manager: Its manager.
        client: A client with open channels.
    """

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager = manager
        self.client = client

    def begin(self, code: str, *, stop_on_error: bool = True) -> Cell:
        """Send a cell, and do not wait for it."""
        return Cell(self, self.client.execute(code, allow_stdin=False, stop_on_error=stop_on_error))

    def begin_in(self, cell_id: str, code: str) -> Cell:
        """Send a cell as JupyterLab does, which tells its id and can be asked; do not wait for it."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": True,
            "stop_on_error": True,
        }
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell_id})
        self.client.shell_channel.send(message)
        return Cell(self, message["header"]["msg_id"])

    def asked(self) -> str:
        """What the running cell asks the person."""
        return str(self.client.get_stdin_msg(timeout=PATIENCE)["content"]["prompt"])

    def run(self, code: str) -> Cell:
        """Run a cell to its end, whatever comes of it."""
        cell = self.begin(code).ended()
        while cell.status == "aborted":  # it came while the kernel still swept away what waited behind a failed one
            cell = self.begin(code).ended()
        return cell

    def value(self, expression: str) -> Any:
        """The value of an expression of plain literals."""
        import ast

        cell = self.run(f"print(repr({expression}))")
        assert cell.status == "ok", cell.everything
        return ast.literal_eval(cell.text.strip())

    def interrupt(self) -> float:
        """Interrupt it as the stop button does; the time of it (``time.monotonic``)."""
        at = time.monotonic()
        self.manager.interrupt_kernel()
        return at

    def complete(self, code: str) -> list[str]:
        """The whole texts that Tab offers at the end of the code."""
        sent = self.client.complete(code, len(code))
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == sent:
                break
        content = reply["content"]
        return [code[: content["cursor_start"]] + match + code[content["cursor_end"] :] for match in content["matches"]]


@contextmanager
def started(folder: Path, env: Mapping[str, str] | None = None, config: str = "") -> Iterator[Kernel]:
    """
    Start a kernel, and end it.

    Args:
        folder: An empty folder of its own, for its working directory and IPython's files.
        env: Further environment variables.
        config: The text of its ``ipython_config.py``.
    """
    import os

    profile = folder / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_config.py").write_text(config, encoding="utf-8")
    manager = KernelManager()
    manager.start_kernel(
        cwd=str(folder), env={**os.environ, "IPYTHONDIR": str(folder / "ipython"), "PYTHONWARNINGS": "", **(env or {})}
    )
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
