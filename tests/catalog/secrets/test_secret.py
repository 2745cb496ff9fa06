from __future__ import annotations

import copy
import pickle
from functools import partial
from typing import Any

import pytest

from byom_magics.catalog.secrets import Password, Secret

ORIGIN = "https://api.example.com:443"
KEY = "sk-canary/0123+456=789"


def secret() -> Secret:
    return Secret(KEY, source="env:CANARY", origin=ORIGIN, prefix="Bearer")


def test_sec_20_a_secret_does_not_print_itself() -> None:
    for shown in (repr(secret()), str(secret()), f"{secret()}", f"{secret()!a}", str([secret()]), str(dir(secret()))):
        assert "canary" not in shown
    assert repr(secret()) == f"<key from env:CANARY for {ORIGIN}>"


def test_sec_20_a_secret_has_no_attributes_that_can_be_listed() -> None:
    with pytest.raises(TypeError):
        vars(secret())


@pytest.mark.parametrize("leave", [copy.copy, copy.deepcopy, pickle.dumps])
def test_sec_20_a_secret_cannot_be_copied_or_pickled(leave: Any) -> None:
    with pytest.raises(TypeError, match="cannot be pickled or copied"):
        leave(secret())


def test_sec_23_the_tail_of_a_key_is_told_only_if_it_is_long() -> None:
    assert Secret("x" * 16 + "tail", source="env:X", origin=ORIGIN).tail == "tail"
    assert Secret("x" * 15 + "tail", source="env:X", origin=ORIGIN).tail == ""


def test_a_key_that_nobody_can_renew_has_no_newer_one() -> None:
    assert secret().renewed() is None


def test_keys_are_compared_without_what_stands_before_them() -> None:
    assert secret().same_as(Secret(KEY, source="ask", origin="https://other.example.com:443"))
    assert not secret().same_as(Secret(KEY[:-1], source="ask", origin=ORIGIN))


def test_sec_20_a_password_is_handed_on_and_not_shown() -> None:
    password = Password("canary-0123456789")
    assert password == "canary-0123456789"
    for shown in (repr(password), repr([password]), repr({"password": password}), repr(partial(print, password))):
        assert "canary" not in shown
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(password)
