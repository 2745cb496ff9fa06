from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from byom_magics.demo.conversation import Conversation, Done
from byom_magics.demo.functions import Function, Offer
from byom_magics.demo.material import Material
from byom_magics.demo.pieces import Asked
from byom_magics.demo.planning import Lack, Plan, failed, plan
from tests.demo.offers import ADD, COUNT, DIVIDE, MULTIPLY, WEATHER, function

CAPITAL = function("find_capital", "The capital of a country", country="string")
READ = function("read_file", "Read a file", path="string")
EMAIL = function("send_email", "Send an email", to="string", body="string")

RESULTS: dict[str, Callable[..., object]] = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b if b else "ZeroDivisionError: division by zero",
    "find_capital": lambda country: "Oslo",
    "get_weather": lambda city: f"{len(city)} degrees",
    "read_file": lambda path: "a b c",
    "word_count": lambda text: len(text.split()),
    "send_email": lambda to, body: "sent",
}


def plans(question: str, *functions: Function, done: tuple[Done, ...] = (), **offer: Any) -> Plan:
    return plan(Conversation((question,), done), Offer(functions, **offer), Material(question))


def turn(question: str, *functions: Function, **offer: Any) -> list[list[tuple[str, dict[str, Any]]]]:
    """All rounds of a turn, each as what was called in it."""
    done: list[Done] = []
    rounds: list[list[tuple[str, dict[str, Any]]]] = []
    for _ in range(20):
        calls = plans(question, *functions, done=tuple(done), **offer).calls
        if not calls:
            return rounds
        rounds.append([(call.name, dict(call.arguments)) for call in calls])
        done += [Done(call.name, call.arguments, str(RESULTS[call.name](**call.arguments))) for call in calls]
    raise AssertionError("the turn does not end")


def test_two_cities_are_two_calls_at_once() -> None:
    oslo, rome = ("get_weather", {"city": "Oslo"}), ("get_weather", {"city": "Rome"})
    assert turn("What is the weather in Oslo and in Rome?", WEATHER, ADD) == [[oslo, rome]]


def test_a_result_goes_on_into_the_next_call() -> None:
    assert turn("Add 2 and 3, then multiply the result by 4", ADD, MULTIPLY) == [
        [("add", {"a": 2, "b": 3})],
        [("multiply", {"a": 5, "b": 4})],
    ]
    assert turn("Find the capital of Norway and tell me the weather there", WEATHER, CAPITAL) == [
        [("find_capital", {"country": "Norway"})],
        [("get_weather", {"city": "Oslo"})],
    ]
    assert turn("Read notes.txt and count the words in it", COUNT, READ) == [
        [("read_file", {"path": "notes.txt"})],
        [("word_count", {"text": "a b c"})],
    ]


def test_three_steps_wait_for_one_another() -> None:
    assert turn("Divide 10 by 4 and multiply by 3 and add 1", ADD, MULTIPLY, DIVIDE) == [
        [("divide", {"a": 10, "b": 4})],
        [("multiply", {"a": 2.5, "b": 3})],
        [("add", {"a": 7.5, "b": 1})],
    ]


def test_what_needs_no_result_does_not_wait() -> None:
    question = "What is 2 + 3, and what is 4 * 5, and the weather in Oslo?"
    assert turn(question, ADD, MULTIPLY, WEATHER) == [
        [("add", {"a": 2, "b": 3}), ("multiply", {"a": 4, "b": 5}), ("get_weather", {"city": "Oslo"})]
    ]


def test_what_a_clause_does_not_say_is_taken_from_the_whole_question() -> None:
    both = turn("Add and multiply 2 and 3", ADD, MULTIPLY)
    assert both[0][0] == ("add", {"a": 2, "b": 3})
    time = function("get_time", "", city="string")
    assert plans("The weather in Oslo and the time?", WEATHER, time).calls == (
        Asked("get_weather", {"city": "Oslo"}),
        Asked("get_time", {"city": "Oslo"}),
    )


def test_a_step_that_needs_a_result_is_left_out_where_the_call_failed() -> None:
    assert turn("Divide 10 by 0 and then add 3", ADD, DIVIDE) == [[("divide", {"a": 10, "b": 0})]]


def test_the_same_call_is_never_made_twice() -> None:
    assert turn("The weather in Oslo. Again: the weather in Oslo!", WEATHER) == [[("get_weather", {"city": "Oslo"})]]
    done = (Done("get_weather", {"city": "Oslo"}, "3 degrees"),)
    assert plans("The weather in Oslo", WEATHER, done=done, must=True).calls == ()


def test_no_tool_is_called_where_none_fits() -> None:
    found = plans("How does the with statement work?", WEATHER, ADD)
    assert (found.calls, found.lacks) == ((), ())
    assert "No tool fits" in found.why[0]


def test_what_is_lacking_is_told() -> None:
    assert plans("What is the weather?", WEATHER).lacks == (Lack("get_weather", ("city",)),)


@pytest.mark.parametrize(
    ("question", "name"), [("Tell me about Oslo", "get_weather"), ("Go", "get_weather"), ("sum", "add")]
)
def test_a_call_that_has_to_be_made_is_made_with_the_likeliest_arguments(question: str, name: str) -> None:
    (call,) = plans(question, WEATHER, ADD, must=True).calls
    assert call.name == name
    assert set(call.arguments) == ({"city"} if name == "get_weather" else {"a", "b"})


def test_a_call_that_has_to_be_made_uses_what_is_said() -> None:
    assert plans("Tell me about Oslo", WEATHER, must=True).calls == (Asked("get_weather", {"city": "Oslo"}),)


def test_calls_come_one_by_one_where_they_may_not_be_parallel() -> None:
    oslo, rome = ("get_weather", {"city": "Oslo"}), ("get_weather", {"city": "Rome"})
    assert turn("The weather in Oslo and Rome", WEATHER, parallel=False) == [[oslo], [rome]]


def test_a_question_that_goes_on_means_the_function_of_the_one_before() -> None:
    before = (Done("get_weather", {"city": "Oslo"}, "3 degrees"),)
    talk = Conversation(("The weather in Oslo?", "And in Bergen?"), before=before)
    assert plan(talk, Offer((WEATHER, ADD)), Material("")).calls == (Asked("get_weather", {"city": "Bergen"}),)
    talk = Conversation(("The weather in Oslo?", "What is a class?"), before=before)
    assert plan(talk, Offer((WEATHER, ADD)), Material("")).calls == ()


def test_what_is_pointed_at_may_stand_in_the_question_before() -> None:
    population = function("population", "How many people live in a city.", city="string")
    before = (Done("get_weather", {"city": "Oslo"}, "3 degrees"),)
    talk = Conversation(("The weather in Oslo?", "How many people live there?"), before=before)
    assert plan(talk, Offer((WEATHER, population)), Material("")).calls == (Asked("population", {"city": "Oslo"}),)


def test_a_turn_ends_even_if_there_is_much_to_do() -> None:
    cities = ", ".join(f"City{'abcdefghijklmnopqrstuvwxyz'[n]}x" for n in range(26))
    assert sum(map(len, turn(f"weather in {cities}", WEATHER))) <= 16


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ("ZeroDivisionError: division by zero", True),
        ("requests.exceptions.ConnectTimeout: no", True),
        ("The arguments do not fit: city is missing", True),
        ("There is no tool 'x'.", True),
        ('{"error": "no such city"}', True),
        ("KeyError('x')", True),
        ("3 degrees, rain", False),
        ("No errors found", False),
        ("", False),
    ],
)
def test_a_failure_is_known_by_how_it_begins(result: str, told: bool) -> None:
    assert failed(result) is told
