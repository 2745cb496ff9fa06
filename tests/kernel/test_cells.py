"""Cells in a real kernel: one output at the end, where the reply goes, and what a failing cell does to Run All."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.wire.answers import CHUNKED, DONE, LAST, chunk, chunked, frame, refused, sse
from tests.wire.raw_server import RawServer, after

if TYPE_CHECKING:
    from tests.kernel.notebook_kernel import Kernel

pytestmark = pytest.mark.kernel

QUESTION = "How does the with statement work?"


def register(server: RawServer, key: str = "mine", options: str = "") -> str:
    return f"%byom_register {key} --url {server.url} --model m {options}"


def test_an_answer_of_a_built_in_model_grows_and_is_one_output_at_the_end(kernel: Kernel) -> None:
    cell = kernel.run(f"%%byom demo/pydoc -o tokens_per_second=300\n{QUESTION}")
    assert cell.status == "ok", cell.everything
    assert len(cell.states) > 5
    assert cell.most_outputs <= 40
    [shown] = cell.displays
    assert len(cell.outputs) == 1
    assert set(shown) == {"text/html", "text/plain"}
    assert "context manager" in shown["text/plain"]
    assert "complete" in shown["text/plain"].splitlines()[-1]
    assert "<h" in shown["text/html"]
    assert "<pre" in shown["text/html"]


def test_a_long_answer_never_has_more_than_40_outputs(kernel: Kernel) -> None:
    paragraphs = [f"## Part {number}\n\n" + f"Sentence {number} of many. " * 40 + "\n\n" for number in range(150)]
    pieces = frame(*(chunk(paragraph) for paragraph in paragraphs))
    with RawServer([CHUNKED, pieces, frame(chunk(finish="stop"), DONE) + LAST]) as server:
        kernel.run(register(server))
        cell = kernel.run("%%byom mine\ngo")
    assert cell.status == "ok", cell.everything
    assert cell.most_outputs <= 40
    assert len(cell.outputs) == 1
    assert "Part 149" in cell.html


def test_the_reply_is_in_byom_and_in_the_variable_that_is_named(kernel: Kernel) -> None:
    kernel.run("%%byom demo/5gram --temperature 0 --max-tokens 12 --out answer\nThe with statement")
    state, same, tokens = kernel.value("(str(answer.state), answer is _byom, answer.usage.output_tokens)")
    assert state == "length"
    assert same
    assert tokens == 12


def test_the_named_variable_holds_what_came_of_a_failed_call_too(kernel: Kernel) -> None:
    with RawServer([CHUNKED, frame(chunk("Half an ans"))]) as server:
        kernel.run(register(server))
        cell = kernel.run("%%byom mine --out answer\nhi")
    assert cell.status == "error"
    assert kernel.value("(answer.text, str(answer.state))") == ("Half an ans", "incomplete")


def test_expressions_are_filled_in_and_everything_else_is_sent_as_typed(kernel: Kernel) -> None:
    with RawServer([chunked(sse("ok"))]) as server:
        kernel.run(register(server))
        kernel.run("name = '{{ not again }}'")
        cell = kernel.run('%%byom mine -s "You are {{ name }}"\nI am {{ name }} {"json": {}} $HOME {name} \\frac{a}{b}')
        sent = server.requests[0].json["messages"]
    assert cell.status == "ok", cell.everything
    assert sent == [
        {"role": "system", "content": "You are {{ not again }}"},
        {"role": "user", "content": 'I am {{ not again }} {"json": {}} $HOME {name} \\frac{a}{b}'},
    ]


def test_raw_sends_the_braces_too(kernel: Kernel) -> None:
    with RawServer([chunked(sse("ok"))]) as server:
        kernel.run(register(server))
        kernel.run("%%byom mine --raw\n{{ 1 + 1 }}")
        assert server.requests[0].json["messages"][0]["content"] == "{{ 1 + 1 }}"


def test_an_unknown_name_in_the_prompt_is_named_with_its_neighbours_and_nothing_is_sent(kernel: Kernel) -> None:
    with RawServer([chunked(sse("ok"))]) as server:
        kernel.run(register(server))
        kernel.run("question = 1")
        cell = kernel.run("%%byom mine\n{{ questoin }}")
        assert not server.requests
    assert cell.errors[0]["ename"] == "PromptError"
    assert "questoin" in cell.everything
    assert "question" in cell.everything.replace("questoin", "")


def test_a_function_s_local_variables_can_be_used(kernel: Kernel) -> None:
    with RawServer([chunked(sse("ok"))]) as server:
        kernel.run(register(server))
        cell = kernel.run("def ask(inner):\n    %byom mine say {{ inner }}\nask('hello')")
        assert cell.status == "ok", cell.everything
        assert server.requests[0].json["messages"][0]["content"] == "say hello"


def test_a_dry_run_shows_the_request_without_its_key_and_sends_nothing(kernel: Kernel) -> None:
    with RawServer([chunked(sse("ok"))]) as server:
        kernel.run("import os; os.environ['TEST_KEY_OF_MINE'] = 'sk-very-secret-and-long-0123456789'")
        kernel.run(register(server, options="--api-key env:TEST_KEY_OF_MINE"))
        cell = kernel.run("%%byom mine -t 0.5 --dry-run\nhi")
        assert not server.peers
    assert cell.status == "ok", cell.everything
    assert "TEST_KEY_OF_MINE" in cell.text
    assert "sk-very" not in cell.everything
    body = json.loads(cell.text.partition("\n\n")[2])
    assert body["temperature"] == 0.5
    assert body["messages"] == [{"role": "user", "content": "hi"}]


def test_quiet_shows_nothing_of_an_answer_and_all_of_a_failure(kernel: Kernel) -> None:
    with RawServer([chunked(sse("ok"))], [CHUNKED, frame(chunk("Half"))]) as server:
        kernel.run(register(server))
        assert not kernel.run("%%byom mine --quiet\nhi").outputs
        cell = kernel.run("%%byom mine --quiet --on-error show\nhi")
    assert "Half" in cell.text


def test_an_answer_beside_other_outputs_leaves_them_alone(kernel: Kernel) -> None:
    cell = kernel.run(
        "print('before')\n%byom demo/5gram --temperature 0 --max-tokens 9 What is a slice?\nprint('after')"
    )
    assert cell.outputs[0]["text"] == "before\n"
    assert cell.outputs[-1]["text"] == "after\n"
    assert "9 out" in cell.text


def test_two_answers_in_one_cell_both_stay(kernel: Kernel) -> None:
    cell = kernel.run("for _ in range(2):\n    %byom demo/5gram --temperature 0 --max-tokens 9 The with statement")
    assert cell.status == "ok", cell.everything
    assert cell.text.count("9 out") == 2


def test_bare_byom_tells_what_there_is_and_how_to_go_on(kernel: Kernel) -> None:
    cell = kernel.run("%byom")
    assert cell.status == "ok", cell.everything
    for word in ("demo/pydoc", "demo/bigram", "demo/5gram", "%byom_register", "%%byom?"):
        assert word in cell.text


@pytest.mark.parametrize("magic", ["%%byom", "%byom", "%byom_register", "%byom_models", "%byom_picker"])
def test_a_question_mark_shows_the_manual(kernel: Kernel, magic: str) -> None:
    sent = kernel.client.execute(f"{magic}?")
    reply = kernel.client.get_shell_msg(timeout=10)
    while reply["parent_header"].get("msg_id") != sent:
        reply = kernel.client.get_shell_msg(timeout=10)
    [page] = reply["content"]["payload"]
    text = page["data"]["text/plain"]
    assert magic.strip("%") in text
    assert "None" not in text.split("Docstring:")[1][:20]
    if magic in {"%%byom", "%byom"}:
        assert "--temperature" in text
        assert "Examples" in text


def test_run_all_goes_on_when_errors_are_only_shown_and_stops_at_a_failed_answer() -> None:
    with RawServer([refused("401 Unauthorized", {"error": {"message": "bad key, says the server"}})]) as server:
        cells = [
            f"%load_ext byom_magics\n{register(server)}",
            "%%byom mine --on-error show\nhi",
            "print('went on')",
            "%%byom mine\nhi",
            "print('went on')",
        ]
        asked = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        with pytest.raises(CellExecutionError, match="bad key, says the server"):
            NotebookClient(asked, timeout=30).execute()
    assert "bad key, says the server" in asked.cells[1].outputs[0].data["text/plain"]
    assert asked.cells[2].outputs[0].text == "went on\n"
    assert not asked.cells[4].outputs


def test_a_cell_that_waits_in_the_queue_is_not_run_after_a_failed_one(kernel: Kernel) -> None:
    go = threading.Event()
    with RawServer([after(go), *[refused("500 Broken", {"error": "no"})]]) as server:
        kernel.run(register(server))
        failing = kernel.begin("%%byom mine\nhi")
        waiting = kernel.begin("print('ran')")
        server.wait_for_requests(1)
        go.set()
        assert failing.ended().status == "error"
        assert waiting.ended().status == "aborted"
