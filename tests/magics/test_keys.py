from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import keyring
import pytest

import byom_magics as byom
from byom_magics import errors
from byom_magics.catalog.secrets import hold, masking
from byom_magics.magics.completion import candidates
from tests.catalog.secrets.rings import MemoryRing, WeakRing
from tests.wire.answers import GOOD, refused
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from tests.magics.notebook import Cell, Notebook

OLD = "old-canary-0123456789-abcd"
NEW = "new-canary-9876543210-wxyz"
NO = [refused("401 Unauthorized", {"error": "who are you?"})]

Type = Callable[..., list[str]]


@pytest.fixture
def ring() -> Iterator[MemoryRing]:
    """A keyring that can be used."""
    before = keyring.get_keyring()
    made = MemoryRing()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def no_ring() -> Iterator[None]:
    """A keyring that must not be used."""
    before = keyring.get_keyring()
    keyring.set_keyring(WeakRing())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Iterator[Type]:
    """What the person types at the prompts that come; the prompts."""

    def typing(*answers: str) -> list[str]:
        prompts: list[str] = []
        left = iter(answers)

        def asked(prompt: str = "") -> str:
            prompts.append(prompt)
            return next(left)

        monkeypatch.setattr(getpass, "getpass", asked)
        return prompts

    yield typing
    masking._seen.clear()


def shows_no_key(cell: Cell) -> None:
    """Neither what is seen shows a key, nor what a debugger or a traceback with all its locals would show of ours."""
    shown = cell.everything
    at = cell.error.__traceback__ if cell.error is not None else None
    while at is not None:
        if "byom_magics" in at.tb_frame.f_code.co_filename:
            shown += repr(at.tb_frame.f_locals)
        at = at.tb_next
    for key in (OLD, NEW):
        assert key not in shown
        assert key[:-4] not in shown


# Setting


def test_a_key_is_typed_and_kept_in_the_keyring_with_its_origin(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    prompts = types(OLD)
    cell = nb.ok("%byom_key set mine --url https://api.example.com/v1")
    assert prompts == ["Key mine for https://api.example.com:443: "]
    assert json.loads(ring.key("mine") or "") == {"key": OLD, "origin": "https://api.example.com:443"}
    assert "in the keyring of this system (Test Ring)" in cell.printed
    assert "Only https://api.example.com:443 may receive it" in cell.printed
    assert "--api-key keyring:mine" in cell.printed
    shows_no_key(cell)


def test_where_there_is_no_keyring_the_session_keeps_it_and_that_is_said(
    nb: Notebook, no_ring: None, types: Type
) -> None:
    types(OLD)
    assert "in memory, for this session only" in nb.ok("%byom_key set mine").printed
    with RawServer(GOOD) as server:
        nb.ok(f"%byom_register llama --url {server.url} --api-key keyring:mine")
        nb.ok("%byom llama hi")
        (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {OLD}"


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_file_is_made_for_its_owner_alone_and_called_not_encrypted(
    nb: Notebook, no_ring: None, types: Type, tmp_path: Path
) -> None:
    types(OLD)
    path = tmp_path / "my.key"
    cell = nb.ok(f"%byom_key set mine --file {path} --url http://localhost:1/v1")
    assert path.read_text() == f"{OLD}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "not encrypted" in cell.printed
    assert f"--api-key file:{path}" in cell.printed
    shows_no_key(cell)


def test_a_file_that_is_there_is_not_overwritten(nb: Notebook, types: Type, tmp_path: Path) -> None:
    types(OLD)
    path = tmp_path / "notes.txt"
    path.write_text("dear diary")
    assert "not overwritten" in nb.fails(f"%byom_key set mine --file {path}", errors.SecretError)
    assert path.read_text() == "dear diary"


def test_the_key_of_a_model_that_asks_is_typed_before_it_is_needed(nb: Notebook, types: Type) -> None:
    prompts = types(OLD)
    with RawServer(GOOD) as server:
        nb.ok(f"%byom_register llama --url {server.url} --api-key ask")
        assert "llama uses it from its next call on" in nb.ok("%byom_key set llama").printed
        nb.ok("%byom llama hi")
        assert server.requests[0].headers["authorization"] == f"Bearer {OLD}"
    assert len(prompts) == 1


def test_the_key_of_a_model_with_a_keyring_reference_is_bound_to_its_server(
    nb: Notebook, ring: MemoryRing, types: Type
) -> None:
    types(OLD)
    nb.ok("%byom_register llama --url https://api.example.com/v1 --api-key keyring:ours")
    assert "llama uses it" in nb.ok("%byom_key set llama").printed
    assert json.loads(ring.key("ours") or "")["origin"] == "https://api.example.com:443"


def test_a_key_from_a_variable_or_a_callable_is_not_set_here(nb: Notebook, types: Type) -> None:
    types()
    nb.ok("%byom_register llama --url https://api.example.com/v1 --api-key env:LLAMA_KEY")
    assert 'os.environ["LLAMA_KEY"] = getpass' in nb.fails("%byom_key set llama", errors.SecretError)
    byom.register("other", url="https://api.example.com/v1", api_key=lambda: OLD)
    assert "nothing to type" in nb.fails("%byom_key set other", errors.SecretError)


def test_sec_24_a_key_of_another_origin_is_refused_and_both_are_named(
    nb: Notebook, ring: MemoryRing, types: Type
) -> None:
    types(OLD)
    nb.ok("%byom_key set mine --url https://api.example.com/v1")
    with RawServer(GOOD) as server:
        nb.ok(f"%byom_register llama --url {server.url} --api-key keyring:mine")
        said = nb.fails("%byom llama hi", errors.SecretError)
        assert "https://api.example.com:443" in said
        assert server.url.removesuffix("/v1") in said
        assert not server.requests


# What is refused


@pytest.mark.parametrize(
    "line",
    [
        f"set mine {OLD}",
        "set sk-canary0123456789abc",
        f"set mine --url https://api.example.com {OLD}",
        f"rotate mine {OLD}",
        f"forget {OLD.replace('-', '')}",
        f"set mine --for={OLD.replace('-', '')}",
        f"list {OLD}",
    ],
)
def test_sec_21_a_key_on_the_line_is_refused_and_not_repeated(nb: Notebook, line: str, types: Type) -> None:
    types()
    cell = nb.run(f"%byom_key {line}")
    assert isinstance(cell.error, errors.SecretError)
    assert "canary" not in cell.everything
    assert "the line is saved" in cell.printed


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "the first word"),
        (OLD, "the first word"),
        ("set", "name is missing"),
        ("set mine --url http://localhost:1/v1 --for demo/pydoc", "do not go together"),
        ("rotate mine --url http://localhost:1/v1", "not with rotate"),
        ("forget mine --file x", "not with forget"),
        ("set mine --fro demo", "did you mean --for"),
    ],
)
def test_what_is_not_understood_is_told_without_repeating_a_key(
    nb: Notebook, line: str, says: str, types: Type
) -> None:
    types()
    assert says in nb.fails(f"%byom_key {line}", errors.OptionError)
    assert "canary" not in nb.run(f"%byom_key {line}").everything


def test_an_unknown_model_is_told(nb: Notebook, types: Type) -> None:
    types()
    nb.fails("%byom_key set mine --for nobody", errors.UnknownModelError)


def test_nothing_typed_changes_nothing(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    types(OLD, "")
    nb.ok("%byom_key set mine")
    assert "No key was typed" in nb.fails("%byom_key set mine", errors.SecretError)
    assert json.loads(ring.key("mine") or "")["key"] == OLD


def test_where_nobody_can_be_asked_the_variable_is_named_as_the_way_out(
    nb: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_prompt(prompt: str = "") -> str:
        message = "getpass was called, but this frontend does not support input requests."
        raise RuntimeError(message)

    monkeypatch.setattr(getpass, "getpass", no_prompt)
    assert "env:NAME" in nb.fails("%byom_key set mine", errors.SecretError)


# Rotating


def test_a_new_key_that_the_server_takes_replaces_the_old_one(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    types(OLD, NEW)
    with RawServer(GOOD) as server:
        nb.ok(f"%byom_register llama --url {server.url} --api-key keyring:mine")
        nb.ok("%byom_key set llama")
        cell = nb.ok("%byom_key rotate mine")
        assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {NEW}"]
    assert "llama took the new key mine" in cell.printed
    assert json.loads(ring.key("mine") or "")["key"] == NEW
    shows_no_key(cell)


def test_a_new_key_that_the_server_refuses_leaves_the_old_one(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    types(OLD, NEW)
    with RawServer(NO) as server:
        nb.ok(f"%byom_register llama --url {server.url} --api-key keyring:mine")
        nb.ok("%byom_key set llama")
        said = nb.fails("%byom_key rotate llama", errors.SecretError)
    assert "who are you?" in said
    assert "The old one stays" in said
    assert json.loads(ring.key("mine") or "")["key"] == OLD


def test_a_new_key_that_cannot_be_tried_leaves_the_old_one(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    types(OLD, NEW)
    with RawServer(NO) as server:
        nb.ok(f"%byom_register llama --url {server.url} --api-key keyring:mine")
    nb.ok("%byom_key set llama")
    assert "The old one stays" in nb.fails("%byom_key rotate llama", errors.SecretError)
    assert json.loads(ring.key("mine") or "")["key"] == OLD


def test_a_server_that_objects_to_the_question_has_taken_the_key(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    types(OLD, NEW)
    with RawServer(
        [refused("429 Too Many Requests", {"error": "quota"}, "application/json", "X-Should-Retry: false")]
    ) as server:
        nb.ok(f"%byom_register llama --url {server.url} --api-key keyring:mine")
        nb.ok("%byom_key set llama")
        nb.ok("%byom_key rotate llama")
    assert json.loads(ring.key("mine") or "")["key"] == NEW


def test_a_rotation_that_is_interrupted_leaves_the_old_key(
    nb: Notebook, ring: MemoryRing, types: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    types(OLD, NEW)
    nb.ok("%byom_register llama --url https://api.example.com/v1 --api-key keyring:mine")
    nb.ok("%byom_key set llama")

    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("byom_magics.verifying.verify_key", interrupted)
    nb.ok("%xmode Verbose")
    cell = nb.run("%byom_key rotate llama")
    assert isinstance(cell.error, KeyboardInterrupt)
    shows_no_key(cell)
    assert json.loads(ring.key("mine") or "")["key"] == OLD


def test_sec_20_the_traceback_of_an_interrupted_write_to_the_keyring_shows_no_key(
    nb: Notebook, ring: MemoryRing, types: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    from byom_magics.catalog.secrets import resolving, system_keyring

    types(OLD)
    assert resolving.keyring().finding().backend is ring

    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(system_keyring._Work, "wait", interrupted)
    monkeypatch.setattr(resolving.keyring(), "finding", lambda: system_keyring.Finding(ring))
    nb.ok("%xmode Verbose")
    cell = nb.run("%byom_key set mine --url https://api.example.com/v1")
    assert isinstance(cell.error, KeyboardInterrupt)
    shows_no_key(cell)


def test_a_key_that_is_not_there_cannot_be_rotated(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    types(NEW)
    assert "There is no key mine" in nb.fails("%byom_key rotate mine", errors.SecretError)


def test_a_key_that_no_model_uses_is_not_rotated_untried(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    types(OLD, NEW)
    nb.ok("%byom_key set mine")
    assert "--for MODEL" in nb.fails("%byom_key rotate mine", errors.OptionError)


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_key_file_is_replaced_whole(nb: Notebook, types: Type, tmp_path: Path) -> None:
    types(NEW)
    path = tmp_path / "my.key"
    path.write_text(OLD)
    path.chmod(0o600)
    with RawServer(GOOD) as server:
        nb.ok(f"%byom_register llama --url {server.url} --api-key file:{path}")
        nb.ok("%byom_key rotate llama")
    assert path.read_text() == f"{NEW}\n"
    assert [each.name for each in tmp_path.iterdir()] == ["my.key"]
    assert path.stat().st_mode & 0o777 == 0o600


# Forgetting


def test_a_forgotten_key_is_gone_from_the_keyring(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    types(OLD)
    nb.ok("%byom_key set mine")
    assert nb.ok("%byom_key forget mine").printed == "Forgot the key mine.\n"
    assert ring.key("mine") is None
    assert nb.ok("%byom_key forget mine").printed == "There was no key mine.\n"


def test_a_forgotten_typed_key_is_asked_for_again(nb: Notebook, types: Type) -> None:
    prompts = types(OLD, NEW)
    with RawServer(GOOD) as server:
        nb.ok(f"%byom_register llama --url {server.url} --api-key ask")
        nb.ok("%byom llama hi")
        nb.ok("%byom_key forget llama")
        nb.ok("%byom llama hi")
    assert len(prompts) == 2


def test_a_variable_and_a_file_are_not_deleted(nb: Notebook, tmp_path: Path) -> None:
    path = tmp_path / "my.key"
    path.write_text(OLD)
    nb.ok(f"%byom_register llama --url https://api.example.com/v1 --api-key file:{path}")
    assert "delete it yourself" in nb.fails("%byom_key forget llama", errors.SecretError)
    assert path.exists()


# Listing


def test_the_list_says_where_each_key_is_for_whom_and_who_uses_it(
    nb: Notebook, ring: MemoryRing, types: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    types(OLD, "short-key")
    monkeypatch.setenv("LLAMA_KEY", NEW)
    nb.ok("%byom_key set mine --url https://api.example.com/v1")
    nb.ok("%byom_key set other")
    nb.ok(
        "%byom_register llama --url https://llama.example.com/v1 --api-key env:LLAMA_KEY --header 'X-Key: keyring:mine'"
    )
    nb.ok("%byom_register old --url https://old.example.com/v1 --api-key env:OLD_KEY")
    hold("held", "a-held-key", "https://held.example.com:443")
    cell = nb.ok("%byom_key list")
    rows = {line.split()[0]: line for line in cell.plain.splitlines() if ":" in line}
    assert "set, …wxyz" in rows["env:LLAMA_KEY"]
    assert "https://llama.example.com:443" in rows["env:LLAMA_KEY"]
    assert rows["env:LLAMA_KEY"].endswith("llama")
    assert "not set" in rows["env:OLD_KEY"]
    assert "set, …abcd" in rows["keyring:mine"]
    assert "https://api.example.com:443" in rows["keyring:mine"]
    assert "(set)" in rows["keyring:other"]
    assert "not bound yet" in rows["keyring:other"]
    assert "https://held.example.com:443" in rows["session:held"]
    shows_no_key(cell)
    assert "short-key" not in cell.everything


def test_an_empty_list_says_how_to_keep_a_key(nb: Notebook, no_ring: None) -> None:
    assert "%byom_key set NAME" in nb.ok("%byom_key list").printed


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%byom_key ", ["set", "rotate", "forget", "list"]),
        ("%byom_key ro", ["rotate"]),
        ("%byom_key rotate ", ["one", "two"]),
        ("%byom_key rotate t", ["two"]),
        ("%byom_key list ", []),
        ("%byom_key set mine ", []),
        ("%byom_key set mine --f", ["--for", "--file"]),
        ("%byom_key set mine --for ", ["one", "two"]),
        ("%byom_key set mine --for=t", ["--for=two"]),
    ],
)
def test_tab_completes_what_to_do_and_which_key(line: str, words: list[str]) -> None:
    found = candidates(line, ("one", "two"), {"for_model": lambda: ("one", "two")})
    assert found is not None
    assert found[1] == words


def test_the_manual_says_how_keys_are_kept(nb: Notebook) -> None:
    manual = nb.shell.find_line_magic("byom_key").__doc__ or ""
    assert "%byom_key rotate NAME" in manual
    assert "--file PATH" in manual


# Keys stay where they belong

GOOD_ONE, EVIL_ONE = "https://good.example.com:443", "https://evil.example.com:443"


@pytest.mark.parametrize("line", ["set mine", "set evil", "rotate evil", "rotate mine --for evil"])
def test_sec_24_a_key_does_not_move_since_a_model_elsewhere_names_it(
    nb: Notebook, ring: MemoryRing, types: Type, line: str
) -> None:
    prompts = types(OLD, NEW)
    nb.ok("%byom_key set mine --url https://good.example.com/v1")
    nb.ok("%byom_register evil --url https://evil.example.com/v1 --api-key keyring:mine")
    if line == "set mine":
        nb.ok(f"%byom_key {line}")
        assert prompts[1] == f"Key mine for {GOOD_ONE}: "
    else:
        said = nb.fails(f"%byom_key {line}", errors.SecretError)
        assert GOOD_ONE in said
        assert EVIL_ONE in said
        assert len(prompts) == 1  # nothing was typed
    assert json.loads(ring.key("mine") or "")["origin"] == GOOD_ONE


def test_sec_24_a_key_moves_when_that_is_said(nb: Notebook, ring: MemoryRing, types: Type) -> None:
    types(OLD, NEW)
    nb.ok("%byom_key set mine --url https://good.example.com/v1")
    assert "Only https://evil.example.com:443 may" in nb.ok("%byom_key set mine --url https://evil.example.com").printed
    assert json.loads(ring.key("mine") or "")["origin"] == EVIL_ONE


def test_sec_24_which_of_several_addresses_a_new_key_is_for_has_to_be_said(
    nb: Notebook, ring: MemoryRing, types: Type
) -> None:
    types(OLD)
    nb.ok("%byom_register a --url https://good.example.com/v1 --api-key keyring:mine")
    nb.ok("%byom_register b --url https://evil.example.com/v1 --api-key keyring:mine")
    said = nb.fails("%byom_key set mine", errors.SecretError)
    assert "--for MODEL" in said
    nb.ok("%byom_key set mine --for a")
    assert json.loads(ring.key("mine") or "")["origin"] == GOOD_ONE


def test_sec_21_a_key_in_place_of_a_file_is_refused_and_not_repeated(nb: Notebook, types: Type) -> None:
    types()
    cell = nb.run("%byom_key set mine --file sk-canary0123456789abc")
    assert isinstance(cell.error, errors.SecretError)
    assert "canary" not in cell.everything


def test_the_login_of_a_proxy_is_listed_as_the_proxys(nb: Notebook) -> None:
    nb.ok("%byom_register far --url https://llm.test/v1 --proxy http://proxy.test:3128 --proxy-login env:A_LOGIN")
    nb.ok("%byom_register near --url https://llm.test/v1 --proxy env --proxy-login ask")
    rows = [line.split() for line in nb.ok("%byom_key list").plain.splitlines()]
    assert ["env:A_LOGIN", "(not", "set)", "http://proxy.test:3128", "far"] in rows
    assert any(row[0] == "ask" and row[-4:] == ["the", "environment's", "proxy", "near"] for row in rows)
