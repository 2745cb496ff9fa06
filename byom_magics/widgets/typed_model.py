"""A model as a person described it in a form, and what has to be said of that before anyone registers it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from byom_magics import finding
from byom_magics.catalog import presets, secrets
from byom_magics.catalog.offers import key_of
from byom_magics.catalog.secrets import memory
from byom_magics.errors import ByomError, OptionError, SecretError
from byom_magics.plain import visible
from byom_magics.wire.policy import base_url, origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byom_magics.catalog.found import Found
    from byom_magics.catalog.spec import Listed, ModelSpec
    from byom_magics.session import Session

__all__ = ["TypedModel", "check_key", "is_secret", "key_line", "offer_of", "register"]

_VARIABLE = re.compile(r"\$?([A-Z][A-Z0-9_]{2,})")
_KINDS = ("env:", "keyring:", "file:", "command:", "session:")


@dataclass(frozen=True)
class TypedModel:
    """
    What was typed, without the blanks around it; empty where nothing was.

    Attributes:
        preset: The name of a service or server that is known.
        url: The base URL.
        model: The name that the server knows it by.
        key: What it is to be called.
        api_key: Where its key is.
    """

    preset: str = ""
    url: str = ""
    model: str = ""
    key: str = ""
    api_key: str = ""

    def check(self) -> None:
        """
        Whether there is an address, and a reference to a key if any.

        Raises:
            OptionError: No address is given.
            SecretError: The key is none that can be given here.
        """
        check_key(self.api_key)
        if not self.url and not self.preset:
            message = "There is no address."
            raise OptionError(message, hint="type the URL of a server, or the name of a preset such as ollama")

    def check_can_be_asked(self, command: str) -> None:
        """
        Whether the server can be asked from here, where nobody can be asked for a key.

        Args:
            command: What to run in a cell instead.

        Raises:
            SecretError: Its key is to be typed.
        """
        if self.api_key != "ask":
            return
        address = self.url or presets.find(self.preset).url
        if memory.known(origin(base_url(address))) is None:
            what = "Its key is to be typed, and a panel has no prompt that hides what is typed."
            raise SecretError(what, hint=f"run {command} in a cell, which asks for it")

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of a registration that were typed, but for the key of the model."""
        typed = {"url": self.url, "preset": self.preset, "model": self.model, "api_key": self.api_key}
        return {name: value for name, value in typed.items() if value}


def check_key(text: str) -> None:
    """
    Whether a text says where a key is; nothing is fine too.

    Raises:
        SecretError: It does not. A text that may be a key itself is not repeated.
    """
    if not text:
        return
    name = _VARIABLE.fullmatch(text)
    if name is not None and not secrets.looks_like_key(text):
        message = f"'{visible(text)}' does not say what it names."
        raise SecretError(message, hint=f"if it is an environment variable, type env:{name[1]}")
    if is_secret(text):
        message = (
            "That may be a key itself, so it was taken out of the field: what is typed into a widget goes out in "
            "messages that others may see, and may be saved."
        )
        hint = (
            "type here where the key is: env:NAME, keyring:NAME, file:PATH or ask. To type the key itself, unseen, run "
            "the line below in a cell, then give keyring:NAME here. If it was a real key, replace it at its service"
        )
        raise SecretError(message, hint=hint)
    secrets.check_reference(text)


def is_secret(text: str) -> bool:
    """Whether a text that was typed where a reference belongs may be a key itself."""
    if text in ("", "ask") or (_VARIABLE.fullmatch(text) and not secrets.looks_like_key(text)):
        return False
    kind = next((each for each in _KINDS if text.startswith(each)), None)
    if kind is None:
        return True
    return kind in ("env:", "keyring:", "session:") and secrets.looks_like_key(text.removeprefix(kind))


def key_line(typed: TypedModel) -> str:
    """The line that lets a person type the key, unseen, for this model."""
    _, _, name = typed.api_key.partition("keyring:")
    name = name or key_of(typed.key or typed.preset or typed.model or "NAME")
    address = typed.url
    if not address and typed.preset:
        try:
            preset = presets.find(typed.preset)
        except ByomError:
            preset = None
        address = preset.url if preset is not None and not preset.gaps else ""
    return f"%byom_key set {visible(name)}" + (f" --url {visible(address)}" if address else "")


def offer_of(found: Sequence[Found], typed: TypedModel) -> tuple[Found, Listed] | None:
    """The server and the model among those found that were typed; None if they are none of those."""
    for server in found:
        if typed.url and server.url.rstrip("/") != typed.url.rstrip("/"):
            continue
        for offer in server.models:
            if offer.id == typed.model:
                return server, offer
    return None


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of some facts, so that a file can say it."""
    known = {name: _known(each) if isinstance(each, Mapping) else each for name, each in facts.items()}
    return {name: each for name, each in known.items() if each is not None}


def _served(found: Found) -> dict[str, Any]:
    """Where a server is, and who it is, as arguments of a registration."""
    known = {"preset": found.server} if found.server in presets.all() else {}
    return {"url": found.url, **known}


def register(session: Session, typed: TypedModel, found: Sequence[Found], *, save: bool) -> tuple[ModelSpec, str]:
    """
    Bring the model into the session, with all that its server said of it.

    Args:
        session: Where it is registered.
        typed: The model.
        found: The servers that were asked.
        save: Whether the next session is to know it too.

    Returns:
        Its spec, and the file that it was saved in; empty if it was not to be.

    Raises:
        SetupError: It cannot be registered as described, or cannot be saved; then it is registered nevertheless.
    """
    check_key(typed.api_key)
    offered = offer_of(found, typed)
    if offered is None:
        typed.check()
    said = {} if offered is None else _known(finding.facts(*offered))
    given = {**said, **typed.given}
    if offered is not None and not typed.key:
        (spec,) = offered[0].register_offers([offered[1]])
        given = {**said, "endpoint": spec.endpoint.name}
    else:
        if offered is not None:
            given = {**_served(offered[0]), **given}
        spec = session.register(typed.key or key_of(typed.model or typed.preset or "model"), **given)
    return spec, str(session.layers.save(spec.key, given)) if save else ""
