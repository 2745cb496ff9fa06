from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from byom_magics.catalog.secrets.secret import StoppedError
from byom_magics.catalog.secrets.tokens import Token, Tokens, token_from, token_printed
from byom_magics.errors import SecretError

NOW = 1_700_000_000.0
KEY = ("source", "https://api.example.com:443")


def jwt(**claims: Any) -> str:
    return ".".join(
        base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b"{}", json.dumps(claims).encode(), b"sig")
    )


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(NOW + seconds, timezone.utc).isoformat()


# What a callable gives


@pytest.mark.parametrize(
    ("expires", "at"),
    [
        (3600, NOW + 3600),
        (90.5, NOW + 90.5),
        (NOW + 60, NOW + 60),
        ((NOW + 60) * 1000, NOW + 60),
        (timedelta(minutes=5), NOW + 300),
        (datetime.fromtimestamp(NOW + 60, timezone.utc), NOW + 60),
        (datetime.fromtimestamp(NOW + 60), NOW + 60),  # noqa: DTZ006 - a local time without its zone
        ("3599", NOW + 3599),
        (None, None),
    ],
)
def test_a_pair_tells_when_the_token_expires(expires: object, at: float | None) -> None:
    token = token_from(("a-token", expires), "callable f", NOW)
    assert (token.reveal(), token.expires) == ("a-token", at)


def test_a_text_alone_tells_no_expiry_unless_it_is_a_web_token() -> None:
    assert token_from("a-token", "callable f", NOW).expires is None
    assert token_from(jwt(exp=NOW + 900), "callable f", NOW).expires == NOW + 900


@pytest.mark.parametrize(
    "text",
    [
        "a.b.c",
        "..",
        "a.!!!.c",
        jwt(),
        jwt(exp="soon"),
        jwt(exp=None),
        jwt(exp=True),
        jwt(exp=1e999),
        "e30." + "W" * 100_001 + ".x",
    ],
)
def test_what_only_looks_like_a_web_token_tells_no_expiry(text: str) -> None:
    assert token_from(text, "callable f", NOW).expires is None


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (("a-token", "tomorrow"), "expires cannot be read"),
        (("a-token", True), "expires cannot be read"),
        (("a-token", float("nan")), "expires cannot be read"),
        (("a-token", [1]), "expires cannot be read"),
        (("a-token", 1, 2), "no key in callable f"),
        ((1, 2), "no key in callable f"),
        ({}, "no key in callable f"),
        ({"token": 5}, "no key in callable f"),
        ({"status": {"status": {"token": "deep"}}}, "no key in callable f"),
        (5, "no key in callable f"),
        (None, "no key in callable f"),
    ],
)
def test_what_is_no_token_is_told(answer: object, says: str) -> None:
    with pytest.raises(SecretError) as caught:
        token_from(answer, "callable f", NOW)
    assert says in str(caught.value)


def test_a_coroutine_is_told_and_not_left_behind() -> None:
    async def later() -> str:
        return "a-token"

    with pytest.raises(SecretError, match="awaited"):
        token_from(later(), "callable later", NOW)


# What a command prints


@pytest.mark.parametrize(
    ("printed", "expires"),
    [
        ('{"access_token": "a-token", "expires_in": 3600}', 3600),
        ('{"access_token": "a-token", "expires_in": "3600", "token_type": "Bearer"}', 3600),
        (json.dumps({"token": "a-token", "expires_at": NOW + 60}), 60),
        (json.dumps({"token": "a-token", "Expiration": iso(60)}), 60),
        (json.dumps({"key": "a-token", "expires_at": iso(60).replace("+00:00", "Z")}), 60),
        (json.dumps({"authorizationToken": "a-token", "expiration": NOW + 60.5}), 60.5),
        (json.dumps({"accessToken": "a-token", "expiresOn": "2001-01-01 00:00:00.000000", "expires_on": NOW + 60}), 60),
        (json.dumps({"accessToken": "a-token", "expires_on": str(int(NOW + 60)), "expiresOn": "nonsense"}), 60),
        (json.dumps({"credential": {"access_token": "a-token", "token_expiry": iso(60)}, "configuration": {}}), 60),
        (json.dumps({"kind": "ExecCredential", "status": {"token": "a-token", "expirationTimestamp": iso(60)}}), 60),
        (json.dumps({"token": "a-token", "expires_at": iso(0.5).replace("500000+00:00", "5Z")}), 0.5),
        (json.dumps({"token": "a-token", "expires_at": iso(0.25).replace("250000+00:00", "250000000Z")}), 0.25),
        ('{"token": "a-token"}', None),
        ('{"token": "a-token", "expires_at": "never"}', None),
        ('"a-token"', None),
        ("a-token", None),
    ],
)
def test_the_json_of_clouds_is_read_in_their_spellings(printed: str, expires: float | None) -> None:
    token = token_printed(printed, "command:cloud", NOW)
    assert token.reveal() == "a-token"
    assert token.expires == (None if expires is None else pytest.approx(NOW + expires))


def test_the_local_time_that_azure_prints_is_taken_for_local() -> None:
    local = datetime.fromtimestamp(NOW + 60).isoformat(sep=" ")  # noqa: DTZ006 - a local time without its zone
    printed = json.dumps({"accessToken": "a-token", "expiresOn": local})
    assert token_printed(printed, "command:az", NOW).expires == NOW + 60


def test_json_that_is_none_is_taken_as_it_is() -> None:
    for text in ('{"token": ', "{" * 100_000, '"open'):
        assert token_printed(text, "command:x", NOW).reveal() == text


def test_a_token_does_not_print_itself() -> None:
    assert "a-token" not in f"{Token('a-token', None, NOW)!r} {Token('a-token', None, NOW)}"


# Keeping


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Source:
    """Fetches tokens named by their number."""

    def __init__(self, clock: Clock, life_s: float | None) -> None:
        self.clock = clock
        self.life_s = life_s
        self.fetched = 0

    def __call__(self) -> Token:
        self.fetched += 1
        expires = None if self.life_s is None else self.clock.now + self.life_s
        return Token(f"token-{self.fetched}", expires, self.clock.now)


@pytest.mark.parametrize(("life_s", "margin_s"), [(3600, 60), (100, 10), (10, 1)])
def test_sec_28_a_token_is_kept_until_shortly_before_it_expires(life_s: float, margin_s: float) -> None:
    clock = Clock()
    tokens, source = Tokens(clock), Source(clock, life_s)
    assert tokens.get(KEY, source, 0).reveal() == "token-1"
    clock.now += life_s - margin_s - 0.01
    assert tokens.get(KEY, source, 0).reveal() == "token-1"
    clock.now += 0.02
    assert tokens.get(KEY, source, 0).reveal() == "token-2"


def test_a_token_without_expiry_is_kept_as_long_as_its_kind_is() -> None:
    clock = Clock()
    tokens, source = Tokens(clock), Source(clock, None)
    assert [tokens.get(KEY, source, 0).reveal() for _ in range(2)] == ["token-1", "token-2"]
    other = ("command", KEY[1])
    assert [tokens.get(other, source, 300).reveal() for _ in range(2)] == ["token-3", "token-3"]
    clock.now += 301
    assert tokens.get(other, source, 300).reveal() == "token-4"


def test_tokens_of_other_origins_are_others() -> None:
    clock = Clock()
    tokens, source = Tokens(clock), Source(clock, 3600)
    origins = ("https://a.example.com:443", "https://b.example.com:443")
    assert [tokens.get(("source", each), source, 0).reveal() for each in origins] == ["token-1", "token-2"]


def test_an_expired_token_is_given_and_not_kept() -> None:
    clock = Clock()
    tokens, source = Tokens(clock), Source(clock, -5)
    assert [tokens.get(KEY, source, 0).reveal() for _ in range(2)] == ["token-1", "token-2"]


def test_a_forgotten_token_is_fetched_anew() -> None:
    clock = Clock()
    tokens, source = Tokens(clock), Source(clock, 3600)
    tokens.get(KEY, source, 0)
    assert tokens.drop(KEY)
    assert not tokens.drop(KEY)
    assert tokens.get(KEY, source, 0).reveal() == "token-2"
    tokens.forget()
    assert tokens.get(KEY, source, 0).reveal() == "token-3"


def test_the_tokens_that_are_kept_are_bounded() -> None:
    clock = Clock()
    tokens, source = Tokens(clock), Source(clock, 3600)
    for number in range(1000):
        tokens.get(("source", str(number)), source, 0)
    assert len(tokens._entries) <= 256


# Renewing


def test_sec_28_a_refused_token_is_renewed_and_the_new_one_is_used_from_then_on() -> None:
    clock = Clock()
    tokens, source = Tokens(clock), Source(clock, 3600)
    first = tokens.get(KEY, source, 0)
    newer = tokens.newer(KEY, source, first.reveal())
    assert newer is not None
    assert newer.reveal() == "token-2"
    assert tokens.get(KEY, source, 0) is newer


def test_sec_28_one_that_another_call_has_renewed_is_taken_without_asking_again() -> None:
    clock = Clock()
    for life_s in (3600, None):
        tokens, source = Tokens(clock), Source(clock, life_s)
        tokens.get(KEY, source, 0)
        for _ in range(3):
            newer = tokens.newer(KEY, source, "token-1")
            assert newer is not None
            assert newer.reveal() == "token-2"
        assert source.fetched == 2


def test_where_the_source_gives_the_refused_token_again_there_is_no_newer_one() -> None:
    tokens = Tokens(Clock())
    assert tokens.newer(KEY, lambda: Token("the-same", None, NOW), "the-same") is None


# Many threads


def together(number: int, do: Callable[[], object]) -> list[object]:
    """What each of so many threads got or was told."""
    came: list[object] = []

    def work() -> None:
        try:
            came.append(do())
        except SecretError as problem:
            came.append(problem)

    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return came


class Gate:
    """A source that fetches only when all others wait."""

    def __init__(self, wait_for: int, answer: Callable[[], Token]) -> None:
        self.fetched = 0
        self.asking = threading.Semaphore(0)
        self.wait_for = wait_for
        self.answer = answer

    def __call__(self) -> Token:
        self.fetched += 1
        for _ in range(self.wait_for):
            assert self.asking.acquire(timeout=20)
        return self.answer()

    def ask(self, ask: Callable[[], object]) -> Callable[[], object]:
        def asked() -> object:
            self.asking.release()
            return ask()

        return asked


def test_sec_28_all_threads_that_wait_get_one_token_that_is_fetched_once() -> None:
    tokens = Tokens(Clock())
    gate = Gate(16, lambda: Token("one", NOW + 3600, NOW))
    came = together(16, gate.ask(lambda: tokens.get(KEY, gate, 0)))
    assert {token.reveal() for token in came if isinstance(token, Token)} == {"one"}
    assert (len(came), gate.fetched) == (16, 1)


def test_sec_28_all_threads_that_were_refused_get_one_newer_token() -> None:
    tokens = Tokens(Clock())
    gate = Gate(16, lambda: Token("two", NOW + 3600, NOW))
    came = together(16, gate.ask(lambda: tokens.newer(KEY, gate, "one")))
    assert {token.reveal() for token in came if isinstance(token, Token)} == {"two"}
    assert (len(came), gate.fetched) == (16, 1)


def test_sec_28_all_threads_get_the_same_error_and_the_next_call_tries_again() -> None:
    def fail() -> Token:
        message = "The login has run out."
        raise SecretError(message, hint="log in")

    tokens, started = Tokens(Clock()), threading.Barrier(8)

    def ask() -> object:
        started.wait(20)
        return tokens.newer(KEY, fail, "one")

    came = together(8, ask)
    assert {str(each) for each in came} == {"The login has run out.\nNext: log in"}
    assert len({id(each) for each in came}) == 8  # an error is shown with its own call's frames
    assert tokens.get(KEY, lambda: Token("two", None, NOW), 0).reveal() == "two"


def test_where_the_one_that_fetches_is_stopped_another_one_goes_on() -> None:
    tokens = Tokens(Clock())
    fetching, let_go = threading.Event(), threading.Event()

    def stopped() -> Token:
        fetching.set()
        assert let_go.wait(20)
        raise StoppedError("stopped")

    first = threading.Thread(target=lambda: together(1, lambda: tokens.newer(KEY, stopped, "one")))
    first.start()
    assert fetching.wait(20)
    came: list[object] = []
    second = threading.Thread(
        target=lambda: came.extend(together(1, lambda: tokens.newer(KEY, lambda: Token("two", None, NOW), "one")))
    )
    second.start()
    let_go.set()
    for thread in (first, second):
        thread.join(20)
    (token,) = came
    assert isinstance(token, Token)
    assert token.reveal() == "two"


def test_one_that_waits_can_be_stopped() -> None:
    tokens = Tokens(Clock())
    fetching, let_go = threading.Event(), threading.Event()

    def fetch() -> Token:
        fetching.set()
        assert let_go.wait(20)
        return Token("two", None, NOW)

    thread = threading.Thread(target=lambda: tokens.newer(KEY, fetch, "one"))
    thread.start()
    assert fetching.wait(20)
    with pytest.raises(StoppedError):
        tokens.newer(KEY, fetch, "one", lambda: True)
    let_go.set()
    thread.join(20)


def test_a_source_that_needs_its_own_token_is_told() -> None:
    tokens = Tokens(Clock())

    def fetch() -> Token:
        return tokens.get(KEY, fetch, 0)

    with pytest.raises(SecretError, match="needs the same key"):
        tokens.get(KEY, fetch, 0)
