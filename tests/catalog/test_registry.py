from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from byom_magics.catalog.registry import Registry
from byom_magics.catalog.spec import Endpoint, ModelSpec
from byom_magics.errors import UnknownModelError


def spec(key: str, model: str = "m") -> ModelSpec:
    return ModelSpec(key, model, Endpoint("http://localhost:1/v1"))


def registry(*keys: str) -> Registry:
    made = Registry()
    for key in keys:
        made.register(spec(key))
    return made


def test_the_registry_is_a_mapping_in_the_order_of_registering() -> None:
    models = registry("b", "a", "c")
    assert isinstance(models, Mapping)
    assert list(models) == list(models.keys()) == ["b", "a", "c"]
    assert len(models) == 3
    assert models["a"].key == "a"
    assert [key for key, _ in models.items()] == [each.key for each in models.values()]
    assert models.get("x") is None


def test_registering_a_key_again_replaces_the_model_in_its_place() -> None:
    models = registry("a", "b")
    models.set_default("a")
    models.register(spec("a", "other"))
    assert list(models) == ["a", "b"]
    assert models["a"].model == "other"
    assert models.default == "a"


@pytest.mark.parametrize("key", [None, 5, ["a"], "", "A", b"a"])
def test_what_is_no_key_of_it_is_not_in_it(key: object) -> None:
    models = registry("a")
    assert key not in models
    with pytest.raises(UnknownModelError):
        models[key]  # type: ignore[index]


def test_an_unknown_model_is_a_key_error_that_names_the_nearest() -> None:
    models = registry("llama", "llama-big", "gpt")
    with pytest.raises(KeyError) as caught:
        models["lama"]
    assert "'lama'" in str(caught.value)
    assert "did you mean llama" in str(caught.value)


def test_a_part_of_a_key_is_enough_for_a_suggestion() -> None:
    with pytest.raises(UnknownModelError, match="openai/gpt-4o-mini-2024"):
        registry("openai/gpt-4o-mini-2024", "other")["GPT"]


def test_with_nothing_near_some_keys_are_named() -> None:
    with pytest.raises(UnknownModelError, match="there are a, b; %byom_models shows all"):
        registry("a", "b")["zzzzzzzz"]


def test_with_nothing_registered_the_way_to_register_is_shown() -> None:
    with pytest.raises(UnknownModelError, match="%byom_register KEY --url URL"):
        Registry()["llama"]


def test_sec_08_an_unknown_key_cannot_steer_a_terminal_nor_fill_it() -> None:
    with pytest.raises(UnknownModelError) as caught:
        registry("a")["\x1b[2J\u202e<b>" + "x" * 10_000]
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_forgotten_model_is_given_back_and_gone() -> None:
    models = registry("a", "b")
    assert models.forget("a").key == "a"
    assert list(models) == ["b"]
    with pytest.raises(UnknownModelError):
        models.forget("a")


def test_the_default_is_chosen_among_the_models() -> None:
    models = registry("a", "b")
    defaults = [models.default]
    models.set_default("b")
    defaults.append(models.default)
    with pytest.raises(UnknownModelError):
        models.set_default("c")
    defaults.append(models.default)
    models.set_default(None)
    defaults.append(models.default)
    assert defaults == [None, "b", "b", None]


def test_forgetting_the_default_leaves_none() -> None:
    models = registry("a", "b")
    models.set_default("a")
    models.forget("b")
    kept = models.default
    models.forget("a")
    assert (kept, models.default) == ("a", None)


def test_a_watcher_is_told_of_each_change_when_it_has_happened() -> None:
    models = Registry()
    seen: list[tuple[str, str, list[str], str | None]] = []
    models.watch(lambda change, key: seen.append((change, key, list(models), models.default)))
    models.register(spec("a"))
    models.register(spec("a", "other"))
    models.set_default("a")
    models.forget("a")
    assert seen == [
        ("registered", "a", ["a"], None),
        ("registered", "a", ["a"], None),
        ("default", "a", ["a"], "a"),
        ("forgotten", "a", [], None),
        ("default", "", [], None),
    ]


def test_what_fails_is_no_change() -> None:
    models = registry("a")
    seen: list[str] = []
    models.watch(lambda change, key: seen.append(change))
    for fail in (models.forget, models.set_default):
        with pytest.raises(UnknownModelError):
            fail("x")
    assert seen == []


def test_watching_ends_when_it_is_said_and_may_be_said_twice() -> None:
    models = Registry()
    seen: list[str] = []
    unwatch = models.watch(lambda change, key: seen.append(key))
    models.register(spec("a"))
    unwatch()
    unwatch()
    models.register(spec("b"))
    assert seen == ["a"]


def test_a_watcher_may_end_its_watching_and_change_the_registry_while_it_is_told() -> None:
    models = Registry()
    seen: list[str] = []

    def once(change: str, key: str) -> None:
        unwatch()
        models.set_default(key)

    unwatch = models.watch(once)
    models.watch(lambda change, key: seen.append(change))
    models.register(spec("a"))
    models.register(spec("b"))
    assert models.default == "a"
    assert seen == ["default", "registered", "registered"]


def test_iterating_goes_on_while_another_thread_registers() -> None:
    models = registry(*(f"m{number}" for number in range(200)))
    more = threading.Thread(target=lambda: [models.register(spec(f"n{number}")) for number in range(500)])  # type: ignore[func-returns-value]
    more.start()
    while more.is_alive():
        assert len(list(models)) >= 200
    more.join()
    assert len(models) == 700


def test_the_repr_is_short_however_many_there_are() -> None:
    models = registry(*(f"m{number}" for number in range(1000)))
    models.set_default("m7")
    assert repr(models) == "<Registry: 1000 models, default 'm7'>"
