"""The body of a request: what the dialect builds, what the person adds, what the server was found to refuse."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.wire.dialects.dialect import Request
from byom_magics.wire.learning import adjusted, left_out
from byom_magics.wire.transforming import transformed

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.messages import Call
    from byom_magics.wire.dialects.dialect import Dialect
    from byom_magics.wire.learning import Adjustment

__all__ = ["compose", "encode", "laid"]

_FIXED = frozenset({"messages", "model", "stream"})  # whatever the dialect calls them


def compose(dialect: Dialect, spec: ModelSpec, call: Call, adjustments: Sequence[Adjustment] = ()) -> Request:
    """
    The request of a call, with all that is laid over the dialect's own.

    In this order: fields that the endpoint is never sent (``quirks.without``) go; ``extra_body`` of the model, then of
    the call, wins over what the dialect says, except for its ``fixed`` fields, ``messages``, ``model`` and ``stream``;
    fields that the server was found to refuse go, unless the call itself names them; a null takes a field out; last
    comes the ``request_transformer``.

    Args:
        dialect: How the server speaks.
        spec: The model; its transformer is a callable by now, not a name.
        call: What to ask it.
        adjustments: What was learnt of this server and model.

    Raises:
        OptionError: The dialect cannot say what the call asks for, or the transformer failed.
    """
    try:
        request = laid(dialect, spec, call, adjustments)
    except RecursionError:
        what = "The request is nested too deep to be written."
        raise OptionError(what, model=spec.key, hint="make the schema, the tools or extra_body flatter") from None
    if callable(spec.request_transformer):
        body = transformed(spec.request_transformer, request.body, "request_transformer")
        return replace(request, body=body)
    return request


def laid(dialect: Dialect, spec: ModelSpec, call: Call, adjustments: Sequence[Adjustment]) -> Request:
    """The request (see `compose`), before any transformer has seen it."""
    endpoint = replace(spec.endpoint, quirks=adjusted(spec.endpoint.quirks, adjustments))
    request = dialect.request(replace(spec, endpoint=endpoint), call)
    body = _without(request.body, spec.endpoint.quirks.without, dialect.fixed)
    for extra in (spec.extra_body, call.sampling.extra_body):
        body = _merged(body, {name: value for name, value in extra.items() if name not in dialect.fixed | _FIXED})
    body = _without(body, left_out(adjustments), dialect.fixed | call.sampling.extra_body.keys())
    # A null leaves the field out: that is how a person switches off what we would send.
    body = {name: value for name, value in body.items() if value is not None}
    path = request.path if endpoint.path is None else endpoint.path
    return Request(path, body, tuple(getattr(request, "notes", ())))  # a plug-in's may be a class of its own


def encode(body: Mapping[str, Any], model: str) -> bytes:
    """
    The body as JSON.

    Args:
        body: The fields.
        model: The key of the model, for the error.

    Raises:
        OptionError: A value cannot be written as JSON.
    """
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, default=_plain).encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError) as problem:
        what = f"The request cannot be written as JSON: {problem}"
        raise OptionError(what, model=model, hint="check the values given with -o or extra_body") from None


def _plain(value: object) -> object:
    """Mappings that are no dict, such as those that cannot be changed, are written as objects all the same."""
    if isinstance(value, Mapping):
        return dict(value)
    message = f"Object of type {type(value).__name__} is not JSON serializable"
    raise TypeError(message)


def _merged(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """``theirs`` over ``ours``; objects are merged too, but one that says of what ``type`` it is is a whole."""
    made = dict(ours)
    for name, value in theirs.items():
        own = made.get(name)
        if isinstance(own, Mapping) and isinstance(value, Mapping) and "type" not in own and "type" not in value:
            made[name] = {key: each for key, each in _merged(own, value).items() if each is not None}
        else:
            made[name] = value
    return made


def _without(body: Mapping[str, Any], names: Collection[str], kept: Collection[str]) -> dict[str, Any]:
    """The body without these fields; dots go down into objects, and an object that is empty then goes too."""
    made = dict(body)
    for name in names:
        first, _, rest = name.partition(".")
        if first in kept or first not in made:
            continue
        inner = made[first]
        if not rest:
            del made[first]
        elif isinstance(inner, Mapping):
            made[first] = _without(inner, (rest,), ())
            if not made[first]:
                del made[first]
    return made
