"""Where the doctor meets the session: examinations go through its client, with its keys, and can be stopped."""

from __future__ import annotations

import contextlib
import functools
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from byom_magics.catalog import secrets
from byom_magics.catalog.spec import Timeouts
from byom_magics.errors import ByomError, ProtocolError
from byom_magics.talk.turn import Turn
from byom_magics.wire import verdict
from byom_magics.wire.dialects import known
from byom_magics.wire.doctor import Answered, Diagnosis, Step, examine
from byom_magics.wire.policy import join, origin

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Event
    from byom_magics.messages import Call
    from byom_magics.session import Session
    from byom_magics.wire.dialects.dialect import Listed
    from byom_magics.wire.reaching import Reach

__all__ = ["Checkup", "checkup", "checkup_all"]

_POLL_S = 0.1
_LIST_S = 15.0
_ASK = Timeouts(connect=10, first_byte=60, first_token=120, idle=60, content_idle=120, total=180)
_MOST_PAGES = 20
_AT_ONCE = 8
_PIECES = frozenset({"text", "reasoning"})

_Item = TypeVar("_Item")


class Checkup:
    """
    One examination, which runs in a thread of its own: a context manager, and an iterator of its steps.

    Leaving the block hangs up, whatever step is being taken.

    Args:
        session: Whose client and keys are used. The key is looked up here, on the caller's thread.
        spec: The model.
        quick: Ask the model nothing.
    """

    def __init__(self, session: Session, spec: ModelSpec, *, quick: bool = False) -> None:
        self.model = spec.key
        self._probes = _Probes(session, spec)
        self._quick = quick
        self._queue: queue.Queue[Step | None] = queue.Queue()
        self._spec = spec
        self._thread = threading.Thread(target=self._run, name=f"byom-doctor-{spec.key[:60]}", daemon=True)
        self._steps: list[Step] = []

    def __enter__(self) -> Checkup:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._probes.stop()

    def __iter__(self) -> Iterator[Step]:
        while (step := _taken(self._queue)) is not None:
            self._steps.append(step)
            yield step

    @property
    def diagnosis(self) -> Diagnosis:
        """What has been found so far."""
        return Diagnosis(self.model, tuple(self._steps))

    def _run(self) -> None:
        try:
            with self._probes:
                for step in examine(self._spec, self._probes, time.monotonic, quick=self._quick):
                    self._queue.put(step)
        finally:
            self._queue.put(None)


def checkup(session: Session, model: str | None, *, quick: bool = False) -> Diagnosis:
    """
    Examine one model to the end.

    Raises:
        UnknownModelError: There is no such model.
    """
    with Checkup(session, session.spec(model), quick=quick) as running:
        for _ in running:
            pass
    return running.diagnosis


def checkup_all(session: Session, models: Sequence[str], *, quick: bool = False) -> Iterator[Diagnosis]:
    """Examine many models in parallel, some at a time; each diagnosis is given out as soon as it is made."""
    waiting = [Checkup(session, session.models[model], quick=quick) for model in models]
    ended: queue.Queue[Diagnosis] = queue.Queue()
    running: list[Checkup] = []

    def follow(each: Checkup) -> None:
        for _ in each:
            pass
        ended.put(each.diagnosis)

    try:
        for _ in models:
            while waiting and len(running) < _AT_ONCE:
                running.append(waiting.pop(0).__enter__())
                threading.Thread(target=follow, args=(running[-1],), daemon=True).start()
            diagnosis = _taken(ended)
            running = [each for each in running if each.model != diagnosis.model]
            yield diagnosis
    finally:
        for each in running:
            each.__exit__(None, None, None)


def _taken(waited_for: queue.Queue[_Item]) -> _Item:
    while True:
        # Windows cannot interrupt a wait without a limit.
        with contextlib.suppress(queue.Empty):
            return waited_for.get(timeout=_POLL_S)


class _Probes:
    """The way to the network, as `examine` asks for it; its keys were looked up by whoever made it."""

    def __init__(self, session: Session, spec: ModelSpec) -> None:
        self._session = session
        self._spec = session.transformers.filled_in(spec)
        self._dialect = known.find(spec.dialect)
        self._headers: Mapping[str, str | secrets.Secret] = {}
        self._proxy: str | None = None
        self._password: str | None = None
        self._no_way: ByomError | None = None
        self._no_key: ByomError | None = None
        self._reach: Reach | None = None
        self._turn: Turn | None = None
        self._stopped = False
        endpoint, model = spec.endpoint, spec.key
        try:
            self._proxy = secrets.call_proxy(endpoint, origin_of=origin, model=model)
            self._password = session.key_password(spec)
        except ByomError as problem:
            self._no_way = problem
        header, prefix = self._dialect.key_header, self._dialect.key_prefix
        try:
            self._headers = secrets.call_headers(
                endpoint, origin=origin(spec.url), header=header, prefix=prefix, model=model
            )
        except ByomError as problem:
            self._no_key = problem

    def __enter__(self) -> _Probes:
        return self

    def __exit__(self, *_: object) -> None:
        if self._reach is not None:
            self._reach.close()

    def stop(self) -> None:
        """Hang up, from any thread."""
        self._stopped = True
        if self._reach is not None:
            self._reach.stop()
        if self._turn is not None:
            self._turn.stop()

    def allowed(self) -> str:
        from byom_magics.wire import rules  # noqa: PLC0415 - with the client
        from byom_magics.wire.reaching import Reach  # noqa: PLC0415 - with the client

        if self._no_way is not None:
            raise self._no_way
        policies = self._session.policies
        rules.check_call(self._spec, policies, proxy=self._proxy)
        self._reach = Reach(
            self._spec.endpoint, self._proxy, lambda: self._session.policies, password=self._password
        )
        if self._spec.builtin:
            return "built in"
        region = f", region {self._spec.endpoint.region}" if self._spec.endpoint.region else ""
        rules_in = ", ".join(dict.fromkeys(policy.source for policy in policies))
        return f"{self._spec.url}{region}" + (f", allowed by the rules in {rules_in}" if rules_in else "")

    def look_up(self) -> Sequence[str] | None:
        return self._reached().look_up()

    def connect(self) -> str:
        return self._reached().connect()

    def handshake(self) -> tuple[str, str] | None:
        try:
            return self._reached().handshake()
        finally:
            self._reached().close()

    def key(self) -> str:
        if self._no_key is not None:
            raise self._no_key
        found = [(name, value) for name, value in self._headers.items() if isinstance(value, secrets.Secret)]
        return ", ".join(f"{value.source}, sent as {name}" for name, value in found)

    def models(self) -> list[Listed] | None:
        if not self._dialect.models_path:
            return None
        path, found = self._dialect.models_path, []
        for _ in range(_MOST_PAGES):
            payload = self._fetched(path)
            listed = self._dialect.models(payload)
            found += listed
            query = self._dialect.next_page(payload)
            if query is None or not listed:
                break
            path = f"{self._dialect.models_path}?{query}"
        return found

    def ask(self, call: Call) -> Answered:
        client = self._session.client
        begun = time.monotonic()
        send = functools.partial(
            client.stream,
            self._spec,
            call,
            timeouts=_ASK,
            headers=self._headers,
            proxy=self._proxy,
            key_password=self._password,
        )
        pieces: list[float] = []
        with Turn(self._spec, send, lambda _: None) as turn:
            self._turn = turn
            if self._stopped:
                turn.stop()
            for batch in turn.batches():
                now = time.monotonic() - begun
                pieces += [now] * sum(_is_piece(event) for event in batch)
        self._turn = None
        return Answered(turn.reply, tuple(pieces))

    def _subject(self, path: str) -> verdict.Subject:
        keys = [value.source for value in self._headers.values() if isinstance(value, secrets.Secret)]
        return verdict.Subject(self._spec.key, join(self._spec.url, path), next(iter(keys), None), self._spec.model)

    def _reached(self) -> Reach:
        assert self._reach is not None  # noqa: S101 - the first step makes it
        return self._reach

    def _fetched(self, path: str) -> Any:  # noqa: ANN401 - JSON
        from byom_magics.wire.payload import MalformedPayloadError, parse  # noqa: PLC0415 - with the client
        from byom_magics.wire.refusal import page_title, refusal_in_body  # noqa: PLC0415 - with the client

        endpoint, headers = self._spec.endpoint, {**self._dialect.headers, **self._headers}
        fetched = self._session.client.fetch(
            endpoint, path, headers=headers, timeout_s=_LIST_S, proxy=self._proxy, key_password=self._password
        )
        if fetched.status != 200:
            refusal = refusal_in_body(fetched.body)
            ended = verdict.status(
                self._subject(path), fetched.status, fetched.phrase, fetched.headers, refusal, attempts=1, wait_s=None
            )
            assert ended.error is not None  # noqa: S101 - a status that is no success always gives one
            raise ended.error
        try:
            return parse(fetched.body)[0]
        except MalformedPayloadError:
            title = page_title(fetched.body[:20_000].decode("utf-8", "replace"))
            what = f"The list of models is no JSON: {secrets.mask(title)[:200]}"
            hint = "check the base address (many end in /v1), and whether a browser must sign in there first"
            raise ProtocolError(what, model=self._spec.key, address=self._spec.url, hint=hint) from None


def _is_piece(event: Event) -> bool:
    return event.kind in _PIECES
