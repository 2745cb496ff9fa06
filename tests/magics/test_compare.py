from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics import session
from byom_magics.errors import ByomError, OptionError, UnknownModelError
from byom_magics.events import Reply
from byom_magics.presenting import bundle_of
from tests.served import Served, says
from tests.wire.answers import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.magics.notebook import Notebook
    from tests.wire.raw_server import RawServer

CANARY = "sk-canary-0123456789"
BROKEN = [refused("400 Bad Request", {"error": {"message": "no such thing"}})]


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as made:
        yield made


@pytest.fixture
def both(served: Served) -> tuple[RawServer, RawServer]:
    """Two models that answer, A and B."""
    return served("A"), served("B")


def asked(server: RawServer) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = server.requests[-1].json["messages"]
    return messages


# What is shown in a terminal


def test_answers_come_one_after_the_other_with_a_table_at_the_end(
    nb: Notebook, both: tuple[RawServer, RawServer]
) -> None:
    printed = nb.ok("%%byom_compare A B\nHi").printed
    at = [printed.index(each) for each in ("── A ─", "A says this.", "── B ─", "B says this.", "── summary ─")]
    assert at == sorted(at)
    table = printed[at[-1] :]
    for head in ("model", "state", "first token", "tokens/s", "cost", "words"):
        assert head in table
    assert [asked(server) for server in both] == [[{"role": "user", "content": "Hi"}]] * 2


def test_tokens_and_cost_are_in_the_table(nb: Notebook, served: Served) -> None:
    served("A", [says("Hello", tokens=(1_000, 250_000))], prices={"input": 1, "output": 4})
    served("B", [says("Hello there", tokens=(1_000, 500_000))], prices={"input": 1, "output": 4})
    printed = nb.ok("%%byom_compare A B\nHi").printed
    table = printed[printed.index("summary") :]
    assert "250,000" in table
    assert "1.001 USD" in table
    assert "2.001 USD" in table
    assert "cheapest" in table
    assert "shortest" in table
    assert "fastest" in table


def test_the_built_in_models_can_be_compared(nb: Notebook) -> None:
    printed = nb.ok("%%byom_compare demo/pydoc demo/bigram demo/5gram --max-tokens 20 --seed 1\nThe with").printed
    assert all(f"── {key} " in printed for key in ("demo/pydoc", "demo/bigram", "demo/5gram"))


def test_eight_columns_and_more(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    printed = nb.ok("%%byom_compare A --n 9\nHi").printed
    assert all(f"── A · #{number} " in printed for number in range(1, 10))
    assert len(both[0].requests) == 9


# Options


def test_options_apply_to_all_and_brackets_to_one(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("%%byom_compare A B[temperature=0,o.top_k=3] -t 1 --max-tokens 7 -o min_p=0.1 -s 'Be brief.'\nHi")
    bodies = [server.requests[0].json for server in both]
    assert [body["temperature"] for body in bodies] == [1, 0]
    assert [body.get("top_k") for body in bodies] == [None, 3]
    assert [body["min_p"] for body in bodies] == [0.1, 0.1]
    assert [body["messages"][0] for body in bodies] == [{"role": "system", "content": "Be brief."}] * 2
    assert all(7 in (body.get("max_tokens"), body.get("max_completion_tokens")) for body in bodies)


def test_a_sweep_is_sent(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("%%byom_compare A --sweep temperature=0,0.7,1.4\nHi")
    assert sorted(request.json["temperature"] for request in both[0].requests) == [0, 0.7, 1.4]


def test_system_messages_of_the_notebook_are_compared(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("terse, kind = 'Be terse.', 'Be kind.'")
    printed = nb.ok("%%byom_compare A --systems terse,kind\nHi").printed
    sent = sorted(request.json["messages"][0]["content"] for request in both[0].requests)
    assert sent == ["Be kind.", "Be terse."]
    assert "── A · system=terse " in printed
    assert "── A · system=kind " in printed


def test_a_seed_counts_on_for_samples(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("%%byom_compare A --n 3 --seed 5\nHi")
    assert sorted(request.json["seed"] for request in both[0].requests) == [5, 6, 7]


def test_values_of_the_notebook_are_filled_in(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("topic = 'lists'")
    nb.ok("%%byom_compare A B\nWhat are {{ topic }}?")
    assert asked(both[1]) == [{"role": "user", "content": "What are lists?"}]


def test_the_replies_are_a_list_in_the_order_of_the_columns(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("%%byom_compare B A --out answers\nHi")
    answers = nb.names["answers"]
    assert [type(each) for each in answers] == [Reply, Reply]
    assert [each.text for each in answers] == ["B says this.", "A says this."]


def test_quiet_shows_nothing(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    cell = nb.ok("%%byom_compare A B --quiet --out answers\nHi")
    assert cell.everything.strip() == ""
    assert [each.text for each in nb.names["answers"]] == ["A says this.", "B says this."]


def test_a_dry_run_shows_each_request_and_sends_nothing(nb: Notebook, served: Served) -> None:
    keyed = served("A", api_key=lambda: CANARY)
    other = served("B", model="its-own-name")
    shown = nb.ok("%%byom_compare A[temperature=0] B --dry-run -o top_k=4 -s Brief\nHi").everything
    for each in ("Column A · temperature=0", "Column B", '"temperature": 0', "its-own-name", '"top_k": 4', "Brief"):
        assert each in shown
    assert CANARY not in shown
    assert not keyed.requests
    assert not other.requests


def test_a_shape_is_asked_of_all(nb: Notebook, served: Served) -> None:
    served("A", [says('{"name": "Ada", "born": 1815}')])
    served("B", [says('{"name": "Alan", "born": 1912}')])
    nb.ok("from dataclasses import dataclass\n@dataclass\nclass Person:\n    name: str\n    born: int\n")
    nb.ok("%%byom_compare A B --schema Person --out people\nWho?")
    assert [each.parsed for each in nb.names["people"]] == [
        nb.names["Person"]("Ada", 1815),
        nb.names["Person"]("Alan", 1912),
    ]


def test_a_shape_that_is_no_object_is_shown_as_its_value(nb: Notebook, served: Served) -> None:
    served("A", [says('{"answer": [1, 2]}')])
    served("B", [says('{"answer": [3, 4]}')])
    nb.ok("%%byom_compare A B --schema list[int] --out numbers\nWhich?")
    assert session.current().comparison.format == "value"
    shown = bundle_of(session.current().comparison)
    assert "[1, 2]" in shown.plain
    assert "&quot;answer" not in shown.html
    assert "<b>answer</b>" not in shown.html
    assert [each.parsed for each in nb.names["numbers"]] == [[1, 2], [3, 4]]


def test_a_picture_goes_to_all(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    png = "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
    nb.ok(f"dot = bytes.fromhex('{png}')")
    nb.ok("%%byom_compare A B --image dot\nWhat is this?")
    for server in both:
        kinds = [part["type"] for part in asked(server)[0]["content"]]
        assert sorted(kinds) == ["image_url", "text"]


# What cannot be done says how it can


@pytest.mark.parametrize("line", ["", "A"])
def test_too_few_columns_say_how_to_make_more(nb: Notebook, both: tuple[RawServer, RawServer], line: str) -> None:
    message = nb.fails(f"%%byom_compare {line}\nHi", OptionError)
    assert all(each in message for each in ("--sweep", "--n", "--systems"))
    assert not both[0].requests


def test_as_a_line_it_says_that_the_question_belongs_below(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    assert "%%byom_compare A B" in nb.fails("%byom_compare A B", OptionError)
    assert "%%byom_compare A B" in nb.fails("%byom_compare", OptionError)


@pytest.mark.parametrize(
    ("line", "error", "near"),
    [
        ("A C", UnknownModelError, "C"),
        ("A B[temprature=0]", OptionError, "did you mean temperature"),
        ("A B --swep temperature=0,1", OptionError, "did you mean --sweep"),
        ("A B --blnd", OptionError, "did you mean --blind"),
        ("A --systems terze,kind", OptionError, "terze"),
        ("A B --diff 1", OptionError, "--last --diff"),
        ("A B --vote A", OptionError, "--last --vote"),
        ("A B --adopt 1", OptionError, "--last --adopt"),
        ("A B --to-cell 1", OptionError, "--last --to-cell"),
        ("A B A", OptionError, "--n 2"),
        ("A --n 65", OptionError, "64"),
    ],
)
def test_nothing_is_sent_where_the_line_cannot_be_meant(
    nb: Notebook, both: tuple[RawServer, RawServer], line: str, error: type[ByomError], near: str
) -> None:
    assert near in nb.fails(f"%%byom_compare {line}\nHi", error)
    assert not any(server.requests for server in both)


def test_a_question_that_is_empty_is_not_sent(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.fails("%%byom_compare A B\n\n", ByomError)
    assert not any(server.requests for server in both)


# Conversations


def test_a_second_round_continues_each_with_its_own_answers(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("%%byom_compare A B -c\nFirst?")
    nb.ok("%%byom_compare A B -c\nSecond?")
    for key, server in zip("AB", both, strict=True):
        assert [each["content"] for each in asked(server)] == ["First?", f"{key} says this.", "Second?"]


def test_the_word_behind_c_may_be_a_model(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("%%byom_compare -c A B\nFirst?")
    nb.ok("%%byom_compare -c A[temperature=0] B\nSecond?")
    assert [len(server.requests) for server in both] == [2, 2]
    assert {each.name for each in session.current().conversations} == {""}


def test_conversations_may_have_names(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("%%byom_compare A B -c lesson\nFirst?")
    assert {each.name for each in session.current().conversations} == {"lesson"}
    nb.ok("%%byom A -c lesson\nSecond?")
    assert [each["content"] for each in asked(both[0])] == ["First?", "A says this.", "Second?"]


def test_without_c_no_conversation_is_kept(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("%%byom_compare A B\nFirst?")
    nb.ok("%%byom_compare A B -c\nSecond?")
    assert [len(asked(server)) for server in both] == [1, 1]


def test_a_column_that_failed_is_not_part_of_its_conversation(nb: Notebook, served: Served) -> None:
    first = served("A", BROKEN, [says("Better.")])
    served("B")
    nb.ok("%%byom_compare A B -c\nFirst?")
    nb.ok("%%byom_compare A B -c\nSecond?")
    assert [each["content"] for each in asked(first)] == ["Second?"]


# Afterwards


def test_another_model_is_asked_the_same_by_a_line(
    nb: Notebook, both: tuple[RawServer, RawServer], served: Served
) -> None:
    other = served("C")
    nb.ok("%%byom_compare A[temperature=0] B --max-tokens 9 -s Brief\nHi")
    printed = nb.ok("%byom_rerun C").printed
    assert "C says this." in printed
    assert [each["content"] for each in asked(other)] == ["Brief", "Hi"]
    assert "temperature" not in other.requests[0].json


def test_nothing_is_left_running(nb: Notebook, both: tuple[RawServer, RawServer]) -> None:
    nb.ok("%%byom_compare A B\nHi")
    assert not [each.name for each in threading.enumerate() if each.name.startswith("byom-compare")]


def test_the_manual_tells_every_option(nb: Notebook) -> None:
    text = str(nb.shell.find_line_magic("byom_compare").__doc__)
    for flag in ("--sweep", "--systems", "--n", "--blind", "--background", "--last", "--diff", "--to-cell", "--adopt",
                 "--vote", "--schema", "--tools", "--out", "-c"):  # fmt: skip
        assert flag in text
