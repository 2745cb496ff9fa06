"""Where the rooms meet: a session holds the registry, the client and the last reply, and asks models."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from byom_magics import demo
from byom_magics.catalog import plugins, secrets
from byom_magics.catalog.describing import check_endpoint, described, own_endpoint
from byom_magics.catalog.layers import Layers
from byom_magics.catalog.registration import checked_timeouts, spec_of
from byom_magics.catalog.registry import Registry
from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec, Policy, Timeouts
from byom_magics.catalog.transformers import Transformers
from byom_magics.errors import ConversationError, OptionError, RegistrationError, UnknownModelError
from byom_magics.wire.dialects import known

if TYPE_CHECKING:
    from byom_magics import asking
    from byom_magics.asking import Asked
    from byom_magics.events import Reply
    from byom_magics.log.cache import Cache
    from byom_magics.messages import Call, Message
    from byom_magics.study.votes import Votes
    from byom_magics.talk.call import Said
    from byom_magics.talk.history import Conversation, Conversations

    Conversed = str | Conversation
    from byom_magics.talk.turn import Turn
    from byom_magics.wire.client import Client, Preview
    from byom_magics.wire.dialects.dialect import Dialect
    from byom_magics.wire.stream import Stream

__all__ = ["Session", "current", "reset"]

_SAMPLING = ("temperature", "top_p", "max_tokens", "seed", "stop", "extra_body")


class Session:
    """
    Everything that one kernel knows of models.

    Attributes:
        models: The registry.
        layers: The files that it is made of, their policies, and the person's favourites.
        transformers: The functions that models may name.
        timeouts: Timers for all models that do not set them, in seconds by name.
        wanted_default: The key that the settings name as the default, registered or not.
        policy: The rules of the settings, beside those of files; see `policies`.
        last_reply: What the last turn brought, or None.
        last_question: What was asked last: the prompt, the options, and the model's key; None before the first.
        history: What goes of a conversation that grows too long; None for the usual.
        caches: Whether answers come from the cache, and are kept there, where nobody says otherwise.
        chosen: Options of `stream` that were chosen for questions which name no model, as in the picker.
        comparison: What was compared last, or None.
        on_reply: Called with each reply when its call has ended, whatever came of it.
    """

    def __init__(self) -> None:
        self.models = Registry()
        self.transformers = Transformers()
        self.timeouts: Mapping[str, float | None] = {}
        self.wanted_default = ""
        self.last_reply: Reply | None = None
        self.last_question: tuple[Said, dict[str, Any], str] | None = None
        self.history: str | None = None
        self.caches = False
        self.chosen: dict[str, Any] = {}
        self.comparison: Any = None  # a `comparing.Comparison`, which stands above
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

    @functools.cached_property
    def cache(self) -> Cache:
        """The answers that are kept; made when first asked for."""
        from byom_magics.log.cache import Cache  # noqa: PLC0415 - not needed to load

        return Cache()

    @functools.cached_property
    def conversations(self) -> Conversations:
        """What was said so far; made when first asked for."""
        from byom_magics.talk.history import Conversations  # noqa: PLC0415 - messages and events take long to load

        return Conversations()

    @functools.cached_property
    def votes(self) -> Votes:
        """What people liked better; made when first asked for."""
        from byom_magics.study.votes import Votes  # noqa: PLC0415 - not needed to load

        return Votes()

    def conversation_names(self) -> list[str]:
        """What conversations are called, those without a name by their model."""
        if "conversations" not in vars(self):
            return []  # none was begun, and asking makes the room for them
        return list(dict.fromkeys(each.name or each.model for each in self.conversations))

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
        can = {model.id: {name: name in model.can for name in Capabilities.names()} for model in demo.MODELS}
        self.models.register_all(
            spec_of(each.id, endpoint=endpoint, description=each.description, capabilities=can[each.id], builtin=True)
            for each in demo.MODELS
            if each.id not in self.models
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
        held: asking.Held | None = None,
        **options: Any,
    ) -> Turn:
        """One turn with a model, not begun yet; the arguments are those of `byom_magics.stream` and `Question`."""
        from byom_magics import asking  # noqa: PLC0415 - messages and events take long to load

        ready = self._asked(model, prompt, held=held, **options)
        limits = self._timeouts(ready.spec, timeout, timeouts)
        self.last_question = (prompt, {**options, "timeout": timeout, "timeouts": timeouts}, ready.spec.key)
        send = functools.partial(self._send, ready.spec, timeouts=limits)
        cache = self.cache if ready.question.cache else None
        return asking.turn(ready, send, self._remember, cache=cache, key=functools.partial(self._cache_key, ready))

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
        ready = self._asked(model, prompt, summarise=_later, **options)
        dialect = self._dialect(ready.spec)
        hidden = secrets.shown_headers(ready.spec.endpoint, header=dialect.key_header, prefix=dialect.key_prefix)
        return replace(self.client.preview(ready.spec, ready.call, hidden), beside=ready.beside(always=True))

    def said(self, model: str | None, prompt: Said, **options: Any) -> tuple[Message, ...]:
        """The messages of a question itself, as a conversation keeps them; nothing is sent."""
        return self._asked(model, prompt, **options).said

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
        conversation: Conversed | None = None,
        fork: str | None = None,
        history: str | None = None,
        cache: bool | None = None,
        summarise: Callable[[str, Sequence[Message]], str] | None = None,
        **options: Any,
    ) -> Asked:
        """The question as a call that the model can take, the model with its transformers at hand."""
        from byom_magics import asking  # noqa: PLC0415 - as in `stream`

        spec = self.spec(model)
        question = asking.Question(
            prompt,
            {name: options.pop(name) for name in _SAMPLING if name in options},
            conversation=self._conversation(spec.key, conversation, fork, options.get("place")),
            cache=self.caches if cache is None else cache,
            history=history or self.history,
            **{name: value for name, value in options.items() if value is not None},
        )
        ready = asking.asked(spec, question, summarise or self._summary)
        return replace(ready, spec=self.transformers.filled_in(ready.spec))

    def _conversation(
        self, model: str, given: Conversed | None, fork: str | None, place: Hashable
    ) -> Conversation | None:
        if given is None and fork is None:
            return None
        if self.comparison is not None and self.comparison.ended:
            self.comparison.keep_turns()  # what goes on from a blind answer needs it, voted on or not
        if isinstance(given, str) or given is None:
            of = self.conversations.of if fork is None else functools.partial(self.conversations.fork, fork)
            return of(model, given or "", *([] if fork is None else [place]))
        kept: Conversation = getattr(given, "kept", given)
        if not hasattr(kept, "exchanges"):
            what = f"A conversation cannot be {type(given).__name__}."
            raise OptionError(what, hint="give its name, or a byom_magics.Conversation")
        if kept.model != model:
            what = f"The conversation is with {kept.model}, and histories of different models do not mix by themselves."
            hint = f"begin one of this model with a copy: fork={kept.written!r}, or ask {kept.model}"
            raise ConversationError(what, model=model, hint=hint)
        return kept

    def _summary(self, model: str, messages: Sequence[Message]) -> str:
        """What these messages say, in the words of a model that was chosen for it."""
        from byom_magics import asking  # noqa: PLC0415 - as in `stream`

        ready = self._asked(model, messages, cache=False)
        send = functools.partial(self._send, ready.spec, timeouts=self._timeouts(ready.spec, None, None))
        with asking.turn(ready, send, lambda _: None) as turn:
            for _ in turn.batches():
                pass
        if turn.reply.error is not None:
            raise turn.reply.error
        return turn.reply.text

    def _cache_key(self, ready: Asked, call: Call) -> str:
        from byom_magics.log.cache import key  # noqa: PLC0415 - as in `stream`

        sent = self.client.preview(ready.spec, call, {})
        return key(ready.spec.key, sent.url, sent.body, ready.question.sample)

    def _send(self, spec: ModelSpec, call: Call, timeouts: Timeouts) -> Stream:
        from byom_magics import sending  # noqa: PLC0415 - not needed to load

        return sending.send(self.client, self.policies, spec, call, timeouts=timeouts)

    def key_password(self, spec: ModelSpec) -> secrets.Password | None:
        """The password of the client's private key, if one is named."""
        from byom_magics import sending  # noqa: PLC0415 - not needed to load

        return sending.key_password(spec)

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


def _later(model: str, messages: Sequence[Message]) -> str:  # noqa: ARG001 - nothing is asked for a preview
    raise OptionError(f"the summary is made by {model} when it is sent")


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
