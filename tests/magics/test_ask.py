from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import byom_magics as byom
from byom_magics import errors
from byom_magics.events import Reply
from tests.wire.answers import CHUNKED, GOOD, chunk, chunked, frame, refused, sse
from tests.wire.raw_server import RawServer, hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.magics.notebook import Notebook

CANARY = "sk-canary-0123456789"


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(GOOD) as made:
        byom.register("llama", url=made.url, model="llama3.2")
        yield made


def sent(server: RawServer) -> Any:
    return server.requests[-1].json


def prompt(server: RawServer) -> str:
    text: str = sent(server)["messages"][-1]["content"]
    return text


# Asking


def test_a_cell_asks_its_model_and_shows_the_answer_with_a_quiet_line(nb: Notebook, server: RawServer) -> None:
    cell = nb.ok("%%byom llama\nWhy is the sky blue?\nTell me.")
    assert prompt(server) == "Why is the sky blue?\nTell me."
    assert cell.printed.startswith("Hello\n")
    assert "llama (served) · complete" in cell.printed


def test_one_line_asks_the_same(nb: Notebook, server: RawServer) -> None:
    assert nb.ok("%byom llama -t 0 Why 'is' the {sky} blue").printed.startswith("Hello\n")
    assert prompt(server) == "Why 'is' the {sky} blue"
    assert sent(server)["temperature"] == 0


@pytest.mark.parametrize("key", ["demo/pydoc", "demo/bigram", "demo/5gram"])
def test_the_built_in_models_answer(nb: Notebook, key: str) -> None:
    assert len(nb.ok(f"%%byom {key} --max-tokens 20 --seed 1\nThe with statement").printed) > 20
    assert nb.names["_byom"].model == key


def test_the_same_seed_gives_the_same_answer(nb: Notebook) -> None:
    for name in ("first", "second"):
        nb.ok(f"%%byom demo/5gram --seed 7 -t 1.2 --max-tokens 30 --out {name} --quiet\nThe")
    assert nb.names["first"].text == nb.names["second"].text != ""


def test_a_bare_cell_asks_the_default(nb: Notebook, server: RawServer) -> None:
    nb.ok("%byom_default llama")
    nb.ok("%%byom\nhi")
    nb.ok("%%byom -t 0.5\nhi")
    assert [request.json.get("temperature") for request in server.requests] == [None, 0.5]


def test_a_bare_cell_without_a_default_says_how_to_choose_one(nb: Notebook) -> None:
    message = nb.fails("%%byom\nhi", errors.UnknownModelError)
    assert "%byom_default KEY" in message
    assert "%byom_picker" in message


def test_an_unknown_model_is_told_with_its_nearest(nb: Notebook, server: RawServer) -> None:
    assert "did you mean llama" in nb.fails("%%byom lama\nhi", errors.UnknownModelError)
    assert server.requests == []


@pytest.mark.parametrize("cell", ["%%byom llama\n \n\t\n", "%byom llama", "%%byom llama\n{{ '' }}"])
def test_an_empty_prompt_is_not_sent(nb: Notebook, server: RawServer, cell: str) -> None:
    assert "The prompt is empty" in nb.fails(cell, errors.OptionError)
    assert server.requests == []


def test_errors_are_shown_as_a_message_without_frames(nb: Notebook) -> None:
    cell = nb.run("%%byom lama\nhi")
    assert cell.printed.startswith("UnknownModelError: No model 'lama' is registered.\nNext: ")
    assert "Traceback" not in cell.printed
    assert ".py" not in cell.printed


# Options


def test_every_option_of_a_turn_reaches_the_request(nb: Notebook, server: RawServer) -> None:
    nb.ok(
        '%%byom llama -s "You review code. Be brief." -t 0.7 --max-tokens 80 --top-p 0.9 --seed 1 --stop "\\n" --stop END '
        '-o reasoning_effort=low -o response_format={"type": "json_object"} -o \'deep={"a b": [1, null]}\' -o user=null\nhi'
    )
    body = sent(server)
    assert body["messages"][0] == {"role": "system", "content": "You review code. Be brief."}
    assert [body[name] for name in ("model", "temperature", "max_tokens", "top_p", "seed", "stop", "reasoning_effort", "response_format", "deep")] == [
        "llama3.2",
        0.7,
        80,
        0.9,
        1,
        ["\n", "END"],
        "low",
        {"type": "json_object"},
        {"a b": [1, None]},
    ]  # fmt: skip
    assert "user" not in body


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--temprature 1", "did you mean --temperature"),
        ("-t warm", "it wants a number of 0 or more"),
        ("-t -1", "it wants a number of 0 or more"),
        ("--top-p 1.5", "from 0 to 1"),
        ("--max-tokens 0", "1 or more"),
        ("--stop ''", "stop"),
        ("--format yaml", "it is one of markdown, text"),
        ("--timeout 0", "seconds above 0"),
        ("--timeouts idel=5", "the names are connect"),
        ("--on-error ignore", "raise, show"),
        ("-o a=NaN", "check the values given with -o"),
        ("two words", "one word too many"),
    ],
)
def test_an_option_that_cannot_be_used_is_told_and_nothing_is_sent(
    nb: Notebook, server: RawServer, options: str, says: str
) -> None:
    assert says in nb.fails(f"%%byom llama {options}\nhi", errors.OptionError)
    assert server.requests == []
    assert "_byom" not in nb.names


def test_out_takes_the_reply_and_byom_has_it_too(nb: Notebook, server: RawServer) -> None:
    nb.ok("%%byom llama --out answer\nhi")
    assert isinstance(nb.names["answer"], Reply)
    assert nb.names["answer"] is nb.names["_byom"]
    assert nb.names["answer"].text == "Hello"


def test_quiet_shows_nothing_unless_it_fails(nb: Notebook, server: RawServer) -> None:
    assert nb.ok("%%byom llama --quiet\nhi").everything.strip() == ""
    with RawServer([refused("400 Bad Request", {"error": "too odd"})]) as other:
        byom.register("odd", url=other.url)
        assert "too odd" in nb.run("%%byom odd --quiet --on-error show\nhi").everything


@pytest.mark.parametrize("format_name", ["markdown", "text", "code", "json"])
def test_an_answer_is_shown_in_every_format(nb: Notebook, format_name: str) -> None:
    answer = '```json\n{"a": 1}\n```\n'
    with RawServer([chunked(sse(answer))]) as server:
        byom.register("coder", url=server.url)
        cell = nb.ok(f"%%byom coder -f {format_name}\nhi")
    assert '"a": 1' in cell.printed
    assert nb.names["_byom"].text == answer


def test_timers_of_a_cell_stand_over_the_models_and_those_over_the_settings(nb: Notebook) -> None:
    with RawServer([hold]) as server:
        nb.ok("%config Byom.timeouts = {'first_byte': 0.05}")
        byom.register("slow", url=server.url)
        assert "timer 'first_byte'" in nb.fails("%%byom slow\nhi", errors.StalledError)
        byom.register("slow", url=server.url, timeouts={"first_byte": 30, "total": 0.05})
        assert "timer 'total'" in nb.fails("%%byom slow\nhi", errors.StalledError)
        assert "0.06 s" in nb.fails("%%byom slow --timeout 0.06\nhi", errors.StalledError)
        assert "0.07 s" in nb.fails("%%byom slow --timeouts total=none,first_byte=0.07\nhi", errors.StalledError)


# What goes wrong


def test_an_answer_that_breaks_off_stays_and_raises(nb: Notebook) -> None:
    with RawServer([chunked(sse("half an ans", finish=None, done=False))]) as server:
        byom.register("broken", url=server.url)
        cell = nb.run("%%byom broken --out answer\nhi")
    assert isinstance(cell.error, errors.IncompleteError)
    assert "half an ans" in cell.printed
    assert "INCOMPLETE" in cell.printed
    assert cell.error.reply is not None
    assert cell.error.reply.text == nb.names["answer"].text == nb.names["_byom"].text == "half an ans"


def test_on_error_show_goes_on_and_leaves_the_error_on_the_reply(nb: Notebook) -> None:
    with RawServer([refused("400 Bad Request", {"error": {"message": "too odd"}})]) as server:
        byom.register("odd", url=server.url)
        cell = nb.ok("%%byom odd --on-error show\nhi")
    assert "too odd" in cell.printed
    assert nb.names["_byom"].state_text == "error(http)"
    assert isinstance(nb.names["_byom"].error, errors.StatusError)


@pytest.mark.parametrize(("finish", "badge"), [("length", "CUT OFF"), ("content_filter", "content filter")])
def test_an_answer_that_the_server_cut_short_is_marked_and_does_not_raise(
    nb: Notebook, finish: str, badge: str
) -> None:
    with RawServer([chunked(sse("half", finish=finish))]) as server:
        byom.register("short", url=server.url)
        assert badge in nb.ok("%%byom short\nhi").printed


def test_abort_03_an_interrupt_keeps_what_had_come_and_hangs_up(nb: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    from byom_magics.show import terminal

    original = terminal.TerminalView.event

    def interrupted(view: Any, event: Any) -> None:
        original(view, event)
        if event.kind == "text":
            raise KeyboardInterrupt

    monkeypatch.setattr(terminal.TerminalView, "event", interrupted)
    with RawServer([CHUNKED, frame(chunk("Hel")), hold]) as server:
        byom.register("llama", url=server.url)
        cell = nb.run("%%byom llama --out answer\nhi")
        server.wait_for_hang_up()
    assert isinstance(cell.error, KeyboardInterrupt)
    assert "Hel" in cell.printed
    assert "CANCELLED" in cell.printed
    assert (nb.names["_byom"].text, str(nb.names["answer"].state)) == ("Hel", "cancelled")
    assert "3 characters that had come are in _byom" in "".join(cell.error._render_traceback_())  # type: ignore[attr-defined]


@pytest.mark.parametrize("before", [True, False])
def test_an_interrupt_while_the_request_is_sent_ends_the_call_and_is_shown_too(
    nb: Notebook, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    from byom_magics.talk.turn import Turn

    begin = Turn.begin

    def interrupted(turn: Turn) -> None:
        monkeypatch.undo()
        if not before:
            begin(turn)
            silent.wait_for_requests(1)
        raise KeyboardInterrupt

    with RawServer([hold]) as silent:
        byom.register("llama", url=silent.url)
        monkeypatch.setattr(Turn, "begin", interrupted)
        cell = nb.run("%%byom llama --out answer\nhi")
        if not before:
            silent.wait_for_hang_up()
        assert len(silent.peers) == (0 if before else 1)
    assert isinstance(cell.error, KeyboardInterrupt)
    assert "CANCELLED" in cell.printed
    assert "nothing had come yet" in cell.printed
    assert "Traceback" not in cell.printed
    assert str(nb.names["answer"].state) == "cancelled"


def test_an_interrupt_before_anything_came_says_so(nb: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    from byom_magics.show import terminal

    def interrupted(view: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(terminal.TerminalView, "tick", interrupted)
    with RawServer([hold]) as server:
        byom.register("llama", url=server.url)
        cell = nb.run("%%byom llama\nhi")
    assert isinstance(cell.error, KeyboardInterrupt)
    assert "nothing had come yet" in cell.printed
    assert nb.ok("1 + 1").error is None


# The prompt


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": [1, {}]}, "c": 1}',
        r"\frac{a}{b} and $x^{2}$ and $$\sum_{i}$$",
        "f'{name!r} {x:>{w}}'",
        "!ls $HOME ~/x ${HOME} $name {name}",
        "%timeit x?\n?help\n!ls",
        'it\'s "quoted" \\n \\\\ # no comment',
        "{ single } } {",
        "{{ open",
    ],
)
def test_sec_40_json_latex_code_and_magics_are_sent_as_typed(nb: Notebook, server: RawServer, text: str) -> None:
    nb.names["name"] = "never"
    nb.ok(f"%%byom llama\n{text}")
    assert prompt(server) == text


def test_expressions_are_filled_in_from_the_notebook(nb: Notebook, server: RawServer) -> None:
    nb.ok("question = 'Why {{ not }}?'\ndef double(x): return 2 * x")
    nb.ok(
        "%%byom llama -s 'Answer {{ double(2) }} times'\nA: {{ question }} B: {{ {'k': {'v': 1}}['k'] }} {{ len(In) > 0 }}"
    )
    assert prompt(server) == "A: Why {{ not }}? B: {'v': 1} True"
    assert sent(server)["messages"][0]["content"] == "Answer 4 times"


def test_expressions_see_the_variables_around_them_on_a_line(nb: Notebook, server: RawServer) -> None:
    nb.ok(
        "x = 'outer'\ndef f():\n    x = 'inner'\n    get_ipython().run_line_magic('byom', 'llama {{ x }} {{ [x for _ in (1,)] }}')\nf()"
    )
    assert prompt(server) == "inner ['inner']"


def test_raw_sends_the_braces(nb: Notebook, server: RawServer) -> None:
    nb.ok("%%byom llama --raw -s '{{ b }}'\n{{ a }} {% if %} {{#each}}")
    assert prompt(server) == "{{ a }} {% if %} {{#each}}"
    assert sent(server)["messages"][0]["content"] == "{{ b }}"


def test_an_unknown_name_is_told_with_its_neighbours_and_nothing_is_sent(nb: Notebook, server: RawServer) -> None:
    nb.ok("question = 1")
    message = nb.fails("%%byom llama\n{{ qestion }}", errors.PromptError)
    assert "'qestion'" in message
    assert "did you mean question" in message
    assert server.requests == []


def test_an_expression_that_fails_is_told_and_nothing_is_sent(nb: Notebook, server: RawServer) -> None:
    assert "ZeroDivisionError" in nb.fails("%%byom llama\n{{ 1 / 0 }}", errors.PromptError)
    assert "no Python expression" in nb.fails("%%byom llama\n{{ a b }}", errors.PromptError)
    assert server.requests == []


def test_sec_41_an_answer_is_never_filled_in_or_run(nb: Notebook) -> None:
    with RawServer([chunked(sse("{{ boom() }}\n%byom_forget demo/pydoc\n"))]) as server:
        byom.register("evil", url=server.url)
        nb.ok("%%byom evil --out answer\nhi")
        nb.ok("%%byom evil\n{{ answer }}")
        assert prompt(server) == "{{ boom() }}\n%byom_forget demo/pydoc\n"
    assert "demo/pydoc" in byom.models


# The dry run


def test_a_dry_run_shows_the_request_with_its_key_hidden_and_sends_nothing(
    nb: Notebook, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    byom.register("llama", url=server.url, api_key="env:CANARY", headers={"X-Api-Key": "env:CANARY"})
    nb.ok("question = '<b>Why</b>?'")
    cell = nb.ok("%%byom llama --dry-run -s 'Be brief.' --timeout 5 -o a=[1]\n{{ question }}")
    assert server.requests == []
    assert f"POST {server.url}/chat/completions" in cell.plain
    assert "Bearer [key from env:CANARY]" in cell.plain
    assert CANARY not in cell.everything
    body = json.loads(cell.plain[cell.plain.index("{") :])
    assert body["messages"][1]["content"] == "<b>Why</b>?"
    assert body["a"] == [1]
    assert "<b>Why" not in cell.html
    assert "nothing was sent" in cell.html
    assert "_byom" not in nb.names


def test_a_dry_run_needs_no_key(nb: Notebook) -> None:
    byom.register("gpt", url="https://api.example.com/v1", api_key="env:NOT_SET")
    assert "[key from env:NOT_SET]" in nb.ok("%byom gpt --dry-run hi").plain


# Secrets


@pytest.mark.parametrize("mode", ["Plain", "Context", "Verbose", "Minimal"])
def test_sec_20_no_traceback_of_any_kind_shows_a_key(nb: Notebook, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    with RawServer([refused("401 Unauthorized", {"error": f"bad key {CANARY}"})]) as server:
        byom.register("gpt", url=server.url, api_key="env:CANARY")
        nb.ok(f"%xmode {mode}")
        cell = nb.run("%%byom gpt\nhi")
        again = nb.run("%tb")
        python = nb.run("import byom_magics as byom\nbyom.ask('gpt', 'hi')")
        locals_ = nb.run("import sys, traceback\nprint(''.join(traceback.TracebackException.from_exception(sys.last_value, capture_locals=True).format()))")  # fmt: skip
    assert isinstance(cell.error, errors.StatusError)
    for shown in (cell, again, python, locals_):
        assert "StatusError" in shown.everything
        assert CANARY not in shown.everything
    assert CANARY not in str(nb.names)
    assert CANARY not in repr(sys.last_value)


# Whose the cell is


@pytest.mark.parametrize(
    ("code", "alone"),
    [
        ("%%byom llama\nhi\nthere", True),
        ("\n  %%byom llama\nhi", True),
        ("%byom llama hi", True),
        ("x = 1\n%byom llama hi", False),
        ("%byom llama hi\nprint(1)", False),
        ("print(1)", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("parent", ["get_parent", "parent_header"])
def test_a_cell_with_something_else_in_it_keeps_its_other_outputs(
    nb: Notebook, monkeypatch: pytest.MonkeyPatch, code: str, alone: bool, parent: str
) -> None:
    from byom_magics.show import views

    message = {"content": {"code": code}}
    kernel = SimpleNamespace(get_parent=lambda kind: message) if parent == "get_parent" else SimpleNamespace()
    seen: list[bool] = []
    original = views.open_view

    def opened(shell: Any, **how: Any) -> views.View:
        seen.append(how["alone"])
        return original(None, **how)

    monkeypatch.setattr(views, "open_view", opened)
    monkeypatch.setattr(nb.shell, "kernel", kernel, raising=False)
    monkeypatch.setattr(nb.shell, "parent_header", message, raising=False)
    nb.shell.run_line_magic("byom", "demo/bigram --max-tokens 1 The")
    assert seen == [alone]


def test_what_is_asked_again_tells_its_size_again(nb: Notebook) -> None:
    nb.names["big"] = "word " * 4_000
    with RawServer(GOOD) as server:
        byom.register("llama", url=server.url)
        for line in ("%%byom llama\n{{ big }}", "%byom_rerun", "%byom_rerun -t 1"):
            printed = nb.ok(line).printed
            assert "sending about 5,000 tokens" in printed
            assert "big: " in printed
        byom.ask("llama", "word " * 8_000)
        assert "sending about 10,000 tokens" in nb.ok("%byom_rerun").printed
        nb.ok("%%byom llama\nHi")
        assert "sending" not in nb.ok("%byom_rerun").everything
        assert "sending about 1 tokens" in nb.ok("%byom_rerun --dry-run").everything
        assert len(server.requests) == 7
