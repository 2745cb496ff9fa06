"""
One call on its way: attempts, and the waits between them.

It knows neither sockets nor clients: it is handed a way to send, and runs in whatever thread its caller gives it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from byom_magics.events import Ended, Retrying
from byom_magics.wire import retry, verdict
from byom_magics.wire.encoding import body_decoder
from byom_magics.wire.faults import Fault
from byom_magics.wire.reading import Answer, Channel, Reading
from byom_magics.wire.refusal import refusal_in_body

__all__ = ["run"]

_ERROR_BODY_BYTES = 64 * 1024
_ERROR_BODY_S = 5.0


class _Again(Exception):  # noqa: N818 - says that another attempt may help; no error by itself
    """An attempt failed before any content, in a way that may pass."""

    def __init__(self, ended: Ended, why: str, *, wait_s: float | None = None, stale: bool = False) -> None:
        super().__init__(why)
        self.ended = ended
        self.why = why
        self.wait_s = wait_s
        self.stale = stale


def run(channel: Channel, send: Callable[[], Answer], budget: retry.Budget) -> None:
    """
    Make one call, with retries; what comes of it goes through the channel, last an `Ended`.

    Args:
        channel: Where the events go.
        send: Sends the request once; raises `Fault`.
        budget: The server's shared allowance of retries.
    """
    retries, stale = 0, False
    while True:
        channel.line.begin()
        channel.progress("connecting")
        try:
            _attempt(channel, send)
        except _Again as again:
            if again.stale and not stale:
                stale = True  # a kept connection had ended meanwhile: once, and at no cost
            elif _may_retry(again, retries, budget):
                retries += 1
                if _wait(channel, again, retries):
                    return
            else:
                channel.out.append(again.ended)
                channel.flush()
                return
            channel.attempt += 1
            continue
        return


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


def _attempt(channel: Channel, send: Callable[[], Answer]) -> None:
    if channel.foreign:
        channel.progress("waiting")
    try:
        answer = send()
    except Fault as cause:
        ended = verdict.fault(channel.subject, cause, attempts=channel.attempt)
        if cause.passing:
            stale = channel.line.reused and channel.line.moments.first_byte is None
            raise _Again(ended, cause.what, stale=stale) from None
        channel.out.append(ended)
        channel.flush()
        return
    try:
        if channel.foreign:
            channel.line.arrived()
        if 200 <= answer.status < 300:
            Reading(channel, answer).run()
        else:
            _refused(channel, answer)
    finally:
        answer.close()


def _refused(channel: Channel, answer: Answer) -> None:
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
    if retry.retryable_status(answer.status, answer.headers):
        why = f"{answer.status} {answer.phrase}".strip() + (f": {str(refusal)[:200]}" if refusal else "")
        raise _Again(ended, why, wait_s=wait_s)
    channel.out.append(ended)
    channel.flush()


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
