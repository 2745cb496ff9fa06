"""JSON Schemas as plain values: made ready for services, and refused where they are none or reach out of themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Union
from urllib.parse import unquote

from byom_magics.errors import OptionError
from byom_magics.plain import bounded, one_line
from byom_magics.talk.json_values import path_of

__all__ = ["checked", "closed", "hoisted", "kind_of", "rooted"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_DATA = frozenset({"enum", "const", "default", "examples"})
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_LOCAL = "#/$defs/"
_HINT = "mend the schema; https://json-schema.org/understanding-json-schema tells how they are written"

Json = dict[str, Any]
Path = tuple[Union[str, int], ...]


def checked(schema: Mapping[str, Any], what: str = "The schema") -> Json:
    """
    A person's own JSON Schema as a plain copy.

    Args:
        schema: The schema, of whichever draft its ``$schema`` names, else of 2020-12.
        what: What it is called in an error.

    Raises:
        OptionError: It is no JSON, no valid schema, or one of its references leads out of it or nowhere.
    """
    import jsonschema  # noqa: PLC0415 - loaded with the first schema

    try:
        made: Json = json.loads(json.dumps(dict(schema), allow_nan=False))
        kind_of(made, what).check_schema(made)
        _refuse_references(made, what)
    except jsonschema.exceptions.SchemaError as problem:
        where = path_of(problem.absolute_path)
        place = f" at {where}" if where else ""
        raise OptionError(f"{what} is not valid{place}: {one_line(problem.message, 300)}", hint=_HINT) from None
    except (TypeError, ValueError) as problem:
        if isinstance(problem, OptionError):
            raise
        raise OptionError(f"{what} is no JSON: {one_line(str(problem))}", hint=_HINT) from None
    except RecursionError:
        raise OptionError(f"{what} is nested too deep.", hint="make it flatter") from None
    return made


def kind_of(schema: Mapping[str, Any], what: str = "The schema") -> Any:  # noqa: ANN401 - a class of jsonschema
    """
    The validator of the draft that a schema is written in.

    Raises:
        OptionError: No such draft is known.
    """
    import jsonschema.validators  # noqa: PLC0415 - loaded with the first schema

    kind = jsonschema.validators.validator_for({"$schema": schema.get("$schema", _DIALECT)}, default=None)
    if kind is None:
        said = one_line(str(schema["$schema"]), 100)
        raise OptionError(f"{what} is of an unknown draft: '{said}'.", hint=f'leave "$schema" out, or say "{_DIALECT}"')
    return kind


def closed(schema: Json) -> Json:
    """The schema with its objects closed to fields that it does not name, where it does not say otherwise."""

    def close(each: Json) -> Json:
        if "properties" not in each or "additionalProperties" in each or "unevaluatedProperties" in each:
            return each
        return {**each, "additionalProperties": False}

    made: Json = _changed(schema, close)
    return made


def rooted(schema: Json) -> Json:
    """The schema with the definition that it only refers to as its root: services want to see an object there."""
    name = str(schema.get("$ref", "")).removeprefix(_LOCAL)
    definitions = schema.get("$defs", {})
    if name not in definitions:
        return schema
    siblings = {key: value for key, value in schema.items() if key not in ("$ref", "$defs")}
    root = {**definitions[name], **siblings}
    others = {key: value for key, value in definitions.items() if key != name}
    kept = definitions if _LOCAL + name in set(_local_references([root, *others.values()])) else others
    return {**root, "$defs": kept} if kept else root


def hoisted(schema: Json, definitions: dict[str, Json]) -> Json:
    """
    A schema without definitions of its own: they move into ``definitions``, under another name where one is taken.

    Args:
        schema: The schema. Its references are all to its own ``$defs``.
        definitions: What has been moved so far; it is added to.
    """
    own: dict[str, Json] = schema.get("$defs", {})
    names: dict[str, str] = {}
    for name, definition in own.items():
        free, number = name, 1
        while free in names.values() or (free in definitions and (number > 1 or definitions[free] != definition)):
            number += 1
            free = f"{name}_{number}"
        names[name] = free

    def rename(each: Json) -> Json:
        target = each.get("$ref")
        if isinstance(target, str) and target.startswith(_LOCAL):
            name = target.removeprefix(_LOCAL)
            return {**each, "$ref": _LOCAL + names.get(name, name)}
        return each

    for name, definition in own.items():
        definitions[names[name]] = _changed(definition, rename)
    made: Json = _changed({key: value for key, value in schema.items() if key != "$defs"}, rename)
    return made


def _changed(schema: Any, change: Callable[[Json], Json]) -> Any:  # noqa: ANN401 - a schema is an object, true or false
    """The schema with a change made to each schema inside it, and to itself."""
    if isinstance(schema, list):
        return [_changed(each, change) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {}
    for key, value in schema.items():
        if key in _DATA:
            made[key] = value
        elif key in _MAPS and isinstance(value, dict):
            made[key] = {name: _changed(each, change) for name, each in value.items()}
        else:
            made[key] = _changed(value, change)
    return change(made)


def _schemas(schema: object, resource: Json, path: Path) -> Iterator[tuple[Json, Json, Path]]:
    """Every schema inside, with the document that its references are about, and where it is."""
    if isinstance(schema, list):
        for at, each in enumerate(schema):
            yield from _schemas(each, resource, (*path, at))
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("$id"), str) and not schema["$id"].startswith("#"):
        resource = schema
    yield schema, resource, path
    for key, value in schema.items():
        if key in _MAPS and isinstance(value, dict):
            for name, each in value.items():
                yield from _schemas(each, resource, (*path, key, name))
        elif key not in _DATA:
            yield from _schemas(value, resource, (*path, key))


def _refuse_references(schema: Json, what: str) -> None:
    for each, resource, path in _schemas(schema, schema, ()):
        for key in _REFERENCES:
            target = each.get(key)
            if not isinstance(target, str) or _leads_somewhere(target, resource, schema):
                continue
            where, said = path_of((*path, key)), one_line(target, 100)
            if target.startswith("#"):
                hint = 'define it in the schema\'s "$defs", or mend the reference'
                raise OptionError(f"{what} refers at {where} to '{said}', which is not there.", hint=hint)
            hint = (
                'nothing is fetched: copy what it names into the schema\'s "$defs", and refer to it as "#/$defs/NAME"'
            )
            raise OptionError(f"{what} refers at {where} to '{said}', which is not in it.", hint=hint)


def _leads_somewhere(target: str, resource: Json, document: Json) -> bool:
    if target == "#":
        return True
    if not target.startswith("#/"):
        keys, where = (("$anchor", "$dynamicAnchor"), resource) if target.startswith("#") else (("$id",), document)
        names = {target, target.removeprefix("#")}
        return any(each.get(key) in names for each, _, _ in _schemas(where, where, ()) for key in keys)
    at: Any = resource
    for step in unquote(target[2:]).split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(at, dict) and key in at:
            at = at[key]
        elif isinstance(at, list) and bounded(key, 9).isdecimal() and int(key) < len(at):
            at = at[int(key)]
        else:
            return False
    return isinstance(at, (dict, bool))


def _local_references(schemas: list[Json]) -> Iterator[str]:
    for schema in schemas:
        for each, _, _ in _schemas(schema, schema, ()):
            if isinstance(each.get("$ref"), str):
                yield each["$ref"]
