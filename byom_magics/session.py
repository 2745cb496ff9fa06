"""Where the rooms meet: a session holds the registry, the client and the last reply, and asks models."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics import demo
from byom_magics.catalog import plugins, secrets
from byom_magics.catalog.describing import check_endpoint, described, own_endpoint
from byom_magics.catalog.layers import Layers
from byom_magics.catalog.registration import checked_timeouts, spec_of
from byom_magics.catalog.registry import Registry
from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec, Policy, Timeouts
from byom_magics.catalog.transformers import Transformers
from byom_magics.errors import RegistrationError, UnknownModelError
from byom_magics.wire.dialects import known

if TYPE_CHECKING:
    from byom_magics.events import Reply
    from byom_magics.messages import Call, Schema, Tool
    from byom_magics.talk.call import Said
    from byom_magics.talk.turn import Turn
    from byom_magics.wire.client import Client, Preview
    from byom_magics.wire.dialects.dialect import Dialect
    from byom_magics.wire.stream import Stream

__all__ = ["Session", "current", "reset"]

_VERIFY_S = 60.0  # a model may have to be loaded first
_VERIFY_TOKENS = 16  # the least that some services take


class Session:
    """
    Everything that one kernel knows of models.

    Attributes:
        models: The registry.
        layers: The files that it is made of, and their policies.
        transformers: The functions that models may name.
        timeouts: Timers for all models that do not set them, in seconds by name.
        wanted_default: The key that the settings name as the default, registered or not.
        policy: The rules of the settings, beside those of files; see `policies`.
        last_reply: What the last call brought, or None.
        on_reply: Called with each reply when its call has ended, whatever came of it.
    """

    def __init__(self) -> None:
        self.models = Registry()
        self.transformers = Transformers()
        self.timeouts: Mapping[str, float | None] = {}
        self.wanted_default = ""
        self.last_reply: Reply | None = None
        self.on_reply: list[Callable[[Reply], None]] = []
        self.layers = Layers(self.models, self.described, _hold, _origin)
        self.policy: Policy | None = None
        self._client: Client | None = None
        known.plugins = _plugged_dialect

    @property
    def client(self) -> Client:
        """The client that all calls go through; made at the first one."""
        with _lock:
            if self._client is None:
                from byom_magics.wire.client import Client  # noqa: PLC0415 - httpx is loaded at the first call

                self._client = Client(
                    {"demo": _demo_transport}, user_agent=f"byom-magics/{_version()}", policies=lambda: self.policies
                )
            return self._client

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All rules that hold at this moment, those of files and those of the settings."""
        return (*self.layers.policies, *([self.policy] if self.policy is not None else []))

    def register(self, key: str, **description: Any) -> ModelSpec:
        """Add a model to the registry; the arguments are those of `byom_magics.register`."""
        from byom_magics.wire.policy import base_url  # noqa: PLC0415 - not needed to load

        at = description.get("endpoint")
        if isinstance(at, Endpoint):
            description["endpoint"] = own_endpoint(self.models, base_url, key, at)
        spec = self.described(key, **description)
        if at is None or (isinstance(at, Endpoint) and not at.name):
            check_endpoint(self.models, spec)
        self.models.register(spec)
        return spec

    def described(self, key: str, **description: Any) -> ModelSpec:
        """The spec that `register` would add. It takes ``source`` and ``locked`` too: the file that it came from."""
        from byom_magics.wire.policy import base_url, carries_key_safely  # noqa: PLC0415 - not needed to load

        spec = described(self.models, base_url, key, **description)
        if spec.dialect not in known.BUILT_IN:
            known.find(spec.dialect)
        at = spec.endpoint
        if (
            at.api_key is not None
            and not (at.unix_socket or at.allow_http_key or carries_key_safely(at.url))
            and not any(policy.lets_keys_over_http for policy in self.policies)
        ):
            what = f"The key would travel unencrypted to {spec.url}."
            hint = "use https://, or say --allow-http-key if that network is trusted"
            raise RegistrationError(what, model=key, hint=hint)
        return spec

    def read_files(self) -> None:
        """Read the configuration files that are there. None of them stops anything: see ``layers.told()``."""
        self.layers.read()
        self.wanted_default = self.layers.default

    def register_builtin(self) -> None:
        """Register the models that come with this package, unless their keys are taken."""
        endpoint = Endpoint(demo.BASE_URL)
        nothing = dict.fromkeys(Capabilities.names(), False)
        self.models.register_all(
            spec_of(model.id, endpoint=endpoint, description=model.description, capabilities=nothing, builtin=True)
            for model in demo.MODELS
            if model.id not in self.models
        )

    def forget_builtin(self) -> None:
        """Take the models that come with this package out of the registry."""
        for key, spec in list(self.models.items()):
            if spec.builtin:
                self.models.forget(key)

    def spec(self, model: str | None) -> ModelSpec:
        """
        The model of that key, or the default.

        Raises:
            UnknownModelError: There is no such model, or none was named and there is no default.
        """
        key = model or self.models.default
        if key is None:
            what = "No model is named, and there is no default."
            if self.wanted_default:
                what = (
                    f"No model is named, and '{self.wanted_default}', the default of the settings, is not registered."
                )
            hint = "name one, as in %%byom demo/pydoc, or choose a default: %byom_default KEY, or %byom_picker"
            raise UnknownModelError(what, hint=hint)
        try:
            return self.models[key]
        except UnknownModelError as unknown:
            told = self.layers.told()  # a file that is not used may be why
            raise UnknownModelError("\n".join((unknown.what, *told)), hint=unknown.hint) from None

    def stream(
        self,
        model: str | None,
        prompt: Said,
        *,
        timeout: float | None = None,
        timeouts: Timeouts | Mapping[str, float | None] | None = None,
        **options: Any,
    ) -> Turn:
        """One turn with a model, not begun yet; the arguments are those of `byom_magics.stream`."""
        from byom_magics.talk.call import cautions  # noqa: PLC0415 - messages and events take long to load
        from byom_magics.talk.turn import Turn  # noqa: PLC0415 - the same

        spec, call = self._asked(model, prompt, **options)
        limits = self._timeouts(spec, timeout, timeouts)
        return Turn(spec, functools.partial(self._send, spec, call, limits), self._remember, cautions(spec, call))

    def ask(self, model: str | None, prompt: Said, **options: Any) -> Reply:
        """One turn with a model, to its end; the arguments are those of `byom_magics.ask`."""
        with self.stream(model, prompt, **options) as turn:
            for _ in turn.batches():
                pass
        if turn.reply.error is not None:
            raise turn.reply.error
        return turn.reply

    def preview(self, model: str | None, prompt: Said, **options: Any) -> Preview:
        """The request as `stream` would send it, with keys hidden; nothing is sent, and no key is looked up."""
        options.pop("timeout", None)
        options.pop("timeouts", None)
        spec, call = self._asked(model, prompt, **options)
        dialect = self._dialect(spec)
        hidden = secrets.shown_headers(spec.endpoint, header=dialect.key_header, prefix=dialect.key_prefix)
        return self.client.preview(spec, call, hidden)

    def verify_key(self, model: str, key: secrets.Secret) -> str | None:
        """
        Whether a model's server takes another key than the one in use: one small question is sent with it.

        Returns:
            None if it does, else what came in place of an answer.
        """
        from byom_magics.talk.turn import Turn  # noqa: PLC0415 - as in `stream`

        spec, call = self._asked(model, "Say hello.", max_tokens=_VERIFY_TOKENS)
        limits = self._timeouts(spec, _VERIFY_S, None)
        with Turn(spec, functools.partial(self._send, spec, call, limits, key), lambda _: None) as turn:
            for batch in turn.batches():
                if any(event.kind in ("text", "reasoning", "tool_call") for event in batch):
                    return None  # it answers: the rest need not be paid for
        error = turn.reply.error
        # What a server says of the question itself, it says after it has taken the key.
        if error is None or getattr(error, "status", None) in (400, 402, 413, 422, 429):
            return None
        return getattr(error, "what", None) or str(error)

    def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _asked(
        self,
        model: str | None,
        prompt: Said,
        *,
        system: str | None = None,
        tools: Sequence[Tool] = (),
        tool_choice: str | None = None,
        schema: Schema | None = None,
        effort: str | int | None = None,
        **sampling: Any,
    ) -> tuple[ModelSpec, Call]:
        """The model with its transformers at hand, and the call, which it can take."""
        from byom_magics.talk.call import as_told, call_of, check_abilities  # noqa: PLC0415 - as in `stream`
        from byom_magics.talk.sampling import sampling_of  # noqa: PLC0415 - as in `stream`

        spec = self.spec(model)
        call = call_of(
            prompt,
            sampling_of(**sampling),
            system=system,
            default_system=spec.system,
            tools=tools,
            tool_choice=tool_choice,
            schema=schema,
            effort=effort,
        )
        check_abilities(spec, call)
        return self.transformers.filled_in(as_told(spec, call)), call

    def _send(self, spec: ModelSpec, call: Call, timeouts: Timeouts, key: secrets.Secret | None = None) -> Stream:
        from byom_magics.wire import rules  # noqa: PLC0415 - not needed to load
        from byom_magics.wire.policy import origin  # noqa: PLC0415 - not needed to load

        rules.check_call(spec, self.policies)  # no key is asked for in vain
        dialect = self._dialect(spec)
        headers = secrets.call_headers(
            spec.endpoint,
            origin=origin(spec.url),
            header=dialect.key_header,
            prefix=dialect.key_prefix,
            model=spec.key,
            key=key,
        )
        proxy = secrets.call_proxy(spec.endpoint, origin_of=origin, model=spec.key)
        password = self.key_password(spec)
        return self.client.stream(spec, call, timeouts=timeouts, headers=headers, proxy=proxy, key_password=password)

    def key_password(self, spec: ModelSpec) -> secrets.Password | None:
        """The password of the client's private key, if one is named; it decrypts a file here, and is sent nowhere."""
        from byom_magics.wire.policy import origin  # noqa: PLC0415 - not needed to load

        reference = spec.endpoint.tls.key_password
        if reference is None:
            return None
        what = "password of the private key"
        found = secrets.resolve(reference, origin=origin(spec.url), model=spec.key, what=what, in_header=False)
        return secrets.Password(found.bare())

    def _dialect(self, spec: ModelSpec) -> Dialect:
        from byom_magics.wire.dialects import known  # noqa: PLC0415 - not needed to load

        return known.find(spec.dialect)

    def _timeouts(
        self, spec: ModelSpec, timeout: float | None, timeouts: Timeouts | Mapping[str, float | None] | None
    ) -> Timeouts:
        given = checked_timeouts(timeouts)
        if timeout is not None:
            given.update(checked_timeouts({"total": timeout}))
        return Timeouts(**{**self.timeouts, **spec.timeouts, **given})

    def _remember(self, reply: Reply) -> None:
        self.last_reply = reply
        for tell in tuple(self.on_reply):
            tell(reply)


def current() -> Session:
    """The session of this process; made when first asked for, with the built-in models and those of files."""
    global _session  # noqa: PLW0603 - the one place of state
    with _lock:
        if _session is None:
            _session = Session()
            _session.register_builtin()
            _session.read_files()
        return _session


def reset() -> None:
    """Close the session and forget it: the next `current` makes a new one."""
    global _session  # noqa: PLW0603 - the one place of state
    if _session is not None:
        _session.close()
    _session = None
    secrets.forget_session()


_session: Session | None = None
_lock = threading.RLock()  # first calls may come from many threads at once


def _origin(url: str) -> str:
    from byom_magics.wire.policy import origin  # noqa: PLC0415 - not needed to load

    return origin(url)


def _hold(name: str, value: str, url: str) -> str:
    from byom_magics.wire.policy import base_url, origin  # noqa: PLC0415 - not needed to load

    return secrets.hold(name, value, origin(base_url(url)))


def _plugged_dialect(name: str) -> object | None:
    found = plugins.find("dialects", name)
    return getattr(found, "DIALECT", found)


def _demo_transport() -> Any:  # noqa: ANN401 - an httpx.BaseTransport, which is not loaded yet
    from byom_magics.demo.transport import DemoTransport  # noqa: PLC0415 - httpx is loaded at the first call

    return DemoTransport()


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 - slow to load

    try:
        return metadata.version("byom-magics")
    except metadata.PackageNotFoundError:
        return "0"
