from __future__ import annotations

from byom_magics.demo.supply import Supply
from tests.demo.offers import WEATHER, function


def test_what_is_taken_is_left_no_more_nor_what_overlaps_with_it() -> None:
    supply = Supply(WEATHER, "in New York and in Oslo")
    supply.take(supply.left("object")[0])
    assert [mention.text for mention in supply.left("object")] == ["Oslo"]
    assert [mention.text for mention in supply.names()] == ["Oslo"]
    supply.take_all(0, 100)
    assert supply.names() == []


def test_words_that_call_the_function_are_no_values_for_it() -> None:
    email = function("send_email", "Send an email", to="string")
    assert [mention.text for mention in Supply(email, "Email Anna").names()] == ["Anna"]
    light = function("turn_light", "Turn a light on or off", room="string")
    assert [mention.text for mention in Supply(light, "Turn on the light in the kitchen").objects()] == ["kitchen"]


def test_sure_names_come_alone() -> None:
    assert [mention.text for mention in Supply(WEATHER, "Hm. Please. Weather in Oslo").names()] == ["Oslo"]


def test_the_subject_goes_to_the_end() -> None:
    search = function("search", "Search", query="string")
    subjects = [mention.text for mention in Supply(search, "Search on the web for the with statement!").subject()]
    assert subjects[0] == "with statement"


def test_the_rest_is_what_remains_of_the_call() -> None:
    reverse = function("reverse", "Reverse a text", s="string")
    assert Supply(reverse, "Please reverse the word hello!").rest() == "hello"
