from __future__ import annotations

import json
from typing import Any

import pytest

from byom_magics.demo.fields import Fields, RequestError
from byom_magics.demo.form import Form, read_form, worded_form

SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}}


def read(response_format: Any) -> Form | None:
    return read_form(Fields({"response_format": response_format}))


def test_text_is_no_form() -> None:
    assert read(None) is None
    assert read({"type": "text"}) is None


def test_a_schema_is_read_with_its_name_and_its_length() -> None:
    form = read({"type": "json_schema", "json_schema": {"name": "Topic", "schema": SCHEMA, "strict": True}})
    assert form is not None
    assert (form.name, form.schema) == ("Topic", SCHEMA)
    assert form.tokens > 10


def test_without_a_schema_any_object_will_do() -> None:
    assert read({"type": "json_object"}) == Form()
    assert read({"type": "json_schema", "json_schema": {"name": "x"}}) == Form("x")


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ("json", "response_format"),
        ({}, "response_format.type"),
        ({"type": "xml"}, "response_format.type"),
        ({"type": "json_schema"}, "response_format.json_schema"),
        ({"type": "json_schema", "json_schema": {"schema": SCHEMA}}, "response_format.json_schema.name"),
        ({"type": "json_schema", "json_schema": {"name": "a b"}}, "response_format.json_schema.name"),
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": []}}, "response_format.json_schema.schema"),
    ],
)
def test_a_form_that_cannot_be_used_is_pointed_at(given: Any, param: str) -> None:
    with pytest.raises(RequestError) as caught:
        read(given)
    assert (caught.value.status, caught.value.param) == (400, param)


def test_a_schema_in_words_is_found_behind_them() -> None:
    told = f"Use {{braces}} freely. It must be valid against this JSON Schema:\n{json.dumps(SCHEMA)}\nThanks."
    assert worded_form(["nothing", told]) == Form(schema=SCHEMA)


def test_json_that_is_no_schema_is_none() -> None:
    assert worded_form(['As JSON Schema: {"name": 5}']) is None
    assert worded_form([json.dumps(SCHEMA)]) is None
    assert worded_form([json.dumps(SCHEMA)], sure=True) == Form(schema=SCHEMA)
    assert worded_form(["JSON Schema " + "{" * 100_000]) is None
