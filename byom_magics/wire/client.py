"""
The client: sends a call to a model's endpoint over pooled connections, and hands back its stream.

Redirects are never followed, cookies and netrc are not known, and a key goes to the origin it was registered for.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from byom_magics import errors
from byom_magics.catalog.secrets import Secret, mask
from byom_magics.events import UsageReport
from byom_magics.wire import exchange, policy, retry, rules
from byom_magics.wire.dialects import known
from byom_magics.wire.faults import Fault
from byom_magics.wire.fetch import MOST_BYTES, Fetches
from byom_magics.wire.learning import Learnt
from byom_magics.wire.limits import Gates
from byom_magics.wire.line import Line
from byom_magics.wire.masking import masking
from byom_magics.wire.outgoing import Outgoing
from byom_magics.wire.reading import Answer, Channel
from byom_magics.wire.stream import Stream
from byom_magics.wire.timers import Moments
from byom_magics.wire.transports import Transports
from byom_magics.wire.verdict import Subject

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Endpoint, ModelSpec, Policy, Timeouts
    from byom_magics.events import Event
    from byom_magics.messages import Call

__all__ = ["Client", "Preview"]

_LARGE = 64 * 1024


@dataclass(frozen=True)
class Preview:
    """A request that is not sent. Its headers hold references in place of keys."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    beside: tuple[str, ...] = ()
    """How large what goes out with the prompt is, in lines for the person."""


class Client:
    """
    Calls models.

    Args:
        transports: What serves URL schemes of its own, such as ``demo``: the scheme, and a maker of its transport.
        user_agent: How the client introduces itself.
        policies: The rules that every request keeps; asked anew at every attempt.
    """

    def __init__(
        self,
        transports: Mapping[str, Callable[[], httpx.BaseTransport]] | None = None,
        *,
        user_agent: str,
        policies: Callable[[], tuple[Policy, ...]] = tuple,
    ) -> None:
        self._makers = dict(transports or {})
        self._user_agent = user_agent
        self._policies = policies
        self._transports = Transports(self._makers, policies)
        self._budgets: dict[str, retry.Budget] = {}
        self._gates = Gates()
        self._learnt = Learnt()
        self._lock = threading.Lock()
        for name in ("http11", "connection", "proxy"):
            logging.getLogger(f"httpcore.{name}").addFilter(_masked)

    def stream(
        self,
        spec: ModelSpec,
        call: Call,
        *,
        timeouts: Timeouts,
        headers: Mapping[str, str | Secret],
        proxy: str | None = None,
        key_password: str | None = None,
    ) -> Stream:
        """
        Send a call; returns at once.

        Args:
            spec: The model.
            call: What to ask it.
            timeouts: The timers of this call.
            headers: Headers beyond our own; a `Secret` is revealed only for the origin that it is bound to.
            proxy: The URL of an http proxy, or None.
            key_password: The password of the client's private key, if that is encrypted.

        Raises:
            OptionError: The request cannot be written.
            PolicyError: A rule forbids the call, or a secret is not for this address.
        """
        rules.check_call(spec, self._policies(), proxy=proxy)
        outgoing = self._outgoing(spec, call, headers, proxy)
        url = outgoing.url
        moments = Moments(time.monotonic())
        subject = Subject(spec.key, url, _key_source(headers), spec.model)
        stream: Stream
        channel: Channel
        # Waking the caller twice in a row costs as much as sending: only a large body is announced before it goes out.
        large = len(outgoing.content) > _LARGE
        line = Line(
            moments,
            lambda: channel.flush(),  # noqa: PLW0108 - made below
            lambda: channel.progress("waiting", at_once=large),
        )
        stream = Stream(line, timeouts, subject)
        pass_on = stream.pass_on

        def counting(batch: list[Event]) -> None:
            for event in batch:
                if isinstance(event, UsageReport) and event.usage.total_tokens is not None:
                    channel.tokens = event.usage.total_tokens
            stream.pass_on(batch)

        if spec.endpoint.limits.tokens_per_minute is not None:
            pass_on = counting
        foreign = policy.scheme_of(url) in self._makers
        channel = Channel(
            subject,
            line,
            pass_on,
            spec.endpoint.max_event_bytes,
            foreign,
            known.find(spec.dialect),
            spec.response_transformer if callable(spec.response_transformer) else None,
            masking=masking(),
            settle=outgoing.settle,
        )
        transport = functools.partial(self._transports.to, spec.endpoint, proxy, key_password)
        gate = self._gates.gate(spec.endpoint, _estimate(spec, call))

        def send() -> Answer:
            if channel.attempt > 1:
                channel.masking = masking()  # a key that was renewed since is masked like the others
            return _send(transport, url, outgoing.content, outgoing.headers, self._user_agent)

        def work() -> None:
            remedies = (outgoing.renewing(line.stopped.is_set), outgoing.relearn)
            with line:
                exchange.run(channel, send, self._budget(url), gate, remedies)

        stream.start(channel, work)
        return stream

    def start_fetch(
        self,
        fetches: Fetches,
        tag: Hashable,
        endpoint: Endpoint,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        timeout_s: float = 10.0,
        max_bytes: int = MOST_BYTES,
        proxy: str | None = None,
        key_password: str | None = None,
    ) -> None:
        """
        Begin one plain request, beside others: for lists of models, probes and checks of keys.

        Redirects are not followed.

        Args:
            fetches: What gives its answer.
            tag: What the answer is known by there.
            endpoint: Where to.
            path: What is appended to its base URL; may carry a query.
            method: The HTTP method.
            body: JSON, as it is sent.
            headers: Headers beyond our own; a `Secret` is revealed only for the origin that it is bound to.
            timeout_s: For everything together, name look-up and connecting included.
            max_bytes: The largest body that is taken.
            proxy: The URL of an http proxy, or None.
            key_password: The password of the client's private key, if that is encrypted.

        Raises:
            PolicyError: A rule forbids the request, or a secret is not for this address.
        """
        rules.check_endpoint(endpoint, self._policies(), proxy=proxy, model=endpoint.name or None)
        url = policy.join(endpoint.url, path)
        given = {"Accept": "application/json, */*;q=0.5", **(headers or {})}
        for value in given.values():
            if isinstance(value, Secret):
                self._check_bound(value, url, endpoint, endpoint.name, proxy)
        transport = functools.partial(self._transports.to, endpoint, proxy, key_password)
        send = functools.partial(_send, transport, url, body, given, self._user_agent, method=method)
        subject = Subject(endpoint.name, url, _key_source(given))
        fetches.start(tag, send, subject, timeout_s=timeout_s, max_bytes=max_bytes)

    def preview(self, spec: ModelSpec, call: Call, headers: Mapping[str, str]) -> Preview:
        """The request that `stream` would send; nothing is sent."""
        outgoing = self._outgoing(spec, call, headers)
        sent = _own_headers(outgoing.headers, self._user_agent)
        return Preview("POST", outgoing.url, sent, outgoing.content.decode())

    def active_connections(self) -> int:
        """How many connections serve a call at this moment."""
        return self._transports.active_connections()

    def close(self) -> None:
        """Close all connections."""
        self._transports.close()

    def _outgoing(
        self, spec: ModelSpec, call: Call, headers: Mapping[str, str | Secret], proxy: str | None = None
    ) -> Outgoing:
        def may_carry(secret: Secret, url: str) -> None:
            self._check_bound(secret, url, spec.endpoint, spec.key, proxy)

        return Outgoing(known.find(spec.dialect), spec, call, headers, learnt=self._learnt, may_carry=may_carry)

    def _check_bound(self, secret: Secret, url: str, endpoint: Endpoint, name: str, proxy: str | None) -> None:
        bound, target = secret.origin, policy.origin(url)
        if bound != target:
            what = f"The key from {secret.source} belongs to {bound}, and this call goes to {target}."
            hint = f"register the model anew for that address: %byom_register {name} --url {target}… --api-key …"
            raise errors.PolicyError(what, model=name, address=url, hint=hint)
        try:
            rules.check_key(endpoint, self._policies(), source=secret.source, proxy=proxy)
        except Fault as fault:
            raise errors.PolicyError(fault.what, model=name, address=url, hint=fault.hint) from None

    def _budget(self, url: str) -> retry.Budget:
        with self._lock:
            return self._budgets.setdefault(policy.origin(url), retry.Budget())


def _masked(record: logging.LogRecord) -> bool:
    """Masks a line of a log: httpcore logs what servers send, and a server may send the key back."""
    record.msg = mask(str(record.msg))
    return True


def _send(
    transport: Callable[[], httpx.BaseTransport],
    url: str,
    body: bytes | None,
    headers: Mapping[str, str | Secret],
    user_agent: str,
    *,
    method: str = "POST",
) -> Answer:
    request = httpx.Request(method, url, headers=_own_headers(headers, user_agent), content=body)
    if policy.place_of(str(request.url)) != policy.place_of(url):
        # What was checked has to be what is used.
        raise Fault("policy", "The address can be read in two ways.", hint="write its host in plain letters")
    try:
        response = transport().handle_request(request)
    except httpx.TransportError as problem:  # of a transport that is not ours, such as that of the built-in models
        hint = "look at the address that the model is registered with: %byom_models -v KEY"
        raise Fault("connect", f"No connection: {problem}.", hint=hint) from None
    stream = response.stream
    assert isinstance(stream, httpx.SyncByteStream)  # noqa: S101 - ours are all synchronous
    phrase = response.extensions.get("reason_phrase", b"").decode("ascii", "replace") or response.reason_phrase
    return Answer(response.status_code, phrase, _flat(response.headers), iter(stream), response.close)


def _own_headers(headers: Mapping[str, str] | Mapping[str, str | Secret], user_agent: str) -> dict[str, str]:
    own = {
        "Accept": "text/event-stream, application/x-ndjson, application/json;q=0.9",
        # Compression makes proxies hold a stream back.
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "User-Agent": user_agent,
    }
    given = {name: value.reveal() if isinstance(value, Secret) else value for name, value in headers.items()}
    taken = {name.lower() for name in given}
    return {**{name: value for name, value in own.items() if name.lower() not in taken}, **given}


def _estimate(spec: ModelSpec, call: Call) -> int:
    """How many tokens the call takes at least, four characters each, where anybody counts them."""
    if spec.endpoint.limits.tokens_per_minute is None:
        return 0
    return sum(len(message.text) for message in call.messages) // 4


def _flat(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _key_source(headers: Mapping[str, str | Secret]) -> str | None:
    return next((value.source for value in headers.values() if isinstance(value, Secret)), None)
