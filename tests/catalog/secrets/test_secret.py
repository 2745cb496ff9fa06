from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from byom_magics.catalog.secrets import Secret

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
