"""The registry: which models there are, where they are served, and which is the default. It can be watched."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, TypeVar, overload

from byom_magics.catalog.checks import nearest
from byom_magics.catalog.spec import Endpoint, ModelSpec
from byom_magics.errors import RegistrationError, UnknownEndpointError, UnknownModelError
from byom_magics.plain import visible

__all__ = ["Change", "Endpoints", "Registry"]

Held = TypeVar("Held")
Other = TypeVar("Other")
Change = Literal["registered", "forgotten", "default"]


class _Named(Mapping[str, Held]):
    """What is held by its name. Whether something is there is told without the message that a miss would make."""

    def __init__(self, held: Mapping[str, Held]) -> None:
        self._held = held

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._held))

    def __len__(self) -> int:
        return len(self._held)

    @overload
    def get(self, name: str, /) -> Held | None: ...
    @overload
    def get(self, name: str, /, default: Held | Other) -> Held | Other: ...
    def get(self, name: str, /, default: Held | Other | None = None) -> Held | Other | None:
        return self._held.get(name, default) if name in self else default


class Endpoints(_Named[Endpoint]):
    """Endpoints by their names, in the order in which they were registered. A view: a `Registry` changes it."""

    def __getitem__(self, name: str) -> Endpoint:
        """
        The endpoint of that name.

        Raises:
            UnknownEndpointError: There is none; the message names the nearest. It is a `KeyError`.
        """
        try:
            return self._held[name]
        except (KeyError, TypeError):
            message = f"No endpoint '{visible(str(name))[:100]}' is registered."
            raise UnknownEndpointError(message, hint=nearest("endpoints", name, self)) from None

    def __repr__(self) -> str:
        return f"<Endpoints: {len(self)}>"


class Registry(_Named[ModelSpec]):
    """
    Models by their keys, in the order in which they were registered.

    Registering a key again replaces the model in its place. The default is a key, or None. A model whose endpoint has a
    name registers that too: it is one thing for all models that name it, and replacing it replaces it for all of them.

    Attributes:
        endpoints: The endpoints that have names.
    """

    def __init__(self) -> None:
        self._specs: dict[str, ModelSpec] = {}
        super().__init__(self._specs)
        self._endpoints: dict[str, Endpoint] = {}
        self._users: dict[str, dict[str, None]] = {}  # the keys of the models at each endpoint
        self._default: str | None = None
        self._watchers: list[Callable[[Change, str], None]] = []
        self._lock = threading.RLock()
        self.endpoints = Endpoints(self._endpoints)

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

    def __repr__(self) -> str:
        return f"<Registry: {len(self)} models, default {self._default!r}>"

    @property
    def default(self) -> str | None:
        """The key of the model that is asked when none is named."""
        return self._default

    def register(self, spec: ModelSpec) -> None:
        """
        Add a model, or replace the one that has its key.

        Raises:
            RegistrationError: A file has locked the model, or its endpoint.
        """
        with self._lock:
            self._check_locks(spec)
            self._put(spec)
        self._tell("registered", spec.key)

    def register_all(self, specs: Iterable[ModelSpec]) -> None:
        """
        Add many models at once, or none of them; watchers are told once, with an empty key.

        Raises:
            RegistrationError: A file has locked one of the models, or an endpoint.
        """
        added = list(specs)
        with self._lock:
            for spec in added:
                self._check_locks(spec)
            for spec in added:
                self._put(spec)
        if added:
            self._tell("registered", "")

    def register_endpoint(self, endpoint: Endpoint) -> None:
        """
        Add an endpoint without a model, or replace the one of its name, for all models that are served there.

        Raises:
            RegistrationError: It has no name, or a file has locked it.
        """
        if not endpoint.name:
            message = f"The endpoint {endpoint.url} has no name."
            raise RegistrationError(message, hint="give it one")
        with self._lock:
            self._check_lock("endpoint", endpoint.name, self._endpoints.get(endpoint.name), endpoint)
            moved = self._put_endpoint(endpoint)
        if moved:
            self._tell("registered", "")

    def forget(self, key: str) -> ModelSpec:
        """
        Take a model out; if it was the default, there is none afterwards.

        An endpoint that was made for it alone goes with it.

        Raises:
            UnknownModelError: There is no such model.
            RegistrationError: A file has locked it.
        """
        with self._lock:
            spec = self[key]
            self._check_lock("model", key, spec, None)
            del self._specs[key]
            self._leave(spec)
            was_default = self._default == key
            if was_default:
                self._default = None
        self._tell("forgotten", key)
        if was_default:
            self._tell("default", "")
        return spec

    def forget_endpoint(self, name: str) -> Endpoint:
        """
        Take an endpoint out.

        Raises:
            UnknownEndpointError: There is no such endpoint.
            RegistrationError: Models are served there, or a file has locked it.
        """
        with self._lock:
            endpoint = self.endpoints[name]
            self._check_lock("endpoint", name, endpoint, None)
            users = self.served_at(name)
            if users:
                keys = ", ".join(users[:5]) + (f" and {len(users) - 5:,} more" if len(users) > 5 else "")
                message = f"The endpoint '{name}' serves {keys}."
                raise RegistrationError(message, hint=f"forget those first: %byom_forget {users[0]}")
            del self._endpoints[name]
        return endpoint

    def served_at(self, name: str) -> tuple[str, ...]:
        """The keys of the models at the endpoint of that name."""
        return tuple(self._users.get(name, ()))

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
        """Call ``watcher(change, key)`` after each change (the key is empty for many); returns what ends that."""
        self._watchers.append(watcher)

        def unwatch() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return unwatch

    def _tell(self, change: Change, key: str) -> None:
        for watcher in tuple(self._watchers):
            watcher(change, key)

    def _put(self, spec: ModelSpec) -> None:
        before = self._specs.get(spec.key)
        if before is not None and before.endpoint.name != spec.endpoint.name:
            self._leave(before)
        self._specs[spec.key] = spec
        if spec.endpoint.name:
            self._put_endpoint(spec.endpoint)
            self._users.setdefault(spec.endpoint.name, {})[spec.key] = None

    def _put_endpoint(self, endpoint: Endpoint) -> bool:
        before = self._endpoints.get(endpoint.name)
        if before is endpoint or before == endpoint:
            return False
        self._endpoints[endpoint.name] = endpoint
        users = self._users.get(endpoint.name, ())
        for key in users:
            self._specs[key] = replace(self._specs[key], endpoint=endpoint)
        return bool(users)

    def _leave(self, spec: ModelSpec) -> None:
        name = spec.endpoint.name
        users = self._users.get(name, {})
        users.pop(spec.key, None)
        if not users:
            self._users.pop(name, None)
            if name == spec.key:
                self._endpoints.pop(name, None)

    def _check_locks(self, spec: ModelSpec) -> None:
        self._check_lock("model", spec.key, self._specs.get(spec.key), spec)
        self._check_lock("endpoint", spec.endpoint.name, self._endpoints.get(spec.endpoint.name), spec.endpoint)

    def _check_lock(
        self, what: str, name: str, now: ModelSpec | Endpoint | None, then: ModelSpec | Endpoint | None
    ) -> None:
        # The file itself may be read again.
        if now is None or not now.locked or now == then or (then is not None and then.locked == now.locked):
            return
        message = f"The {what} '{name}' is locked by {now.locked}: it can be neither replaced nor forgotten."
        raise RegistrationError(message, hint="choose another name, or ask whoever keeps that file")

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
