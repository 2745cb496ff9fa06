from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from byom_magics.catalog.registry import Registry
from byom_magics.catalog.spec import Endpoint, ModelSpec
from byom_magics.errors import RegistrationError, UnknownEndpointError, UnknownModelError


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


def test_what_is_not_there_is_told_by_get_without_looking_for_near_names(monkeypatch: pytest.MonkeyPatch) -> None:
    models = registry("a")
    monkeypatch.setattr("difflib.get_close_matches", pytest.fail)
    unhashable: Any = ["b"]
    assert [models.get("b"), models.endpoints.get("b"), models.get(unhashable)] == [None, None, None]
    assert models.get("b", models["a"]) is models["a"]


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


# Endpoints


def served(key: str, endpoint: Endpoint, locked: str = "") -> ModelSpec:
    return ModelSpec(key, "m", endpoint, locked=locked)


OURS = Endpoint("http://localhost:1/v1", name="ours")
LOCKED = Endpoint("http://localhost:1/v1", name="ours", locked="/etc/byom.toml")


def test_an_endpoint_with_a_name_is_registered_with_its_model() -> None:
    models = Registry()
    models.register(served("a", OURS))
    assert dict(models.endpoints) == {"ours": OURS}
    assert models.served_at("ours") == ("a",)
    with pytest.raises(UnknownEndpointError, match="did you mean ours"):
        models.endpoints["our"]
    assert models.endpoints.get("nope") is None
    assert "ours" in models.endpoints
    others: list[Any] = [5, None, ["ours"], "our"]
    assert not any(each in models.endpoints for each in others)


def test_an_endpoint_that_is_replaced_is_replaced_for_all_its_models() -> None:
    models = Registry()
    models.register_all([served("a", OURS), served("b", OURS), spec("c")])
    moved = Endpoint("http://localhost:2/v1", name="ours")
    models.register(served("b", moved))
    assert [models[key].url for key in models] == [
        "http://localhost:2/v1",
        "http://localhost:2/v1",
        "http://localhost:1/v1",
    ]
    told: list[tuple[str, str]] = []
    models.watch(lambda change, key: told.append((change, key)))
    models.register_endpoint(OURS)
    assert [models[key].url for key in models] == ["http://localhost:1/v1"] * 3
    assert told == [("registered", "")]


def test_an_endpoint_without_a_name_cannot_be_registered_alone() -> None:
    with pytest.raises(RegistrationError, match="has no name"):
        Registry().register_endpoint(Endpoint("http://localhost:1"))


def test_an_endpoint_goes_with_the_model_that_it_was_made_for_unless_it_serves_others() -> None:
    models = Registry()
    own = Endpoint("http://localhost:1/v1", name="a")
    models.register(served("a", own))
    models.forget("a")
    assert not models.endpoints
    models.register_all([served("a", own), served("b", own)])
    models.forget("a")
    assert list(models.endpoints) == ["a"]
    models.forget("b")
    models.register(served("c", OURS))
    models.register(served("c", own))
    assert models.served_at("ours") == ()
    assert "ours" in models.endpoints


def test_an_endpoint_that_serves_models_is_not_forgotten() -> None:
    models = Registry()
    models.register_all(served(f"m{number}", OURS) for number in range(7))
    with pytest.raises(RegistrationError, match="serves m0, m1, m2, m3, m4 and 2 more"):
        models.forget_endpoint("ours")
    for key in models:
        models.forget(key)
    assert models.forget_endpoint("ours") == OURS
    with pytest.raises(UnknownEndpointError):
        models.forget_endpoint("ours")


# Many at once


def test_many_models_are_told_once_and_in_order() -> None:
    models, told = registry("z"), list[tuple[str, str]]()
    models.watch(lambda change, key: told.append((change, key)))
    models.register_all(spec(key) for key in ("b", "a", "z"))
    assert list(models) == ["z", "b", "a"]
    models.register_all([])
    assert told == [("registered", "")]


# Locks


@pytest.mark.parametrize(
    "change",
    [
        lambda models: models.register(spec("a")),
        lambda models: models.forget("a"),
        lambda models: models.register_all([spec("b"), spec("a")]),
    ],
)
def test_a_locked_model_stays_as_it_is(change: Callable[[Registry], object]) -> None:
    models = Registry()
    models.register(served("a", Endpoint("http://localhost:1"), locked="/etc/byom.toml"))
    with pytest.raises(RegistrationError, match=r"'a' is locked by /etc/byom.toml") as caught:
        change(models)
    assert caught.value.hint
    assert list(models) == ["a"]
    assert models["a"].locked


@pytest.mark.parametrize(
    "change",
    [
        lambda models: models.register(served("a", OURS)),
        lambda models: models.register_endpoint(OURS),
        lambda models: models.forget_endpoint("ours"),
    ],
)
def test_a_locked_endpoint_stays_as_it_is_and_serves_more_models(change: Callable[[Registry], object]) -> None:
    models = Registry()
    models.register_endpoint(LOCKED)
    with pytest.raises(RegistrationError, match="'ours' is locked"):
        change(models)
    models.register(served("a", models.endpoints["ours"]))
    assert models.forget("a").endpoint == LOCKED


def test_the_file_that_locks_may_be_read_again() -> None:
    models = Registry()
    for name in ("one", "two"):
        models.register(ModelSpec("a", name, LOCKED, locked="/etc/byom.toml"))
    assert models["a"].model == "two"
