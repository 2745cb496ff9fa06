from __future__ import annotations

import inspect

import pytest

import byom_magics as byom
from byom_magics import registering
from byom_magics.errors import RegistrationError, UnknownModelError


def test_what_is_registered_is_in_the_session_until_it_is_forgotten() -> None:
    spec = registering.register("llama", url="http://localhost:1/v1", model="llama3.2", temperature=0.5)
    assert byom.models["llama"] is spec
    assert (spec.model, spec.temperature) == ("llama3.2", 0.5)
    assert registering.forget("llama") is spec
    with pytest.raises(UnknownModelError):
        registering.forget("llama")


def test_what_is_left_out_is_not_said() -> None:
    spec = registering.register("llama", url="http://localhost:1/v1")
    assert (spec.model, spec.temperature, spec.context_window) == ("llama", None, None)


def test_a_transformer_needs_a_name_and_a_function() -> None:
    with pytest.raises(RegistrationError):
        registering.register_transformer("two words", dict)


def test_the_public_functions_are_these() -> None:
    for name in registering.__all__:
        assert getattr(byom, name) is getattr(registering, name)
        assert inspect.getdoc(getattr(registering, name))
