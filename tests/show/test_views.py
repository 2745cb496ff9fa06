from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient

from tests.benchmarks.iopub import kernel, run
from tests.show.safe import text_of

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

ROOT = str(Path(__file__).resolve().parents[2])
PLAY = f"""
import sys
sys.path.insert(0, {ROOT!r})
from byom_magics.events import *
from byom_magics.show.views import install, open_view, show_html, show_svg, uninstall

def play(text="Hello **you**. ", count=1, state=State.COMPLETE, shell=None, **options):
    view = open_view(shell or get_ipython(), model="gpt", address="http://a.example", refresh_rate=1e6, **options)
    view.tick()
    for _ in range(count):
        view.event(TextDelta(text))
        view.tick()
    view.finish(Reply(text * count, state=state, model="gpt"))
"""

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def client() -> Iterator[BlockingKernelClient]:
    with kernel() as client:
        assert run(client, PLAY).error == ""
        yield client


@pytest.mark.parametrize(("count", "times"), [(1, 1), (300, 1), (500, 10)])
def test_one_output_remains_of_a_cell_that_is_ours(client: BlockingKernelClient, count: int, times: int) -> None:
    cell = run(client, f"play('Hello **you**. ' * {times}, count={count})")
    assert cell.error == ""
    assert cell.most_outputs <= 40
    (output,) = cell.outputs
    assert text_of(output["data"]["text/html"]).split("gpt ·")[0].split() == ["Hello", "you."] * count * times
    assert output["data"]["text/plain"].endswith("[gpt · complete]")


def test_while_it_streams_only_html_is_sent(client: BlockingKernelClient) -> None:
    cell = run(client, "play(count=300)")
    data = [message.content["data"] for message in cell.messages if "data" in message.content]
    assert all(set(bundle) == {"text/html"} for bundle in data[:-1])
    assert set(data[-1]) == {"text/html", "text/plain"}


def test_in_a_cell_with_other_outputs_nothing_of_them_is_lost(client: BlockingKernelClient) -> None:
    cell = run(client, "print('before'); play(count=500, alone=False); print('after')")
    assert cell.outputs[0]["text"] == "before\n"
    assert cell.outputs[-1]["text"] == "after\n"
    ours = cell.outputs[1:-1]
    text = "".join(text_of(output["data"]["text/html"]) for output in ours)
    assert text.split("gpt ·")[0].split() == ["Hello", "you."] * 500
    assert all("text/plain" in output["data"] for output in ours)


def test_quiet_shows_nothing_unless_the_call_fails(client: BlockingKernelClient) -> None:
    assert run(client, "play(count=9, quiet=True)").outputs == []
    (output,) = run(client, "play(count=9, quiet=True, state=State.INCOMPLETE)").outputs
    assert "INCOMPLETE" in output["data"]["text/html"]


def test_a_cell_that_is_interrupted_while_painting_still_ends_with_its_reply(client: BlockingKernelClient) -> None:
    code = """
view = open_view(get_ipython(), model="gpt", address="", refresh_rate=1e6)
publish = get_ipython().display_pub.publish
def interrupted(**_): raise KeyboardInterrupt
get_ipython().display_pub.publish = interrupted
try:
    view.event(TextDelta("Hel")); view.tick()
except KeyboardInterrupt:
    get_ipython().display_pub.publish = publish
view.finish(Reply("Hel", state=State.CANCELLED))
"""
    (output,) = run(client, code).outputs
    assert "CANCELLED" in output["data"]["text/plain"]


def test_painting_from_a_thread_lands_in_its_own_cell(client: BlockingKernelClient) -> None:
    code = "import threading\nv = open_view(get_ipython(), model='gpt', address=''); v.tick()\n"
    run(client, code)
    later = run(
        client,
        "t = threading.Thread(target=v.finish, args=(Reply('late', state=State.COMPLETE),)); t.start(); t.join()",
    )
    assert later.outputs == []


def test_a_reply_displays_as_its_answer_until_that_is_undone(client: BlockingKernelClient) -> None:
    (before,) = run(client, "Reply('**x**')").outputs
    run(client, "install(get_ipython())")
    (shown,) = run(client, "Reply('**x**')").outputs
    run(client, "uninstall(get_ipython()); uninstall(get_ipython())")
    (after,) = run(client, "Reply('**x**')").outputs
    assert set(before["data"]) == set(after["data"]) == {"text/plain"}
    assert "<strong>x</strong>" in shown["data"]["text/html"]
    assert shown["data"]["text/plain"] == before["data"]["text/plain"]


def test_a_ranking_displays_as_its_table(client: BlockingKernelClient) -> None:
    run(client, "install(get_ipython())")
    code = "from byom_magics.study import ranking, vote\nv = vote.Vote('0' * 64, ('a<b', 'c'), 'tie')\n"
    (shown,) = run(client, code + "ranking.ranking([v], rounds=0)").outputs
    run(client, "uninstall(get_ipython())")
    assert "<table" in shown["data"]["text/html"]
    assert "a&lt;b" in shown["data"]["text/html"]
    assert "Ranking of 2 models" in shown["data"]["text/plain"]


def test_a_saved_notebook_holds_one_output_with_both_forms() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"{PLAY}\nplay(count=300)")])
    NotebookClient(notebook, timeout=120).execute()
    (output,) = notebook.cells[0].outputs
    assert set(output.data) == {"text/html", "text/plain"}
    assert output.data["text/plain"].count("you") == 300


def test_plain_python_gets_text() -> None:
    code = f"def get_ipython(): return None\n{PLAY}\nplay(count=3, shell=None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout == "Hello **you**. Hello **you**. Hello **you**. \n[gpt · complete]\n"


def test_opening_a_shell_loads_no_renderer() -> None:
    code = (
        f"import json, sys; sys.path.insert(0, {ROOT!r}); from byom_magics.show import views;"
        "print(json.dumps([name for name in sys.modules if name.split('.')[0] in "
        "{'markdown_it', 'mdit_py_plugins', 'pygments', 'IPython'}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_a_tool_is_on_the_socket_before_it_runs(client: BlockingKernelClient) -> None:
    code = """
call = ToolCall("1", "weather", '{"city": "Oslo"}')
view = open_view(get_ipython(), model="gpt", address="", notes=["sending 12 tokens"])
view.tick(); view.event(TextDelta("Let me look.")); view.tick()
view.event(ToolAsked(call)); view.tick(); print("running")
"""
    cell = run(client, code)
    assert cell.outputs[-1]["text"] == "running\n"
    assert '▸ weather(city="Oslo")' in text_of(cell.outputs[0]["data"]["text/html"])


def test_a_quiet_answer_that_does_not_fit_is_not_quiet(client: BlockingKernelClient) -> None:
    code = """
from byom_magics.errors import ShapeError
view = open_view(get_ipython(), model="gpt", address="", quiet=True)
view.finish(Reply("{}", state=State.COMPLETE, error=ShapeError("no name")))
"""
    (output,) = run(client, code).outputs
    assert "WRONG SHAPE" in output["data"]["text/plain"]


def test_a_picture_is_published_with_its_text(client: BlockingKernelClient) -> None:
    (output,) = run(client, "show_svg('<svg/>', 'a picture')").outputs
    assert output["data"] == {"image/svg+xml": "<svg/>", "text/plain": "a picture"}
