"""The picker in a real kernel: what its cell holds, what a front end hears, and what comes of a click."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.notebook_kernel import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kernel.notebook_kernel import Kernel

pytestmark = pytest.mark.kernel

WIDGET = "application/vnd.jupyter.widget-view+json"
PICKER = "__import__('byom_magics.widgets.opened').widgets.opened.OPENED._closers"


def front_end_sends(kernel: Kernel, comm_id: str, data: dict[str, Any]) -> None:
    message = kernel.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
    kernel.client.shell_channel.send(message)


def heard(kernel: Kernel, code: str, wanted: Callable[[str, str], bool]) -> None:
    """Run a cell, and take in all messages, whatever they answer, until the wanted one came."""
    kernel.client.execute(code, allow_stdin=False)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        if wanted(message["msg_type"], json.dumps(message["content"], default=repr)):
            return
    pytest.fail("that was never sent")


def parts(kernel: Kernel) -> tuple[str, str]:
    """The ids of the search box and the list."""
    found = kernel.value(
        f"[(p._search.model_id, p._list.widget.model_id) for p in [list({PICKER}.values())[-1].__self__]]"
    )
    (pair,) = found
    return pair[0], pair[1]


def test_its_output_is_a_widget_and_a_table_for_where_there_are_none(kernel: Kernel) -> None:
    cell = kernel.run("byom_magics.models.set_default('demo/bigram')\n%byom_picker")
    assert cell.status == "ok", cell.everything
    (bundle,) = cell.displays
    assert bundle[WIDGET]["model_id"]
    for text in (bundle["text/html"], bundle["text/plain"]):
        assert "demo/bigram (default)" in text
        assert "%byom_default KEY" in text


def test_a_click_sets_the_default_that_the_next_cell_asks(kernel: Kernel) -> None:
    kernel.run("%byom_picker")
    _, models = parts(kernel)
    front_end_sends(kernel, models, {"method": "update", "state": {"index": 2}, "buffer_paths": []})
    assert kernel.value("byom_magics.models.default") == "demo/5gram"
    assert "5gram" in kernel.run("%byom_default").text


def test_typing_and_enter_pick_the_match(kernel: Kernel) -> None:
    kernel.run("%byom_picker")
    search, _ = parts(kernel)
    front_end_sends(kernel, search, {"method": "update", "state": {"value": "BIGR"}, "buffer_paths": []})
    front_end_sends(kernel, search, {"method": "custom", "content": {"event": "submit"}})
    assert kernel.value("byom_magics.models.default") == "demo/bigram"


def test_a_model_that_another_cell_registers_is_sent_and_one_that_is_forgotten_goes(kernel: Kernel) -> None:
    kernel.run("%byom_picker")
    heard(
        kernel,
        "%byom_register newcomer --url http://localhost:1/v1",
        lambda kind, content: kind == "comm_open" and "newcomer" in content,
    )
    heard(
        kernel,
        "%byom_forget newcomer",
        lambda kind, content: kind == "comm_open" and "demo/5gram" in content and "newcomer" not in content,
    )


def test_unloading_leaves_the_table_in_its_place(kernel: Kernel) -> None:
    kernel.run("%byom_picker")
    heard(
        kernel,
        "%reload_ext byom_magics",
        lambda kind, content: kind == "update_display_data" and "demo/5gram" in content and WIDGET not in content,
    )
    assert kernel.value(f"len({PICKER})") == 0


MANY = """
for number in range({}):
    byom_magics.register(f"m{{number}}", endpoint="e", **({{"url": "http://localhost:1/v1"}} if number == 0 else {{}}))
"""


def picker_messages(kernel: Kernel) -> list[dict[str, Any]]:
    """All messages of a cell that opens a picker."""
    sent = kernel.client.execute("%byom_picker", allow_stdin=False)
    messages: list[dict[str, Any]] = []
    while not messages or messages[-1]["content"].get("execution_state") != "idle":
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == sent:
            messages.append(message)
    return messages


def test_opening_it_is_a_bounded_number_of_bounded_messages_however_many_models_there_are(kernel: Kernel) -> None:
    kernel.run(MANY.format(300))
    few = picker_messages(kernel)
    kernel.run(MANY.format(2_000))
    many = picker_messages(kernel)
    kernel.run("for number in range(2_000): byom_magics.forget(f'm{number}')")
    for messages in (few, many):
        opened = [message for message in messages if message["msg_type"] == "comm_open"]
        assert len(opened) <= 32
        assert len(messages) <= 60
        assert len(json.dumps([message["content"] for message in messages], default=repr)) < 200_000


def test_what_is_set_in_it_holds_for_the_next_cell_that_names_no_model(kernel: Kernel) -> None:
    kernel.run("byom_magics.models.set_default('demo/bigram')\n%byom_picker")
    picker = f"list({PICKER}.values())[-1].__self__"
    kernel.run(f"{picker}._parameters.fold.toggle()")
    field = kernel.value(f"{picker}._parameters._fields['max_tokens'].model_id")
    front_end_sends(kernel, field, {"method": "update", "state": {"value": "3"}, "buffer_paths": []})
    cell = kernel.run("%%byom\nThe with statement")
    assert "at most 3 tokens, from the picker" in cell.html
    assert kernel.value("_byom.usage.output_tokens") == 3
    front_end_sends(kernel, field, {"method": "update", "state": {"value": ""}, "buffer_paths": []})
    assert "from the picker" not in kernel.run("%%byom --max-tokens 5\nThe with statement").html


def test_a_model_is_tested_while_the_kernel_is_free_for_other_cells(kernel: Kernel) -> None:
    kernel.run("byom_magics.models.set_default('demo/bigram')\n%byom_picker")
    picker = f"list({PICKER}.values())[-1].__self__"
    button = kernel.value(f"{picker}._trials.buttons[0].model_id")
    front_end_sends(kernel, button, {"method": "custom", "content": {"event": "click"}})
    heard(kernel, "1 + 1", lambda kind, content: kind == "comm_msg" and "All is well: %%byom demo/bigram" in content)
