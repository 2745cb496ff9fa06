"""The registry: which models there are, and which is the default. A mapping that can be watched."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from byom_magics.catalog.spec import ModelSpec
from byom_magics.errors import UnknownModelError
from byom_magics.plain import visible

__all__ = ["Change", "Registry"]

Change = Literal["registered", "forgotten", "default"]


class Registry(Mapping[str, ModelSpec]):
    """
    Models by their keys, in the order in which they were registered.

    Registering a key again replaces the model in its place. The default is a key, or None.
    """

    def __init__(self) -> None:
        self._specs: dict[str, ModelSpec] = {}
        self._default: str | None = None
        self._watchers: list[Callable[[Change, str], None]] = []
        self._lock = threading.RLock()

    def __getitem__(self, key: str) -> ModelSpec:
        """
        The model of that key.

        Raises:
            UnknownModelError: There is none; the message names the nearest keys. It is a `KeyError`.
        """
        try:
            return self._specs[key]
        except (KeyError, TypeError):
            raise self._unknown(key) from None

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._specs))

    def __len__(self) -> int:
        return len(self._specs)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._specs

    def __repr__(self) -> str:
        return f"<Registry: {len(self)} models, default {self._default!r}>"

    @property
    def default(self) -> str | None:
        """The key of the model that is asked when none is named."""
        return self._default

    def register(self, spec: ModelSpec) -> None:
        """Add a model, or replace the one that has its key."""
        with self._lock:
            self._specs[spec.key] = spec
        self._tell("registered", spec.key)

    def forget(self, key: str) -> ModelSpec:
        """
        Take a model out; if it was the default, there is none afterwards.

        Raises:
            UnknownModelError: There is no such model.
        """
        with self._lock:
            spec = self[key]
            del self._specs[key]
            was_default = self._default == key
            if was_default:
                self._default = None
        self._tell("forgotten", key)
        if was_default:
            self._tell("default", "")
        return spec

    def set_default(self, key: str | None) -> None:
        """
        Choose the model that is asked when none is named; None for no default.

        Raises:
            UnknownModelError: There is no such model.
        """
        if key is not None:
            key = self[key].key
        self._default = key
        self._tell("default", key or "")

    def watch(self, watcher: Callable[[Change, str], None]) -> Callable[[], None]:
        """Call ``watcher(change, key)`` after each change; returns what ends that."""
        self._watchers.append(watcher)

        def unwatch() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return unwatch

    def _tell(self, change: Change, key: str) -> None:
        for watcher in tuple(self._watchers):
            watcher(change, key)

    def _unknown(self, key: object) -> UnknownModelError:
        word = visible(str(key))[:100]
        near = difflib.get_close_matches(word, self._specs, n=3, cutoff=0.5)
        near = near or [each for each in self._specs if word.lower() in each.lower()][:3]
        if near:
            hint = f"did you mean {' or '.join(near)}? %byom_models shows all"
        elif self._specs:
            hint = f"there are {', '.join(list(self._specs)[:6])}; %byom_models shows all"
        else:
            hint = "register one: %byom_register KEY --url URL --model NAME"
        return UnknownModelError(f"No model '{word}' is registered.", hint=hint)
