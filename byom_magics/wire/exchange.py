"""
One call on its way: attempts, and the waits between them.

It knows neither sockets nor clients: it is handed a way to send, and runs in whatever thread its caller gives it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, Union

from byom_magics.events import Ended, Retrying
from byom_magics.wire import retry, verdict
from byom_magics.wire.encoding import body_decoder
from byom_magics.wire.faults import Fault
from byom_magics.wire.reading import Answer, Channel, Reading
from byom_magics.wire.refusal import Refusal, refusal_in_body

if TYPE_CHECKING:
    from byom_magics.events import Held
    from byom_magics.wire.reading import Connection

__all__ = ["Gate", "OpenGate", "Remedy", "run"]

_ERROR_BODY_BYTES = 64 * 1024
_ERROR_BODY_S = 5.0
_MOST_REMEDIES = 6

Remedy = Callable[[int, Mapping[str, str], Union[Refusal, None]], Union[str, None]]
"""
Asked when a server refuses before any content, with the status, the headers (names in lower case) and its words.

It gives why to try again at once, having changed what is sent, or None. Each says itself how often it may help.
"""


class Gate(Protocol):
    """What lets the attempts of a call go, one by one."""

    def admit(self, line: Connection, held: Callable[[Held], None]) -> bool:
        """Wait until the attempt may go, telling ``held`` why it waits; False if the call was stopped."""

    def release(self, tokens: int | None = None) -> None:
        """The attempt is over; the server has counted so many tokens."""

    def hold_back(self, seconds: float, why: str) -> None:
        """The server asked that nobody comes for so long."""


class OpenGate:
    """A gate that is always open."""

    def admit(self, line: Connection, held: Callable[[Held], None]) -> bool:  # noqa: ARG002 - nobody waits
        """Let the attempt go."""
        return True

    def release(self, tokens: int | None = None) -> None:
        """Nothing is counted."""

    def hold_back(self, seconds: float, why: str) -> None:
        """Nobody is held back."""


class _Again(Exception):  # noqa: N818 - says that another attempt may help; no error by itself
    """An attempt failed before any content, in a way that may pass."""

    def __init__(
        self, ended: Ended, why: str, *, wait_s: float | None = None, stale: bool = False, remedied: bool = False
    ) -> None:
        super().__init__(why)
        self.ended = ended
        self.why = why
        self.wait_s = wait_s
        self.stale = stale
        self.remedied = remedied


def run(
    channel: Channel,
    send: Callable[[], Answer],
    budget: retry.Budget,
    gate: Gate | None = None,
    remedies: Sequence[Remedy] = (),
) -> None:
    """
    Make one call, with retries; what comes of it goes through the channel, last an `Ended`.

    Args:
        channel: Where the events go.
        send: Sends the request once; raises `Fault`.
        budget: The server's shared allowance of retries.
        gate: Lets each attempt go when the endpoint's capacity does.
        remedies: Asked one after the other when the server refuses; they count apart from the retries.
    """
    retries, remedied, stale = 0, 0, False
    gate = gate or OpenGate()
    while True:
        try:
            if not _admitted(channel, gate):
                return
            _attempt(channel, send, gate, remedies if remedied < _MOST_REMEDIES else ())
        except _Again as caught:
            again = caught
        else:
            return
        finally:
            gate.release(channel.tokens)
        if again.stale and not stale:
            stale = True  # a kept connection had ended meanwhile: once, and at no cost
        elif again.remedied:
            remedied += 1
            channel.out.append(Retrying(0.0, again.why, channel.attempt + 1))
            channel.flush()
        elif _may_retry(again, retries, budget):
            retries += 1
            if _wait(channel, again, retries):
                return
        else:
            channel.end(again.ended)
            return
        channel.attempt += 1


def _admitted(channel: Channel, gate: Gate) -> bool:
    """Begin the next attempt as soon as it may go; while it may not, no timer runs but that of the whole call."""
    channel.line.moments.begin_attempt(None)
    channel.tokens = None

    def held(event: Held) -> None:
        channel.out.append(event)
        channel.flush()

    if not gate.admit(channel.line, held):
        return False
    channel.line.begin()
    channel.progress("connecting")
    return True


def _may_retry(again: _Again, retries: int, budget: retry.Budget) -> bool:
    if retries >= retry.MAX_RETRIES or (again.wait_s or 0) > retry.LONGEST_WAIT_S:
        return False
    return budget.take()


def _wait(channel: Channel, again: _Again, retries: int) -> bool:
    """Wait for the next attempt, and say so; True if the call was stopped meanwhile."""
    wait_s = retry.backoff(retries) if again.wait_s is None else again.wait_s
    channel.line.moments.begin_attempt(None)
    channel.out.append(Retrying(wait_s, again.why, channel.attempt + 1))
    channel.flush()
    return channel.line.wait(wait_s)


def _attempt(channel: Channel, send: Callable[[], Answer], gate: Gate, remedies: Sequence[Remedy]) -> None:
    if channel.foreign:
        channel.progress("waiting")
    try:
        answer = send()
    except Fault as cause:
        ended = verdict.fault(channel.subject, cause, attempts=channel.attempt)
        if cause.passing:
            stale = channel.line.reused and channel.line.moments.first_byte is None
            raise _Again(ended, cause.what, stale=stale) from None
        channel.end(ended)
        return
    try:
        if channel.foreign:
            channel.line.arrived()
        if 200 <= answer.status < 300:
            again = Reading(channel, answer, lambda refusal: _remedy(channel, answer, refusal, remedies)).run()
            if again is not None:
                raise _Again(*again, remedied=True)
        else:
            _refused(channel, answer, gate, remedies)
    finally:
        answer.close()


def _refused(channel: Channel, answer: Answer, gate: Gate, remedies: Sequence[Remedy]) -> None:
    channel.announce(answer)
    refusal = refusal_in_body(_error_body(channel, answer))
    wait_s = retry.retry_after(answer.headers)
    ended = verdict.status(
        channel.subject,
        answer.status,
        answer.phrase,
        answer.headers,
        refusal,
        attempts=channel.attempt,
        wait_s=wait_s,
    )
    channel.line.let_go()
    remedied = _remedy(channel, answer, refusal, remedies)
    if remedied is not None:
        raise _Again(ended, remedied, remedied=True)
    why = f"{answer.status} {answer.phrase}".strip() + (f": {str(refusal)[:200]}" if refusal else "")
    if answer.status in (429, 503) and wait_s is not None and wait_s <= retry.LONGEST_WAIT_S:
        gate.hold_back(wait_s, why)
    if retry.retryable_status(answer.status, answer.headers):
        raise _Again(ended, why, wait_s=wait_s)
    channel.end(ended)


def _remedy(channel: Channel, answer: Answer, refusal: Refusal | None, remedies: Sequence[Remedy]) -> str | None:
    """The first remedy that helps; while it is made ready (a command may fetch a key) the server is not waited for."""
    channel.line.moments.begin_attempt(None)
    helped = (remedy(answer.status, answer.headers, refusal) for remedy in remedies)
    return next((why for why in helped if why is not None), None)


def _error_body(channel: Channel, answer: Answer) -> bytes:
    """The body of a refusal, as far as it can be had: the status is the news, and it may be cut or undecodable."""
    body = bytearray()
    channel.line.read_until = time.monotonic() + _ERROR_BODY_S
    try:
        decoder = body_decoder(answer.headers.get("content-encoding"))
        for chunk in answer.chunks:
            for piece in decoder.decode(chunk) if decoder else [chunk]:
                body += piece
            if len(body) > _ERROR_BODY_BYTES:
                break
    except Fault:
        pass
    channel.line.read_until = None
    return bytes(body[:_ERROR_BODY_BYTES])
