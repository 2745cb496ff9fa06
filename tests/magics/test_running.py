from __future__ import annotations

import builtins
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import byom_magics as byom
from byom_magics.errors import OptionError, ShapeError
from byom_magics.log.cache import Cache
from byom_magics.session import current
from tests.wire.answers import chunked, sse
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook

DEFINED = '''
from dataclasses import dataclass

seen = []

def get_weather(city: str) -> str:
    """The weather in a city."""
    seen.append(city)
    return f"rain in {city}"

async def population(city: str) -> int:
    """How many people live in a city."""
    return {"Oslo": 717710}[city]

@dataclass
class Topic:
    title: str
    keywords: list[str]
'''


@pytest.fixture
def work(nb: Notebook) -> Notebook:
    """A notebook with functions and a type of its own; answers come as fast as they can."""
    nb.ok(DEFINED)
    return nb


FAST = "-o tokens_per_second=0"


# Tools


def test_a_tool_runs_when_it_is_allowed_and_the_answer_speaks_of_its_result(work: Notebook) -> None:
    cell = work.ok(
        f"%%byom demo/pydoc {FAST} --tools get_weather --allow get_weather --out answer\nThe weather in Oslo?"
    )
    assert work.names["seen"] == ["Oslo"]
    assert "rain in Oslo" in work.names["answer"].text
    assert 'get_weather(city="Oslo")' in cell.everything


def test_an_async_tool_is_waited_for(work: Notebook) -> None:
    work.ok(f"%%byom demo/pydoc {FAST} --tools population --allow all\nThe population of Oslo?")
    assert [result.text for result in work.names["_byom"].tool_results] == ["717710"]


def test_the_person_is_asked_with_the_arguments_before_a_tool_runs(
    work: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "y" if len(asked) == 1 else "n"

    monkeypatch.setattr(builtins, "input", answer)
    work.ok(f"%%byom demo/pydoc {FAST} --tools get_weather\nWhat is the weather in Oslo and in Rome?")
    assert ["Oslo" in asked[0], "Rome" in asked[1], len(asked)] == [True, True, 2]
    assert work.names["seen"] == ["Oslo"]
    assert [result.outcome for result in work.names["_byom"].tool_results] == ["done", "refused"]


def test_where_nobody_can_be_asked_no_tool_runs(work: Notebook) -> None:
    work.ok(f"%%byom demo/pydoc {FAST} --tools get_weather\nThe weather in Oslo?")
    assert work.names["seen"] == []
    assert "--allow get_weather" in work.names["_byom"].text


def test_an_interrupt_in_a_tool_leaves_a_truthful_transcript(work: Notebook) -> None:
    work.ok('def get_weather(city: str) -> str:\n    "The weather in a city."\n    raise KeyboardInterrupt')
    cell = work.run(f"%%byom demo/pydoc {FAST} -c --tools get_weather --allow all\nWeather in Oslo and in Rome?")
    assert isinstance(cell.error, KeyboardInterrupt)
    reply = work.names["_byom"]
    assert (reply.state, [each.outcome for each in reply.tool_results]) == ("cancelled", ["interrupted", "left"])
    assert "what became of its tools is in _byom.tool_results" in cell.printed
    work.ok(f"%%byom demo/pydoc {FAST} -c\nWhat is a slice?")
    (before, _) = current().conversations.of("demo/pydoc").exchanges
    assert [each.role for each in before.answered] == ["assistant", "tool", "tool"]
    assert "interrupted" in before.answered[1].text


# Shapes


def test_an_answer_in_a_shape_is_the_object(work: Notebook) -> None:
    work.ok(f"%%byom demo/pydoc {FAST} --schema Topic\nHow does the with statement work?")
    parsed = work.names["_byom"].parsed
    assert isinstance(parsed, work.names["Topic"])
    assert "with" in parsed.title.lower()
    shown, _ = work.shell.display_formatter.format(work.names["_byom"])
    assert "<b>title</b>" in shown["text/html"]  # a reply shows as the tree that it is, also later


def test_an_answer_that_never_fits_is_an_error_that_keeps_the_text(work: Notebook) -> None:
    byom.register("dull", url=byom.models["demo/bigram"].url, model="demo/bigram", max_tokens=5, extra_body={
        "tokens_per_second": 0}, capabilities={"structured_output": False})  # fmt: skip
    told = work.fails("%%byom dull --schema Topic --retries 1\nHello", ShapeError)
    assert "Topic" in told
    assert work.names["_byom"].text
    work.ok("%%byom dull --schema Topic --retries 0 --on-error show\nHello")


def test_an_answer_that_is_asked_anew_says_how_often_it_may_be(work: Notebook) -> None:
    with RawServer((chunked(sse("no")),), (chunked(sse('{"a": 1}')),)) as server:
        byom.register("odd", url=server.url)
        cell = work.ok('%%byom odd --schema {"type":"object","required":["a"]} --retries 3 --out it\nHello')
    assert "Asked again (2 of 4)" in cell.printed
    assert work.names["it"].parsed == {"a": 1}


# Conversations


def test_a_conversation_goes_on_and_models_do_not_mix(work: Notebook) -> None:
    for cell in (
        "demo/pydoc -c",
        "demo/pydoc -c",
        "demo/bigram -c --max-tokens 3",
        "demo/pydoc -c other",
        "demo/pydoc",
    ):
        work.ok(f"%%byom {cell} {FAST}\nWhat is a slice?")
    assert {each.written: len(each) for each in current().conversations} == {
        "demo/pydoc:": 2,
        "demo/bigram:": 1,
        "demo/pydoc:other": 1,
    }


def test_a_fork_begins_with_a_copy(work: Notebook) -> None:
    work.ok(f"%%byom demo/pydoc -c lesson {FAST}\nWhat is a slice?")
    work.ok(f"%%byom demo/bigram -c mine --fork lesson --max-tokens 3 {FAST}\nAnd then?")
    copy = current().conversations.of("demo/bigram", "mine")
    assert [each.model for each in copy.exchanges] == ["demo/pydoc", "demo/bigram"]
    assert len(current().conversations.of("demo/pydoc", "lesson")) == 1


def test_a_model_after_c_is_the_model(work: Notebook) -> None:
    work.ok(f"%%byom -c demo/bigram --max-tokens 3 {FAST}\nA list")
    assert [each.written for each in current().conversations] == ["demo/bigram:"]


# Again


def test_several_answers_are_a_list_and_differ_though_they_have_a_seed(work: Notebook) -> None:
    work.ok(f"%%byom demo/5gram --n 3 --seed 1 --max-tokens 12 {FAST} --out answers\nThe with statement")
    texts = [reply.text for reply in work.names["answers"]]
    assert len(texts) == 3
    assert len(set(texts)) > 1
    work.ok(f"%%byom demo/5gram --n 1 --max-tokens 3 {FAST} --out answers\nThe with statement")
    assert len(work.names["answers"]) == 1


def test_several_answers_do_not_go_with_a_conversation(work: Notebook) -> None:
    assert "--n" in work.fails("%%byom demo/5gram --n 3 -c\nHello", OptionError)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    current().cache = Cache(tmp_path)
    return current().cache


def test_what_was_asked_before_is_answered_from_the_cache_and_marked(work: Notebook, cache: Cache) -> None:
    cell = f"%%byom demo/5gram --cache --max-tokens 8 {FAST}\nA list"
    work.ok(cell)
    first = work.names["_byom"]
    shown = work.ok(cell)
    again = work.names["_byom"]
    assert (first.cached, again.cached, again.text) == (False, True, first.text)
    assert "cache" in shown.everything
    work.ok(cell.replace("--cache", ""))
    assert not work.names["_byom"].cached
    work.ok(cell.replace("8", "9"))
    assert not work.names["_byom"].cached
    assert "Took 2 answers away" in work.ok("%byom_cache clear").printed


def test_the_settings_make_all_cells_use_the_cache_but_those_that_do_not_want_it(work: Notebook, cache: Cache) -> None:
    work.ok("%config Byom.cache = True")
    cell = f"%%byom demo/5gram --max-tokens 8 {FAST}\nA list"
    work.ok(cell)
    work.ok(cell)
    assert work.names["_byom"].cached
    work.ok(cell.replace("--max", "--no-cache --max"))
    assert not work.names["_byom"].cached


# New cells


def test_the_code_of_an_answer_becomes_a_cell_that_is_not_run(work: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, bool]] = []
    monkeypatch.setattr(work.shell, "set_next_input", lambda code, replace: made.append((code, replace)))
    work.ok(f"%%byom demo/pydoc -f code --to-cell {FAST}\nWhat is the yield statement?")
    ((code, replace),) = made
    assert "yield" in code
    assert "```" not in code
    assert not replace


@pytest.mark.parametrize(("text", "is_cell"), [("x = 1\nprint(x)", True), ("%timeit x", True), ("I cannot do that.", False),
                                               ("Sure:\n```sql\nSELECT 1 FROM t\n```", True)])  # fmt: skip
def test_words_without_code_become_no_cell(
    work: Notebook, monkeypatch: pytest.MonkeyPatch, text: str, is_cell: bool
) -> None:
    made: list[str] = []
    monkeypatch.setattr(work.shell, "set_next_input", lambda code, replace: made.append(code))
    with RawServer([chunked(sse(text))]) as server:
        byom.register("mine", url=server.url, model="m")
        cell = work.ok("%%byom mine --to-cell\nDo it")
    assert bool(made) == is_cell
    assert ("no new cell" in cell.printed) != is_cell


def test_what_of_a_conversation_goes_out_with_a_question_is_told_before(nb: Notebook) -> None:
    with RawServer([chunked(sse("B" * 20_000))]) as server:
        byom.register("long", url=server.url)
        first = nb.ok("%%byom long -c\nWhy?")
        assert "and with it" not in first.printed
        assert "and with it about 5,001 tokens of earlier turns" in nb.ok("%%byom long -c --dry-run\nAnd?").plain
        assert len(server.requests) == 1
        again = nb.ok("%%byom long -c\nAnd?").printed
    assert again.index("[and with it about 5,001 tokens of earlier turns]") < again.index("BBB")


def test_several_answers_of_a_conversation_are_refused_by_a_dry_run_too(nb: Notebook) -> None:
    for line in ("%%byom demo/pydoc --n 2 -c", "%%byom demo/pydoc --n 2 -c --dry-run"):
        assert "one answer to each question" in nb.fails(f"{line}\nWhy?", OptionError)
