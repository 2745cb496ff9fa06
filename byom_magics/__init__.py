"""
Bring your own model to any notebook.

In a notebook or in IPython: ``%load_ext byom_magics``, then ``%%byom demo/pydoc`` over a question.
In Python: `register`, `load`, `ask`, `stream`, `preview`, `compare`, `votes`, `leaderboard`, `Conversation`, `models`,
`endpoints`, `forget`, `cache`; `ask_async` and `stream_async` in async code.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.api import ask, compare, discover, doctor, doctor_all, leaderboard, stream
    from byom_magics.asynchronous import ask_async, stream_async
    from byom_magics.catalog.registry import Endpoints, Registry
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.conversing import Conversation
    from byom_magics.errors import ByomError, CallError, ShapeError
    from byom_magics.events import Reply, State
    from byom_magics.log.cache import Cache
    from byom_magics.messages import Image, Message, Schema, Text, Tool
    from byom_magics.previewing import preview
    from byom_magics.registering import forget, load, register, register_transformer
    from byom_magics.study.vote import Vote
    from byom_magics.study.votes import Votes

    cache: Cache
    endpoints: Endpoints
    models: Registry
    votes: Votes
    __version__: str

__all__ = [
    "ByomError",
    "CallError",
    "Conversation",
    "Image",
    "Message",
    "ModelSpec",
    "Reply",
    "Schema",
    "ShapeError",
    "State",
    "Text",
    "Tool",
    "Vote",
    "ask",
    "ask_async",
    "cache",
    "compare",
    "discover",
    "doctor",
    "doctor_all",
    "endpoints",
    "forget",
    "leaderboard",
    "load",
    "load_ipython_extension",
    "models",
    "preview",
    "register",
    "register_transformer",
    "stream",
    "stream_async",
    "unload_ipython_extension",
    "votes",
]

_HOMES = {
    "ByomError": "errors",
    "CallError": "errors",
    "Conversation": "conversing",
    "Image": "messages",
    "Message": "messages",
    "ModelSpec": "catalog.spec",
    "Reply": "events",
    "Schema": "messages",
    "ShapeError": "errors",
    "State": "events",
    "Text": "messages",
    "Tool": "messages",
    "Vote": "study.vote",
    "ask": "api",
    "ask_async": "asynchronous",
    "compare": "api",
    "discover": "api",
    "doctor": "api",
    "doctor_all": "api",
    "forget": "registering",
    "leaderboard": "api",
    "load": "registering",
    "preview": "previewing",
    "register": "registering",
    "register_transformer": "registering",
    "stream": "api",
    "stream_async": "asynchronous",
}


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add the magics to a shell; ``%load_ext byom_magics`` calls this."""
    from byom_magics.magics import extension  # noqa: PLC0415 - a plain import needs no IPython

    extension.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything that was added to a shell away again; ``%unload_ext byom_magics`` calls this."""
    from byom_magics.magics import extension  # noqa: PLC0415 - a plain import needs no IPython

    extension.unload(shell)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name stands for
    if name == "models":
        from byom_magics import session  # noqa: PLC0415 - public names are loaded when first used

        return session.current().models
    if name == "endpoints":
        from byom_magics import session  # noqa: PLC0415 - public names are loaded when first used

        return session.current().models.endpoints
    if name == "cache":
        from byom_magics import session  # noqa: PLC0415 - public names are loaded when first used

        return session.current().cache
    if name == "votes":
        from byom_magics import session  # noqa: PLC0415 - public names are loaded when first used

        return session.current().votes
    if name == "__version__":
        from importlib import metadata  # noqa: PLC0415 - rarely asked for

        return metadata.version("byom-magics")
    if name in _HOMES:
        return getattr(importlib.import_module(f"byom_magics.{_HOMES[name]}"), name)
    message = f"module 'byom_magics' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*__all__, *globals()})
