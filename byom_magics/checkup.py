"""Where the doctor meets the session: examinations go through its client, with its keys, and can be stopped."""

from __future__ import annotations

import contextlib
import functools
import queue
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from byom_magics.catalog import secrets
from byom_magics.catalog.spec import Timeouts
from byom_magics.errors import ByomError, ProtocolError
from byom_magics.talk.turn import Turn
from byom_magics.wire import verdict
from byom_magics.wire.dialects import known
from byom_magics.wire.doctor import Answered, Diagnosis, Step, examine
from byom_magics.wire.faults import Fault
from byom_magics.wire.policy import join, origin

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Event
    from byom_magics.messages import Call
    from byom_magics.session import Session
    from byom_magics.wire.dialects.dialect import Dialect, Listed
    from byom_magics.wire.fetch import Fetched
    from byom_magics.wire.reaching import Reach

__all__ = ["Checkup", "checkup", "checkup_all"]

_POLL_S = 0.1
_LIST_S = 15.0
_ASK = Timeouts(connect=10, first_byte=60, first_token=120, idle=60, content_idle=120, total=180)
_MOST_PAGES = 20
_AT_ONCE = 8
_PIECES = frozenset({"text", "reasoning"})

_END = object()

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
        self._queue: queue.Queue[Step | object] = queue.Queue()
        self._spec = spec
        self._thread = threading.Thread(target=self._run, name=f"byom-doctor-{spec.key[:60]}", daemon=True)
        self._steps: list[Step] = []
        self._ended = False

    def __enter__(self) -> Checkup:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._probes.stop()

    def __iter__(self) -> Iterator[Step]:
        while not self._ended:
            step = _taken(self._queue)
            if isinstance(step, Step):
                self._steps.append(step)
                yield step
            self._ended = step is _END

    @property
    def diagnosis(self) -> Diagnosis:
        """What has been found so far."""
        return Diagnosis(self.model, tuple(self._steps))

    def _run(self) -> None:
        what = "the thread of this examination ended on its own; its traceback stands in the kernel's log"
        last: Step | None = Step("examination", "failed", what, "that is a fault of byom_magics: please report it")
        try:
            with self._probes:
                for step in examine(self._spec, self._probes, time.monotonic, quick=self._quick):
                    # Servers may send the key back, in whatever they are asked.
                    shown = (secrets.mask(step.detail), secrets.mask(step.next_step))
                    self._queue.put(replace(step, detail=shown[0], next_step=shown[1]))
            last = None
        finally:
            if last is not None:
                self._queue.put(last)
            self._queue.put(_END)


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


def checkup_all(
    session: Session, models: Sequence[str], *, quick: bool = False
) -> Generator[Diagnosis | None, None, None]:
    """
    Examine many models in parallel, some at a time; each diagnosis is given out as soon as it is made.

    None is given out whenever none was made for a moment. Leaving the loop hangs up all that are under way. All keys
    are looked up first, on the caller's thread.

    Raises:
        UnknownModelError: There is no such model.
    """
    waiting = [Checkup(session, session.models[model], quick=quick) for model in models]
    ended: queue.Queue[Diagnosis] = queue.Queue()

    def follow(each: Checkup) -> None:
        for _ in each:
            pass
        ended.put(each.diagnosis)

    with contextlib.ExitStack() as running:
        left = iter(waiting)

        def begin(count: int) -> None:
            for _, each in zip(range(count), left, strict=False):
                running.enter_context(each)
                threading.Thread(target=follow, args=(each,), name="byom-doctor-all", daemon=True).start()

        begin(_AT_ONCE)
        made = 0
        while made < len(waiting):
            diagnosis = _taken(ended)
            yield diagnosis
            if diagnosis is not None:
                made += 1
                begin(1)


def _taken(waited_for: queue.Queue[_Item]) -> _Item | None:
    """What comes next; None if nothing came for a moment (Windows cannot interrupt a wait without a limit)."""
    try:
        return waited_for.get(timeout=_POLL_S)
    except queue.Empty:
        return None


class _Probes:
    """The way to the network, as `examine` asks for it; its keys were looked up by whoever made it."""

    def __init__(self, session: Session, spec: ModelSpec) -> None:
        self._session = session
        self._spec = spec
        self._timeouts = replace(_ASK, **{**session.timeouts, **spec.timeouts})
        self._dialect: Dialect = known.find("openai_chat")
        self._headers: Mapping[str, str | secrets.Secret] = {}
        self._proxy: str | None = None
        self._password: str | None = None
        self._problems: dict[str, ByomError] = {}
        self._reach: Reach | None = None
        self._turn: Turn | None = None
        self._stopped = threading.Event()
        with self._noted("address"):
            self._look_up_keys()

    def __enter__(self) -> _Probes:
        return self

    def __exit__(self, *_: object) -> None:
        if self._reach is not None:
            self._reach.close()

    def stop(self) -> None:
        """Hang up, from any thread."""
        self._stopped.set()
        if self._reach is not None:
            self._reach.stop()
        turn = self._turn
        if turn is not None:
            turn.stop()

    def allowed(self) -> str:
        from byom_magics.wire.reaching import Reach  # noqa: PLC0415 - with the client

        self._raise("address")
        limit = self._timeouts.connect or _ASK.connect or _LIST_S
        self._reach = Reach(self._spec.endpoint, self._proxy, lambda: self._session.policies, limit_s=limit)
        if self._stopped.is_set():
            self._reach.stop()
        if self._spec.builtin:
            return "built in"
        region = f", region {self._spec.endpoint.region}" if self._spec.endpoint.region else ""
        sources = ", ".join(dict.fromkeys(policy.source for policy in self._session.policies))
        return f"{self._spec.url}{region}" + (f", allowed by the rules in {sources}" if sources else "")

    def look_up(self) -> Sequence[str] | None:
        return self._reached().look_up()

    def connect(self) -> str:
        return self._reached().connect()

    def handshake(self) -> tuple[str, str] | None:
        self._raise("TLS")
        try:
            return self._reached().handshake(self._password)
        finally:
            self._reached().close()

    def key(self) -> str:
        from byom_magics.wire import rules  # noqa: PLC0415 - with the client

        self._raise("key")
        found = [(name, value) for name, value in self._headers.items() if isinstance(value, secrets.Secret)]
        for _, value in found:
            rules.check_key(self._spec.endpoint, self._session.policies, source=value.source, proxy=self._proxy)
        return ", ".join(f"{value.source}, sent as {name}" for name, value in found)

    def models(self) -> list[Listed] | None:
        path = self._dialect.models_path
        if not path:
            return None
        found: list[Listed] = []
        query: str | None = None
        for _ in range(_MOST_PAGES):
            payload = self._payload(path if query is None else f"{path}?{query}")
            listed = self._dialect.models(payload)
            found += listed
            query = self._dialect.next_page(payload)
            if query is None or not listed:
                break
        return found

    def ask(self, call: Call) -> Answered:
        send = functools.partial(
            self._session.client.stream,
            self._spec,
            call,
            timeouts=self._timeouts,
            headers=self._headers,
            proxy=self._proxy,
            key_password=self._password,
        )
        pieces: list[float] = []
        begun = time.monotonic()
        with Turn(self._spec, send, lambda _: None) as turn:
            self._turn = turn
            if self._stopped.is_set():
                turn.stop()
            for batch in turn.batches():
                now = time.monotonic() - begun
                pieces += [now] * sum(_is_piece(event) for event in batch)
        self._turn = None
        return Answered(turn.reply, tuple(pieces))

    def _look_up_keys(self) -> None:
        """Look up all that the calls need; what is missing is told by the step that would use it."""
        from byom_magics.wire import rules  # noqa: PLC0415 - with the client

        spec = self._spec
        self._dialect = known.find(spec.dialect)
        self._spec = spec = self._session.transformers.filled_in(spec)
        rules.check_call(spec, self._session.policies)  # no key is asked for in vain
        self._proxy = secrets.call_proxy(spec.endpoint, origin_of=origin, model=spec.key)
        rules.check_call(spec, self._session.policies, proxy=self._proxy)
        with self._noted("TLS"):
            self._password = self._session.key_password(spec)
        with self._noted("key"):
            self._headers = secrets.call_headers(
                spec.endpoint,
                origin=origin(spec.url),
                header=self._dialect.key_header,
                prefix=self._dialect.key_prefix,
                model=spec.key,
            )

    @contextlib.contextmanager
    def _noted(self, step: str) -> Iterator[None]:
        try:
            yield
        except ByomError as problem:
            self._problems[step] = problem

    def _raise(self, step: str) -> None:
        if step in self._problems:
            raise self._problems[step]

    def _reached(self) -> Reach:
        assert self._reach is not None  # noqa: S101 - the first step makes it
        return self._reach

    def _payload(self, path: str) -> Any:  # noqa: ANN401 - JSON
        from byom_magics.wire.payload import MalformedPayloadError, parse  # noqa: PLC0415 - with the client
        from byom_magics.wire.refusal import page_title, refusal_in_body  # noqa: PLC0415 - with the client

        fetched = self._fetched(path)
        text = secrets.mask(fetched.body.decode("utf-8", "replace"))
        if fetched.status != 200:
            keys = [value.source for value in self._headers.values() if isinstance(value, secrets.Secret)]
            subject = verdict.Subject(
                self._spec.key, join(self._spec.url, path), next(iter(keys), None), self._spec.model
            )
            refusal = refusal_in_body(fetched.body)
            ended = verdict.status(
                subject, fetched.status, fetched.phrase, fetched.headers, refusal, attempts=1, wait_s=None
            )
            assert ended.error is not None  # noqa: S101 - a status that is no success always gives one
            raise ended.error
        try:
            return parse(text.encode("utf-8", "replace"))[0]
        except MalformedPayloadError:
            what = "What came as the list of models is no JSON: " + (page_title(text[:20_000])[:200] or "it is empty.")
            hint = "check the base address (many end in /v1), and whether a browser must sign in there first"
            raise ProtocolError(what, model=self._spec.key, address=self._spec.url, hint=hint) from None

    def _fetched(self, path: str) -> Fetched:
        from byom_magics.wire.fetch import Fetches  # noqa: PLC0415 - with the client

        headers = {**self._dialect.headers, **self._headers}
        with Fetches() as fetches:
            self._session.client.start_fetch(
                fetches,
                path,
                self._spec.endpoint,
                path,
                headers=headers,
                timeout_s=_LIST_S,
                proxy=self._proxy,
                key_password=self._password,
            )
            while not self._stopped.is_set():
                ended = fetches.next(_POLL_S)
                if ended is not None:
                    if isinstance(ended[1], ByomError):
                        raise ended[1]
                    return ended[1]
        raise Fault("broken", "It was stopped.")


def _is_piece(event: Event) -> bool:
    return event.kind in _PIECES
