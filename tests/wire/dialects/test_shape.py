"""A schema that a service has no field for is told in words, whatever the dialect."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from byom_magics.catalog.spec import Endpoint, ModelSpec, Quirks
from byom_magics.messages import Call, Message, Schema
from byom_magics.wire.dialects import known
from byom_magics.wire.dialects.shape import in_words

SCHEMA = Schema("answer", {"type": "object", "properties": {"a_field": {"type": "string"}}})
CALL = Call((Message("system", "Be brief."), Message("user", "hi")), schema=SCHEMA)
IN_WORDS = "valid against this JSON Schema"


def spec(dialect: str, quirks: Quirks) -> ModelSpec:
    return ModelSpec("m", "m", Endpoint("http://localhost:1/v1", quirks=quirks), dialect=dialect)


def built(dialect: str, quirks: Quirks) -> str:
    return json.dumps(known.find(dialect).request(spec(dialect, quirks), CALL).body)


@pytest.mark.parametrize("dialect", known.BUILT_IN)
def test_a_server_that_takes_schemas_gets_no_words(dialect: str) -> None:
    body = built(dialect, Quirks())
    assert IN_WORDS not in body
    assert body.count("a_field") == 1


@pytest.mark.parametrize("dialect", known.BUILT_IN)
def test_a_server_that_takes_none_gets_words_and_nothing_else(dialect: str) -> None:
    body = built(dialect, Quirks(schema="none"))
    assert body.index("Be brief.") < body.index(IN_WORDS)
    assert body.count("a_field") == 1
    assert not any(word in body for word in ("json_schema", "responseMimeType", "responseJsonSchema", "output_config"))
    assert '"format"' not in body


def test_the_words_stand_behind_the_system_messages_that_come_first() -> None:
    messages = (*CALL.messages, Message("system", "Later."))
    told = in_words(replace(CALL, messages=messages), Quirks(schema="none"))
    assert [each.role for each in told.messages] == ["system", "system", "user", "system"]
    assert told.schema is None
    assert in_words(replace(CALL, schema=None), Quirks(schema="none")).messages == CALL.messages
