"""Short-lived tokens: read from what a callable or a command gives, kept until shortly before they expire."""

from __future__ import annotations

import base64
import json
import math
import re
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from byom_magics.catalog.secrets.secret import Stopped, StoppedError
from byom_magics.errors import SecretError

__all__ = ["Token", "Tokens", "token_from", "token_printed"]

_MARGIN_S = 60.0
_MARGIN = 0.1  # of its life
_POLL_S = 0.1
_MOST = 256
_EPOCH = 1e9  # smaller numbers are seconds from now; as a date this was in 2001
_MILLISECONDS = 1e11
_TOKEN_NAMES = ("accesstoken", "token", "authorizationtoken", "apikey", "key", "idtoken")
_EXPIRY_NAMES = ("expireson", "expiresat", "expiration", "expiry", "tokenexpiry", "expirationtimestamp", "expiresin")
_INNER = ("credential", "status")  # gcloud's config-helper, Kubernetes' credential plug-ins


class Token:
    """
    A token and when it expires (seconds since the epoch, or None if nobody said). It does not print itself.

    Args:
        value: The token.
        expires: When it expires.
        obtained: When it was had.
    """

    __slots__ = ("__value", "expires", "obtained")

    def __init__(self, value: str, expires: float | None, obtained: float) -> None:
        self.__value = value
        self.expires = expires
        self.obtained = obtained

    def reveal(self) -> str:
        """The token itself."""
        return self.__value

    def is_fresh(self, now: float, keep_s: float) -> bool:
        """Whether it can be used again; one that does not say when it expires for ``keep_s`` seconds."""
        expires = self.obtained + keep_s if self.expires is None else self.expires
        return now < expires - min(_MARGIN_S, _MARGIN * (expires - self.obtained))

    def __repr__(self) -> str:
        return "<token>"


class Tokens:
    """
    The tokens of this session, in memory only. Threads that want the same one wait for one that fetches it.

    Args:
        clock: Tells the time in seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._entries: dict[tuple[object, str], _Entry] = {}
        self._lock = threading.Lock()

    def get(self, key: tuple[object, str], fetch: Callable[[], Token], keep_s: float) -> Token:
        """
        A token that has not expired.

        Args:
            key: What it is of: its source, and the origin it is for.
            fetch: Fetches a new one.
            keep_s: How long one is kept that does not say when it expires, in seconds; 0: not at all.

        Raises:
            SecretError: It could not be fetched; all that waited for it get the same error.
        """
        while True:
            with self._lock:
                entry = self._entry(key)
                if entry.token is not None and entry.token.is_fresh(self._clock(), keep_s):
                    return entry.token
                # One that tells no expiry is fetched for each call, by each call.
                leads, flight = self._join(entry, alone=entry.unkept)
            if leads:
                token = self._fetch(entry, flight, fetch)
                entry.unkept = token.expires is None and not keep_s
                return token
            found = flight.wait(None)
            if found is not None and not (found.expires is None and not keep_s):
                return found

    def newer(
        self, key: tuple[object, str], fetch: Callable[[], Token], refused: str, stopped: Stopped | None = None
    ) -> Token | None:
        """
        The token after one that was refused: the one that another thread has fetched meanwhile, or a new one.

        Returns:
            None if there is no other than the refused one.

        Raises:
            SecretError: It could not be fetched.
        """
        while True:
            with self._lock:
                entry = self._entry(key)
                known = entry.token
                if known is not None and known.reveal() != refused and known.is_fresh(self._clock(), _MARGIN_S):
                    return known
                leads, flight = self._join(entry)
            found = self._fetch(entry, flight, fetch) if leads else flight.wait(stopped)
            if found is not None:
                return found if found.reveal() != refused else None

    def drop(self, key: tuple[object, str]) -> bool:
        """Forget one of them; whether there was one."""
        with self._lock:
            entry = self._entries.pop(key, None)
        return entry is not None and entry.token is not None

    def forget(self) -> None:
        """Forget all of them; those that are being fetched are told to who waits, and not kept."""
        with self._lock:
            self._entries.clear()

    def _entry(self, key: tuple[object, str]) -> _Entry:
        entry = self._entries.get(key)
        if entry is None:
            if len(self._entries) >= _MOST:
                del self._entries[next(iter(self._entries))]
            entry = self._entries[key] = _Entry()
        return entry

    def _join(self, entry: _Entry, *, alone: bool = False) -> tuple[bool, _Flight]:
        if alone:
            return True, _Flight()
        if entry.flight is None:
            entry.flight = _Flight()
            return True, entry.flight
        if entry.flight.leader == threading.get_ident():
            message = "What fetches this key calls a model that needs the same key."
            raise SecretError(message, hint="let the callable fetch the key in another way")
        return False, entry.flight

    def _fetch(self, entry: _Entry, flight: _Flight, fetch: Callable[[], Token]) -> Token:
        try:
            token = fetch()
        except StoppedError:
            raise  # another one that waits goes on
        except SecretError as error:
            flight.error = (error.what, error.hint)
            raise
        else:
            flight.token = entry.token = token
            return token
        finally:
            with self._lock:
                if entry.flight is flight:
                    entry.flight = None
            flight.done.set()


class _Entry:
    """What is known of one token."""

    __slots__ = ("flight", "token", "unkept")

    def __init__(self) -> None:
        self.token: Token | None = None
        self.flight: _Flight | None = None
        self.unkept = False


class _Flight:
    """One fetching of a token, for all that wait for it."""

    def __init__(self) -> None:
        self.leader = threading.get_ident()
        self.done = threading.Event()
        self.token: Token | None = None
        self.error: tuple[str, str | None] | None = None

    def wait(self, stopped: Stopped | None) -> Token | None:
        """What came of it; None if nothing did, since who fetched it was stopped."""
        while not self.done.wait(_POLL_S):
            if stopped is not None and stopped():
                message = "The call was stopped while it waited for its key."
                raise StoppedError(message)
        if self.error is not None:
            raise SecretError(self.error[0], hint=self.error[1])
        return self.token


def token_from(answer: object, source: str, now: float) -> Token:
    """
    The token that a callable gave: a text, a pair of it and when it expires, or a mapping like a cloud's JSON.

    Raises:
        SecretError: There is none in it, or the second of the pair is no time.
    """
    if isinstance(answer, str):
        return Token(answer, _expiry_of_jwt(answer), now)
    if isinstance(answer, Mapping):
        found = _token_in(answer, now)
        if found is not None:
            return found
    elif isinstance(answer, (tuple, list)) and len(answer) == 2 and isinstance(answer[0], str):
        if answer[1] is None:
            return Token(answer[0], _expiry_of_jwt(answer[0]), now)
        expires = _expiry(answer[1], now)
        if expires is None:
            message = f"When the key from {source} expires cannot be read."
            hint = "give the seconds from now, a datetime, or seconds since the epoch beside it"
            raise SecretError(message, hint=hint)
        return Token(answer[0], expires, now)
    elif hasattr(answer, "__await__"):
        if hasattr(answer, "close"):
            answer.close()  # a coroutine that nobody awaits warns
        message = f"What {source} gives has to be awaited, and a key is looked up by a plain call."
        raise SecretError(message, hint="give a function that is not async, such as one that calls asyncio.run")
    message = f"There is no key in {source}."
    raise SecretError(message, hint="let it give a text, or a pair of a text and the seconds until it expires")


def token_printed(text: str, source: str, now: float) -> Token:
    """
    The token that a command printed: as it is, or in the JSON of a cloud's command line.

    Raises:
        SecretError: The JSON has no token.
    """
    try:
        printed = json.loads(text) if text.startswith(("{", '"')) else text
    except (ValueError, RecursionError):
        printed = text
    return token_from(printed, source, now)


def _token_in(answer: Mapping[object, object], now: float, depth: int = 0) -> Token | None:
    named = {re.sub("[-_]", "", name).lower(): value for name, value in answer.items() if isinstance(name, str)}
    value = next((named[name] for name in _TOKEN_NAMES if isinstance(named.get(name), str) and named[name]), None)
    if not isinstance(value, str):
        inner = [named[name] for name in _INNER if isinstance(named.get(name), Mapping)]
        return _token_in(inner[0], now, depth + 1) if inner and not depth else None  # type: ignore[arg-type]
    # Azure's command line says the same twice: in seconds, and as a local time without its zone.
    said = [
        (name, value)
        for spelt, value in answer.items()
        if isinstance(spelt, str) and (name := re.sub("[-_]", "", spelt).lower()) in _EXPIRY_NAMES
    ]
    said.sort(key=lambda each: (_number(each[1]) is None, _EXPIRY_NAMES.index(each[0])))
    expires = next((found for _, each in said if (found := _expiry(each, now)) is not None), None)
    return Token(value, _expiry_of_jwt(value) if expires is None else expires, now)


def _expiry(said: object, now: float) -> float | None:
    if isinstance(said, datetime):
        return _moment(said)
    if isinstance(said, timedelta):
        return now + said.total_seconds()
    number = _number(said)
    if number is not None:
        if number < _EPOCH:
            return now + number
        return number / 1000 if number > _MILLISECONDS else number
    if not isinstance(said, str):
        return None
    text = re.sub(r"(\.\d{6})\d+", r"\1", re.sub("[zZ]$", "+00:00", said.strip()))
    text = re.sub(r"\.(\d{1,5})(?!\d)", lambda found: f".{found[1]:0<6}", text)  # Python 3.10 wants three or six digits
    try:
        return _moment(datetime.fromisoformat(text))
    except ValueError:
        return None


def _moment(when: datetime) -> float | None:
    try:
        return when.timestamp()  # without a zone it is a local time, as everywhere in Python
    except (ValueError, OverflowError, OSError):
        return None


def _number(said: object) -> float | None:
    if isinstance(said, bool) or not isinstance(said, (int, float, str)):
        return None
    try:
        number = float(said)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _expiry_of_jwt(value: str) -> float | None:
    """When a JSON web token says that it expires. Its signature is the server's matter."""
    parts = value.strip().split(".")
    if len(parts) != 3 or len(value) > 64 * 1024:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    exp = claims.get("exp") if isinstance(claims, dict) else None
    return None if isinstance(exp, str) else _number(exp)
