from __future__ import annotations

import json
from dataclasses import fields
from importlib import resources
from typing import Any

import jsonschema
import pytest

from byom_magics.catalog import files
from byom_magics.catalog.fields import LISTED, SECTIONS, Field, nearest, schema
from byom_magics.catalog.spec import Capabilities, Endpoint, Limits, ModelSpec, Policy, Prices, Quirks, Timeouts, Tls

ROOM = resources.files("byom_magics.catalog")
EXAMPLE = ROOM.joinpath("example.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


def made() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def test_the_shipped_schema_is_what_the_table_makes() -> None:
    shipped = ROOM.joinpath("byom.schema.json").read_text(encoding="utf-8")
    assert shipped == made(), "write it anew: python -m tests.catalog.test_fields"


@pytest.mark.parametrize(
    ("section", "kind", "apart"),
    [
        ("policy", Policy, {"source", "broken", "only_forbids"}),
        ("endpoint", Endpoint, {"source", "name"}),  # its name is that of its table
        ("tls", Tls, set()),
        ("limits", Limits, set()),
        ("quirks", Quirks, set()),
        ("prices", Prices, set()),
        ("capabilities", Capabilities, set()),
        ("timeouts", Timeouts, set()),
        ("model", ModelSpec, {"key", "source", "builtin"}),
    ],
)
def test_all_that_a_spec_has_can_be_said_in_a_file(section: str, kind: Any, apart: set[str]) -> None:
    wanted = {each.name for each in fields(kind)} - apart
    if section == "model":
        wanted |= set(SECTIONS["endpoint"])  # a model may bring its endpoint along
    assert set(SECTIONS[section]) == wanted


def test_every_field_says_in_one_line_what_it_is() -> None:
    every = [field for section in SECTIONS.values() for field in section.values()]
    assert all(field.doc and "\n" not in field.doc and not field.doc.endswith(".") for field in every)


def test_names_of_elsewhere_are_no_names_of_ours() -> None:
    for section in SECTIONS.values():
        assert not {name for field in section.values() for name in field.also} & (set(section) - {"key", "model"})


def test_the_example_uses_every_section_and_nearly_every_field() -> None:
    unused = [
        f"{section}.{name}" for section, table in SECTIONS.items() for name in table if f"{name} = " not in EXAMPLE
    ]
    tables = {"policy", "endpoints", "models", "tls", "limits", "quirks"}
    apart = {"path", "key_header", "key_prefix", "proxy_login", "unix_socket", "request_transformer",
             "response_transformer"}  # fmt: skip
    assert {each.partition(".")[2] for each in unused} - tables == apart


def test_the_example_is_right_by_our_check_and_by_the_schema(validator: Any) -> None:
    assert not list(validator.iter_errors(files.parse(EXAMPLE)))
    with resources.as_file(ROOM.joinpath("example.toml")) as path:
        document = files.read(path)
    assert set(document.models) == {"gpt", "llama", "claude"}
    assert set(document.endpoints) == {"company"}


LISTED_MODEL = {"key": "a", "baseURL": "http://localhost:1/v1"}
URL = {"url": "http://localhost:1/v1"}


@pytest.mark.parametrize(
    ("data", "is_right"),
    [
        ({}, True),
        ({"$schema": "byom.schema.json"}, True),
        ({"default": "a"}, True),
        ({"default": 1}, False),
        ({"models": {"a": URL}}, True),
        ({"models": {"a": {}}}, False),
        ({"models": {"a": []}}, False),
        ({"models": {"a b": URL}}, False),
        ({"models": {"-a": URL}}, False),
        ({"models": {"a": {**URL, "temprature": 1}}}, False),
        ({"models": {"a": {**URL, "temperature": "hot"}}}, False),
        ({"models": {"a": {**URL, "temperature": True}}}, False),
        ({"models": {"a": {**URL, "max_tokens": 0}}}, False),
        ({"models": {"a": {**URL, "max_tokens": 5}}}, True),
        ({"models": {"a": {**URL, "top_p": 1.5}}}, False),
        ({"models": {"a": {**URL, "timeouts": {"idle": "off", "total": 0.5}}}}, True),
        ({"models": {"a": {**URL, "timeouts": {"idle": 0}}}}, False),
        ({"models": {"a": {**URL, "timeouts": {"idel": 1}}}}, False),
        ({"models": {"a": {**URL, "stop": "END"}}}, True),
        ({"models": {"a": {**URL, "stop": [1]}}}, False),
        ({"models": {"a": {**URL, "prices": {"currency": "euro"}}}}, False),
        ({"models": {"a": {**URL, "api_key": "env:KEY"}}}, True),
        ({"models": {"a": {**URL, "api_key": ["command:", "vault", "read"]}}}, True),
        ({"models": {"a": {**URL, "api_key": "sk-0123456789"}}}, False),
        ({"models": {"a": {**URL, "tls": {"minimum_version": "1.1"}}}}, False),
        ({"models": {"a": {**URL, "tls": {"key_password": "hunter2"}}}}, False),
        ({"models": {"a": {**URL, "quirks": {"content": "parts", "without": ["seed"]}}}}, True),
        ({"models": {"a": {**URL, "quirks": {"content": "all"}}}}, False),
        ({"models": {"a": {**URL, "limits": {"concurrent": 0}}}}, False),
        ({"models": {"a": {**URL, "headers": {"X-A": 1}}}}, False),
        ({"models": {"a": {**URL, "extra_body": {"deep": [{"a": None}]}}}}, True),
        ({"models": {"a": {"endpoint": "b"}}, "endpoints": {"b": URL}}, True),
        ({"models": {"a": {"endpoint": "b", "api_key": "env:A"}}, "endpoints": {"b": URL}}, False),
        ({"models": {"a": {"endpoint": "b", "locked": True}}, "endpoints": {"b": {**URL, "locked": True}}}, True),
        ({"models": {"a": {"preset": "anthropic"}}}, True),
        ({"endpoints": {"b": {"region": "eu"}}}, False),
        ({"endpoints": {"b": {**URL, "model": "x"}}}, False),
        ({"endpoints": []}, False),
        ({"policy": {"hosts": ["a"], "networks": ["10.0.0.0/8", "::1"], "ports": [1]}}, True),
        ({"policy": {"hosts": "a"}}, False),
        ({"policy": {"networks": ["a"]}}, False),
        ({"policy": {"ports": [0]}}, False),
        ({"policy": {"air_gaped": True}}, False),
        ({"policy": {"source": "me"}}, False),
        ({"polcy": {}}, False),
        ({"models": [LISTED_MODEL]}, True),
        ({"models": [{**LISTED_MODEL, "apiKey": "sk-0123456789", "more": 1, "maxTokens": None, "name": ""}]}, True),
        ({"models": [{**LISTED_MODEL, "temperature": "hot"}]}, False),
        ({"models": [{"key": "a"}]}, False),
        ({"models": [[]]}, False),
        ({"models": 1}, False),
    ],
)
def test_our_check_and_the_schema_agree(validator: Any, tmp_path: Any, data: Any, *, is_right: bool) -> None:
    path = tmp_path / "byom.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert validator.is_valid(data) == is_right
    assert (files.examine(path, hold=lambda name, *_: f"session:{name}").problem_count == 0) == is_right


@pytest.mark.parametrize(
    ("name", "fields", "says"),
    [
        ("temprature", SECTIONS["model"], "did you mean temperature?"),
        ("baseURL", SECTIONS["model"], "did you mean url?"),
        ("apiKey", SECTIONS["endpoint"], "did you mean api_key?"),
        ("modelName", SECTIONS["model"], "did you mean model?"),
        ("rpm", SECTIONS["limits"], "did you mean requests_per_minute?"),
        ("zzz", SECTIONS["limits"], "the fields are concurrent, requests_per_minute, tokens_per_minute"),
        ("base_url", LISTED, "did you mean baseURL?"),
        ("x" * 1_000_000, SECTIONS["limits"], "the fields are"),
    ],
)
def test_an_unknown_field_is_told_the_one_that_was_meant(name: str, fields: dict[str, Field], says: str) -> None:
    assert says in nearest(name, fields)


if __name__ == "__main__":
    with resources.as_file(ROOM.joinpath("byom.schema.json")) as path:
        path.write_text(made(), encoding="utf-8")
