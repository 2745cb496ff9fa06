from __future__ import annotations

from byom_magics.demo.parameters import item_kind, parameters_of
from byom_magics.demo.schema import Schema
from tests.demo.offers import function


def test_parameters_come_in_order_with_their_kinds() -> None:
    found = parameters_of(
        function(
            "f",
            "",
            ["city"],
            city="string",
            unit={"enum": ["C", "F"]},
            days={"anyOf": [{"type": "integer"}, {"type": "null"}]},
            any={},
            wrong=False,
        )
    )
    kinds = [("city", "string", True), ("unit", "choice", False), ("days", "integer", False), ("any", "string", False)]
    assert [(each.name, each.kind, each.required) for each in found] == kinds


def test_the_name_tells_whether_it_takes_a_name_or_any_text() -> None:
    city, query, table = parameters_of(function("f", city_name="string", search_query="string", table="string"))
    assert (city.named, city.free) == (True, False)
    assert (query.named, query.free) == (False, True)
    assert (table.named, table.free) == (False, False)


def test_a_value_is_made_to_suit_the_kind_or_is_none() -> None:
    whole, number, text = parameters_of(function("f", a="integer", b="number", c="string"))
    assert whole.suited(2.0) == 2
    assert whole.suited(2.5) is None
    assert number.suited("It is 5.") == 5
    assert number.suited("no") is None
    assert text.suited("  x ") == "x"
    assert text.suited("  ") is None


def test_the_kind_of_items_is_read_through_references() -> None:
    document = Schema({"$defs": {"A": {"type": "integer"}}})
    assert item_kind({"$ref": "#/$defs/A"}, document) == "integer"
    assert item_kind({"enum": [1]}, document) == "choice"
    assert item_kind({"$ref": "#/$defs/B"}, document) == ""


def test_values_that_a_description_names_are_options() -> None:
    def options(description: str) -> tuple[str, ...]:
        (parameter,) = parameters_of(function("f", x={"type": "string", "description": description}))
        return parameter.options

    assert options("celsius or fahrenheit.") == ("celsius", "fahrenheit")
    assert options("One of 'red', \"green\" or `blue`") == ("red", "green", "blue")
    assert options("The name of a city or a town") == ()
    assert options("a, " * 50_000) == ()
