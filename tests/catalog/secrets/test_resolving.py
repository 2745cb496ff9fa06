from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import keyring
import pytest

from byom_magics.catalog.secrets import Secret, describe, hold, keep, look, resolve
from byom_magics.errors import MissingPackageError, SecretError
from tests.catalog.secrets.rings import MemoryRing

ORIGIN = "https://api.example.com:443"
KEY = "sk-canary/0123+456=789"


# Where keys come from


def test_a_table_shows_where_a_key_comes_from_and_whether_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(describe(None)) == "none needed"
    assert str(describe("env:CANARY")) == "env:CANARY (not set)"
    monkeypatch.setenv("CANARY", "")
    assert str(describe("env:CANARY")) == "env:CANARY (not set)"
    monkeypatch.setenv("CANARY", KEY)
    assert str(describe("env:CANARY")) == "env:CANARY (set, …=789)"
    assert KEY not in repr(describe("env:CANARY"))


def test_a_callable_is_told_by_its_name_and_not_called() -> None:
    def token() -> str:
        raise AssertionError

    assert str(describe(token)) == "callable token"
    assert str(describe(partial(token))) == "callable partial"


# Resolving


def test_a_variable_is_looked_up_when_the_call_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "first-key")
    assert resolve("env:CANARY", origin=ORIGIN).reveal() == "first-key"
    monkeypatch.setenv("CANARY", "second-key")
    assert resolve("env:CANARY", origin=ORIGIN, prefix="Bearer").reveal() == "Bearer second-key"


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_told_with_how_to_set_it(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv("CANARY", value)
    with pytest.raises(SecretError) as caught:
        resolve("env:CANARY", origin=ORIGIN, model="llama")
    assert "CANARY is not set" in str(caught.value)
    assert 'os.environ["CANARY"] = getpass.getpass()' in str(caught.value)
    assert caught.value.model == "llama"


def test_a_callable_is_called_for_each_call() -> None:
    keys = iter(["one-key", "two-key"])
    token = partial(next, keys)
    assert [resolve(token, origin=ORIGIN).reveal() for _ in range(2)] == ["one-key", "two-key"]


@pytest.mark.parametrize("value", [None, "", "  \n", 5, b"bytes"])
def test_a_callable_that_gives_no_key_is_told(value: Any) -> None:
    with pytest.raises(SecretError, match="no key in callable"):
        resolve(lambda: value, origin=ORIGIN)


@pytest.mark.parametrize(
    "key", ["canary\r\nX-Evil: 1", "canary\nx", "canary\rx", "canary\x00", "cänary", "canary\x7f", "canary “"]
)
def test_sec_27_a_key_that_no_header_can_carry_is_refused_and_not_repeated(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SecretError) as caught:
        resolve(lambda: key, origin=ORIGIN)
    assert "no header can carry" in str(caught.value)
    assert key not in str(caught.value)
    assert "anary" not in str(caught.value)


def test_blanks_and_line_ends_around_a_key_are_no_part_of_it() -> None:
    assert resolve(lambda: f"  {KEY}\r\n", origin=ORIGIN).reveal() == KEY


def test_what_a_callable_raises_is_told_as_its_own_and_where() -> None:
    resolve(lambda: KEY, origin=ORIGIN)

    def token() -> str:
        raise ValueError(f"no luck with {KEY}")

    with pytest.raises(SecretError) as caught:
        resolve(token, origin=ORIGIN, model="gpt")
    said = str(caught.value)
    assert "callable token failed: ValueError: no luck with [key hidden]" in said
    assert "test_resolving.py" in said
    assert caught.value.model == "gpt"
    assert caught.value.__cause__ is None


def test_a_callable_that_is_interrupted_is_interrupted() -> None:
    def token() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resolve(token, origin=ORIGIN)


def test_sec_28_a_callable_that_tells_an_expiry_is_called_once_for_each_origin() -> None:
    tokens = iter(["token-one", "token-two"])

    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> tuple[str, int]:
            return next(tokens), 3600

    token = Unhashable()
    assert [resolve(token, origin=ORIGIN).reveal() for _ in range(3)] == ["token-one"] * 3
    assert resolve(token, origin="https://other.example.com:443").reveal() == "token-two"


def test_a_password_may_have_letters_that_no_header_can_carry() -> None:
    assert resolve(lambda: "pässwörd", origin=ORIGIN, in_header=False).reveal() == "pässwörd"
    with pytest.raises(SecretError):
        resolve(lambda: "two\nlines", origin=ORIGIN, in_header=False)


# Commands


def test_a_command_gives_the_key_and_is_run_once_in_a_while(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    code = f"f = open({str(runs)!r}, 'a'); f.write('x'); f.close(); print('a-key-0123456789')"
    reference = ("command:", sys.executable, "-c", code)
    assert [resolve(reference, origin=ORIGIN, prefix="Bearer").reveal() for _ in range(3)] == [
        "Bearer a-key-0123456789"
    ] * 3
    assert runs.read_text() == "x"


def test_a_command_is_not_run_for_a_table(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    reference = ("command:", sys.executable, "-c", f"open({str(ran)!r}, 'w')")
    assert describe(reference).is_set is None
    assert look(reference).is_set is None
    assert not ran.exists()


def test_a_command_that_prints_what_cannot_be_sent_is_told_and_not_repeated() -> None:
    reference = ("command:", sys.executable, "-c", "print('canary\\ncanary')")
    with pytest.raises(SecretError, match="no header can carry") as caught:
        resolve(reference, origin=ORIGIN)
    assert "canary" not in str(caught.value)


# Keyrings


@pytest.fixture
def ring() -> Iterator[MemoryRing]:
    before = keyring.get_keyring()
    made = MemoryRing()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_a_key_comes_from_the_keyring(ring: MemoryRing) -> None:
    ring.set_password("byom_magics", "mine", KEY)
    found = resolve("keyring:mine", origin=ORIGIN, prefix="Bearer")
    assert (found.reveal(), found.source) == (f"Bearer {KEY}", "keyring:mine (Test Ring)")


def test_sec_24_a_key_that_was_kept_for_another_origin_is_refused_and_both_are_named(ring: MemoryRing) -> None:
    ring.set_password("byom_magics", "mine", json.dumps({"key": KEY, "origin": ORIGIN}))
    with pytest.raises(SecretError) as caught:
        resolve("keyring:mine", origin="https://evil.example.com:443", model="gpt")
    assert ORIGIN in str(caught.value)
    assert "https://evil.example.com:443" in str(caught.value)
    assert caught.value.model == "gpt"


def test_a_key_that_is_not_in_the_keyring_is_told_with_how_to_put_it_there(ring: MemoryRing) -> None:
    with pytest.raises(SecretError, match="%byom_key set mine"):
        resolve("keyring:mine", origin=ORIGIN)


def test_a_table_does_not_ask_the_keyring_and_says_what_is_known(ring: MemoryRing) -> None:
    ring.set_password("byom_magics", "mine", KEY)
    assert str(describe("keyring:mine")) == "keyring:mine"
    assert str(look("keyring:mine")) == "keyring:mine (set, …=789)"
    assert str(look("keyring:other")) == "keyring:other (not set)"
    assert str(describe("keyring:mine")) == "keyring:mine (set, …=789)"


def test_without_the_package_a_key_of_this_session_is_found_and_another_one_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    hold("mine", KEY, ORIGIN)
    assert resolve("keyring:mine", origin=ORIGIN).reveal() == KEY
    with pytest.raises(MissingPackageError, match="pip install") as caught:
        resolve("keyring:other", origin=ORIGIN, model="gpt")
    assert caught.value.model == "gpt"
    assert look("keyring:other").is_set is None


# Renewing


def test_sec_28_a_refused_token_is_renewed_and_bound_like_the_first() -> None:
    tokens = iter([("token-one", 3600), ("token-two", 3600)])
    token = partial(next, tokens)
    first = resolve(token, origin=ORIGIN, prefix="Bearer")
    newer = first.renewed()
    assert newer is not None
    assert (newer.reveal(), newer.origin, newer.source) == ("Bearer token-two", ORIGIN, first.source)
    again = first.renewed()
    assert again is not None
    assert again.reveal() == "Bearer token-two"
    assert resolve(token, origin=ORIGIN).reveal() == "token-two"


def test_a_variable_that_was_set_anew_meanwhile_is_a_newer_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "first-key")
    first = resolve("env:CANARY", origin=ORIGIN, prefix="Bearer")
    assert first.renewed() is None
    monkeypatch.setenv("CANARY", "second-key")
    newer = first.renewed()
    assert newer is not None
    assert newer.reveal() == "Bearer second-key"
    assert newer.renewed() is None


def test_a_file_and_a_keyring_whose_key_changed_have_a_newer_one(ring: MemoryRing, tmp_path: Path) -> None:
    path = tmp_path / "my.key"
    path.write_text("first-key")
    path.chmod(0o600)
    ring.set_password("byom_magics", "mine", "first-key")
    firsts = [resolve(reference, origin=ORIGIN) for reference in (f"file:{path}", "keyring:mine")]
    assert [each.renewed() for each in firsts] == [None, None]
    path.write_text("second-key")
    ring.set_password("byom_magics", "mine", "second-key")
    assert [newer.reveal() for each in firsts if (newer := each.renewed())] == ["second-key"] * 2


def test_a_typed_key_is_not_asked_for_again_by_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["typed-key"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert resolve("ask", origin=ORIGIN).renewed() is None


def test_a_renewal_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([("token-one", 3600)])

    def token() -> tuple[str, int]:
        return next(answers)

    first = resolve(token, origin=ORIGIN)
    with pytest.raises(SecretError, match="callable token failed: StopIteration"):
        first.renewed()


# What errors show


def frames(error: BaseException | None) -> str:
    """All that a traceback could show that prints what frames hold, of the causes too."""
    shown = ""
    while error is not None:
        shown += f"{error} {error!r} {vars(error)}"
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if "byom_magics" in frame.f_code.co_filename:
                shown += repr(frame.f_locals)
        error = error.__cause__ or error.__context__
    return shown


def bad_file(folder: Path, content: str) -> str:
    path = folder / "key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    return f"file:{path}"


def raising(token: str) -> str:
    raise ValueError(token)


@pytest.mark.parametrize(
    "what", ["variable", "file", "callable", "raising", "pair", "mapping", "keyring", "other origin"]
)
@pytest.mark.parametrize("model", [None, "gpt"])
def test_sec_20_no_frame_of_an_error_holds_the_key(
    what: str, model: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = "sk-canary-0123456789abcdef"
    ring = MemoryRing()
    ring.kept["byom_magics", "odd"] = f"{key}\nand more"
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    monkeypatch.setenv("CANARY", f"{key}\nX-Evil: 1")
    hold("elsewhere", key, "https://other.example.com:443")
    reference: Any = {
        "variable": "env:CANARY",
        "file": bad_file(tmp_path, f"{key}\n{key}"),
        "callable": lambda: f"{key} é",
        "raising": partial(raising, f"token={key}!"),
        "pair": lambda: (key, "never"),
        "mapping": lambda: {"secret": key},
        "keyring": "keyring:odd",
        "other origin": "session:elsewhere",
    }[what]
    with pytest.raises(SecretError) as caught:
        resolve(reference, origin=ORIGIN, model=model)
    del reference
    assert caught.value.model == model
    assert caught.value.hint
    assert "canary-" not in frames(caught.value)


def test_sec_24_a_key_of_the_keyring_that_is_bound_to_none_goes_to_one_origin_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring = MemoryRing()
    ring.kept["byom_magics", "ours"] = "put-there-by-another-program"
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    for _ in range(2):
        assert resolve("keyring:ours", origin=ORIGIN).bare() == "put-there-by-another-program"
    with pytest.raises(SecretError) as caught:
        resolve("keyring:ours", origin="https://evil.example.com:443")
    assert ORIGIN in str(caught.value)
    assert "https://evil.example.com:443" in str(caught.value)
    keep("keyring:ours", Secret("another-key-for-all", source="ask", origin=""))
    assert resolve("keyring:ours", origin="https://evil.example.com:443").bare() == "another-key-for-all"
