from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec, Prices, Timeouts

SPEC = ModelSpec("llama", "llama3.2", Endpoint("http://localhost:11434/v1", api_key="env:LLAMA_KEY"))


def test_the_timers_are_the_six_of_the_contract_in_order() -> None:
    assert Timeouts.names() == ("connect", "first_byte", "first_token", "idle", "content_idle", "total")


def test_interactive_calls_wait_as_long_as_the_contract_says() -> None:
    assert dataclasses.astuple(Timeouts()) == (10.0, 60.0, 300.0, 120.0, 600.0, None)


def test_what_nobody_said_about_a_model_is_unknown() -> None:
    assert set(dataclasses.astuple(Capabilities())) == {None}
    assert (Prices().input, Prices().output) == (None, None)
    assert SPEC.temperature is SPEC.max_tokens is SPEC.context_window is None


def test_capabilities_name_every_flag() -> None:
    assert Capabilities.names() == ("tools", "reasoning", "structured_output", "attachments", "image_generation")


def test_a_spec_tells_its_address_and_the_reference_of_its_key() -> None:
    assert (SPEC.url, SPEC.api_key) == ("http://localhost:11434/v1", "env:LLAMA_KEY")


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SPEC.key = "other"  # type: ignore[misc]


def test_a_spec_survives_copies_and_pickles() -> None:
    assert copy.deepcopy(SPEC) == pickle.loads(pickle.dumps(SPEC)) == SPEC


def test_no_key_is_in_a_spec_even_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLAMA_KEY", "sk-canary-0123456789")
    for shown in (repr(SPEC), str(SPEC), str(vars(SPEC)), str(dataclasses.asdict(SPEC)), str(pickle.dumps(SPEC))):
        assert "canary" not in shown
