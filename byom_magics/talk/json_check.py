"""
Checking a JSON value against a JSON Schema, in bounded time, whatever the value is.

A pattern of the schema is the person's own; against one that backtracks without end (``(a+)+$``) nothing helps
but interrupting. Texts longer than some thousand characters are not tried against patterns at all.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from byom_magics.plain import visible
from byom_magics.talk.described import Misfit
from byom_magics.talk.json_schema import kind_of
from byom_magics.talk.json_values import path_of

__all__ = ["MOST_PROBLEMS", "checker", "misfits", "told"]

MOST_PROBLEMS = 5
"""How many problems of one value are told."""

_MOST_STEPS = 100_000  # keywords tried on values: some seconds of jsonschema
_LONGEST_MATCHED = 10_000  # characters of a text that a pattern is tried on
_SHOWN = 60  # characters of a value inside a message
_MESSAGE = 300

_Check = Callable[[Any, Any, Any, Any], Any]


class _TooMuch(Exception):  # noqa: N818 - it ends the checking, and is no fault of the program
    """Checking took more steps than any honest value needs."""


def checker(schema: Mapping[str, Any]) -> Callable[[Any], Any]:
    """What gives a JSON value back that fits a schema, and raises `Misfit` for one that does not."""

    def check(value: object) -> object:
        problems = misfits(schema, value)
        if problems:
            raise Misfit(problems)
        return value

    return check


def misfits(schema: Mapping[str, Any], value: object) -> tuple[str, ...]:
    """
    What of a value does not fit a schema, `MOST_PROBLEMS` at most, each with its path; nothing if all does.

    Args:
        schema: A valid JSON Schema that refers to nothing outside itself.
        value: A JSON value, its nesting bounded.
    """
    import jsonschema.exceptions  # noqa: PLC0415 - loaded with the first schema
    import jsonschema.validators  # noqa: PLC0415

    # Without its $schema, or else a reference to the root would lead back to the class that does not count.
    bare = {key: each for key, each in schema.items() if key != "$schema"}
    # The registry of the drafts themselves fetches nothing; the one that is the default would.
    validator = _counting(kind_of(schema))(bare, registry=jsonschema.validators.SPECIFICATIONS)
    try:
        errors = list(itertools.islice(validator.iter_errors(value), MOST_PROBLEMS + 1))
        problems = [_words(jsonschema.exceptions.best_match([error])) for error in errors]
    except _TooMuch:
        return ("at the top: there is too much in it to be checked",)
    except RecursionError:
        return ("at the top: it is nested too deep to be checked",)
    except Exception as problem:  # noqa: BLE001 - whatever numbers and texts provoke in it
        return (f"at the top: it could not be checked: {type(problem).__name__}",)
    return told(problems)


def told(problems: list[str]) -> tuple[str, ...]:
    """The problems, each once, `MOST_PROBLEMS` at most, and a note that there are more if so."""
    each_once = list(dict.fromkeys(problems))
    if len(each_once) > MOST_PROBLEMS:
        return (*each_once[:MOST_PROBLEMS], "and more")
    return tuple(each_once)


def _counting(kind: Any) -> Any:  # noqa: ANN401 - a class of jsonschema
    """The validator's class with its steps counted, and without the two checks that take longer than their value."""
    import jsonschema.validators  # noqa: PLC0415 - loaded with the first schema

    steps = itertools.count()

    def counted(check: _Check) -> _Check:
        def step(validator: object, keyword: object, instance: object, schema: object) -> object:
            if next(steps) >= _MOST_STEPS:
                raise _TooMuch
            return check(validator, keyword, instance, schema)

        return step

    bounded_checks = {"uniqueItems": _unique, "pattern": _bounded_pattern(kind.VALIDATORS["pattern"])}
    checks = {**kind.VALIDATORS, **bounded_checks}
    return jsonschema.validators.extend(kind, {name: counted(check) for name, check in checks.items()})


def _unique(validator: Any, wanted: object, instance: object, schema: object) -> Iterator[Any]:  # noqa: ANN401, ARG001
    """Whether items are unique, in one pass: jsonschema compares each with each where they are objects."""
    import jsonschema.exceptions  # noqa: PLC0415 - loaded with the first schema

    if wanted is True and isinstance(instance, list):
        seen = {json.dumps(_comparable(item), sort_keys=True) for item in instance}
        if len(seen) < len(instance):
            yield jsonschema.exceptions.ValidationError(f"{instance!r} has non-unique elements")


def _comparable(value: object) -> object:
    """The value so that what JSON Schema holds for equal has one text: 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, dict):
        return {name: _comparable(item) for name, item in value.items()}
    return value


def _bounded_pattern(check: _Check) -> _Check:
    import jsonschema.exceptions  # noqa: PLC0415 - loaded with the first schema

    def pattern(validator: object, wanted: object, instance: object, schema: object) -> object:
        if isinstance(instance, str) and len(instance) > _LONGEST_MATCHED:
            what = f"a text of {len(instance):,} characters is too long for the pattern {wanted!r}"
            return [jsonschema.exceptions.ValidationError(what)]
        return check(validator, wanted, instance, schema)

    return pattern


def _words(error: Any) -> str:  # noqa: ANN401 - an error of jsonschema
    message = _shortened(str(error.message), error.instance)
    if error.validator in ("anyOf", "oneOf") and error.context:
        message = _choice(error, message)
    elif error.validator == "additionalProperties" and isinstance(error.schema.get("properties"), Mapping):
        message += f"; the names are {', '.join(list(error.schema['properties'])[:20]) or 'none'}"
    return f"at {path_of(error.absolute_path) or 'the top'}: {visible(message[: 2 * _MESSAGE])}"


def _choice(error: Any, message: str) -> str:  # noqa: ANN401
    """What a value is not that may be several things."""
    if all(each.validator == "type" and not each.relative_path for each in error.context):
        kinds = [kind for each in error.context for kind in _listed(each.validator_value)]
        return _shortened(f"{error.instance!r} is not of type {' or '.join(map(repr, kinds))}", error.instance)
    each_once = dict.fromkeys(_shortened(str(each.message), each.instance) for each in error.context)
    return "; ".join([message, *list(each_once)[:3]])


def _listed(kinds: object) -> list[object]:
    return kinds if isinstance(kinds, list) else [kinds]


def _shortened(message: str, instance: object) -> str:
    shown = repr(instance)
    if len(shown) > _SHOWN:
        message = message.replace(shown, shown[:_SHOWN] + "…", 1)
    return message if len(message) <= _MESSAGE else message[:_MESSAGE] + "…"
