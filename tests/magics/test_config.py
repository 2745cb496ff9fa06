from __future__ import annotations

from typing import Any

import pytest
from traitlets import TraitError

import byom_magics as byom
from byom_magics import errors, session
from byom_magics.magics.config import Byom
from tests.magics.notebook import notebook
from tests.wire.raw_server import RawServer, hold

URL = "http://localhost:1/v1"


@pytest.fixture
def config() -> Byom:
    return Byom(session.current())


# A default


def test_a_default_is_the_model_that_a_bare_cell_asks(config: Byom) -> None:
    config.default_model = "demo/5gram"
    assert byom.models.default == "demo/5gram"
    config.default_model = ""
    assert session.current().models.default is None


def test_the_setting_follows_the_registry(config: Byom) -> None:
    byom.models.set_default("demo/5gram")
    seen = [config.default_model]
    byom.models.set_default("demo/pydoc")
    seen.append(config.default_model)
    byom.forget("demo/pydoc")
    seen.append(config.default_model)
    byom.models.set_default("demo/bigram")
    seen.append(config.default_model)
    byom.models.set_default(None)
    seen.append(config.default_model)
    assert seen == ["demo/5gram", "demo/pydoc", "", "demo/bigram", ""]


def test_a_default_that_is_not_registered_yet_holds_once_it_is(config: Byom) -> None:
    config.default_model = "llama"
    byom.register("other", url=URL)
    assert session.current().models.default is None
    byom.register("llama", url=URL)
    assert session.current().models.default == "llama"


def test_no_other_model_is_asked_while_the_default_is_not_registered(config: Byom) -> None:
    byom.models.set_default("demo/pydoc")
    config.default_model = "llama"
    with pytest.raises(errors.UnknownModelError, match="'llama', the default of the settings, is not registered"):
        byom.ask(None, "hi")
    byom.register("other", url=URL)
    assert config.default_model == "llama"
    byom.register("llama", url=URL)
    assert session.current().models.default == "llama"


def test_a_choice_takes_the_place_of_a_default_that_is_waited_for(config: Byom) -> None:
    config.default_model = "llama"
    byom.models.set_default("demo/pydoc")
    byom.register("llama", url=URL)
    assert (byom.models.default, config.default_model) == ("demo/pydoc", "demo/pydoc")


def test_a_default_of_the_session_stands_over_the_one_that_is_configured() -> None:
    byom.models.set_default("demo/5gram")
    config = Byom(session.current(), default_model="demo/pydoc")
    assert (byom.models.default, config.default_model) == ("demo/5gram", "demo/5gram")


def test_a_default_that_is_replaced_stays_the_default(config: Byom) -> None:
    byom.register("llama", url=URL)
    config.default_model = "llama"
    byom.register("llama", url="http://localhost:2/v1")
    assert (byom.models.default, config.default_model) == ("llama", "llama")


def test_closed_settings_follow_no_more_and_hold_no_more(config: Byom) -> None:
    config.timeouts = {"idle": 5}
    config.close()
    byom.models.set_default("demo/5gram")
    assert config.default_model == ""
    assert session.current().timeouts == {}


# The others


def test_a_built_in_model_that_was_forgotten_stays_so_and_none_at_all_are_brought_back() -> None:
    byom.forget("demo/pydoc")
    Byom(session.current()).close()
    assert "demo/pydoc" not in byom.models
    session.current().forget_builtin()
    Byom(session.current()).close()
    assert "demo/pydoc" in byom.models


def test_built_in_models_can_be_left_out_and_brought_back(config: Byom) -> None:
    byom.register("llama", url=URL)
    config.builtin_models = False
    assert list(byom.models) == ["llama"]
    config.builtin_models = True
    assert "demo/pydoc" in byom.models


def test_timers_hold_for_models_that_do_not_set_them(config: Byom) -> None:
    config.timeouts = {"first_byte": 0.05, "total": None}
    with RawServer([hold]) as server:
        byom.register("slow", url=server.url)
        with pytest.raises(errors.StalledError, match="first_byte"):
            byom.ask("slow", "hi")
        config.timeouts = {}
        byom.register("own", url=server.url, timeouts={"total": 0.05})
        with pytest.raises(errors.StalledError, match="total"):
            byom.ask("own", "hi")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("refresh_rate", 0.0, "1 to 30"),
        ("refresh_rate", 31.0, "1 to 30"),
        ("refresh_rate", float("nan"), "1 to 30"),
        ("refresh_rate", "fast", "refresh_rate"),
        ("timeouts", {"idel": 5}, "the timers are connect"),
        ("timeouts", {"idle": 0}, "seconds above 0"),
        ("timeouts", {"idle": "5"}, "seconds above 0"),
        ("timeouts", {1: 5}, "There is no timer '1'"),
        ("timeouts", 5, "timeouts"),
        ("default_model", 5, "default_model"),
        ("builtin_models", "perhaps", "builtin_models"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_and_the_old_one_stays(
    config: Byom, name: str, value: Any, says: str
) -> None:
    before = getattr(config, name)
    with pytest.raises(TraitError) as caught:
        setattr(config, name, value)
    assert says in str(caught.value)
    assert getattr(config, name) == before


# In a shell


def test_the_settings_of_ipython_config_hold_from_the_beginning() -> None:
    with notebook({"default_model": "demo/5gram", "timeouts": {"idle": 9}, "refresh_rate": 5.0}) as nb:
        assert nb.ok("%load_ext byom_magics").printed == ""
        assert byom.models.default == "demo/5gram"
        assert session.current().timeouts == {"idle": 9.0}
        assert "Current: 5.0" in nb.ok("%config Byom").printed


def test_a_default_of_ipython_config_may_be_registered_later() -> None:
    with notebook({"default_model": "llama", "builtin_models": False}) as nb:
        nb.ok("%load_ext byom_magics")
        assert list(byom.models) == []
        nb.ok(f"%byom_register other --url {URL}\n%byom_register llama --url {URL}")
        assert nb.ok("%byom_default").printed == "A bare %%byom asks llama.\n"


def test_wrong_settings_are_told_and_the_right_ones_hold() -> None:
    wrong = {"refresh_rate": 500.0, "timeouts": {"idle": -1}, "default_model": "demo/5gram", "builtin_models": True}
    with notebook(wrong) as nb:
        cell = nb.ok("%load_ext byom_magics")
        assert cell.printed.count("a setting is not used") == 2
        assert "1 to 30" in cell.printed
        assert "'idle' cannot be -1" in cell.printed
        assert "ipython_config.py" in cell.printed
        assert byom.models.default == "demo/5gram"
        rate = Byom.class_traits()["refresh_rate"].default_value
        assert f"Current: {rate}" in nb.ok("%config Byom").printed


def test_config_shows_and_sets_every_setting() -> None:
    with notebook() as nb:
        nb.ok("%load_ext byom_magics")
        shown = nb.ok("%config Byom").printed
        for name in ("default_model", "refresh_rate", "timeouts", "builtin_models"):
            assert f"Byom.{name}" in shown
        nb.ok("%config Byom.default_model = 'demo/pydoc'")
        assert byom.models.default == "demo/pydoc"
        nb.ok("%config Byom.timeouts = {'total': 3}")
        assert session.current().timeouts == {"total": 3.0}


# Rules


def test_rules_of_the_settings_hold_for_calls(config: Byom) -> None:
    byom.register("far", url="https://models.test/v1")
    config.policy = {"hosts": ["other.test"], "ports": (443,), "keys_over_http": False}
    with pytest.raises(errors.PolicyError, match=r"'hosts' in c\.Byom\.policy"):
        byom.ask("far", "hi")
    config.policy = {}
    assert session.current().policies == ()


def test_air_gapped_is_a_setting_and_goes_together_with_the_rules(config: Byom) -> None:
    byom.register("far", url="https://models.test/v1")
    config.air_gapped = True
    with pytest.raises(errors.PolicyError, match=r"'air_gapped' in c\.Byom\.policy"):
        byom.ask("far", "hi")
    config.policy = {"hosts": ["models.test"], "regions": ["eu"]}
    with pytest.raises(errors.PolicyError, match="'regions'"):
        byom.ask("far", "hi")
    assert byom.ask("demo/bigram", "hi", max_tokens=3).text


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"host": ["models.test"]}, "hosts"),
        ({"netwroks": ["10.0.0.0/8"]}, "networks"),
        ({"networks": ["10.0.0.0/99"]}, "networks"),
        ({"ports": [0]}, "ports"),
        ({"air_gapped": "yes"}, "air_gapped"),
    ],
)
def test_rules_that_cannot_be_read_are_refused_with_the_nearest_name(
    rules: dict[str, Any], says: str, config: Byom
) -> None:
    with pytest.raises(TraitError, match=says):
        config.policy = rules
    assert session.current().policies == ()


def test_rules_that_cannot_be_read_when_loading_forbid_every_call() -> None:
    byom.register("far", url="https://models.test/v1")
    with notebook({"policy": {"hots": ["models.test"]}}) as book:
        book.run("%load_ext byom_magics")
        with pytest.raises(errors.PolicyError, match=r"c\.Byom\.policy may set rules, and it cannot be used"):
            byom.ask("far", "hi")
        book.run("%config Byom.policy = {'hosts': ['other.test']}")
        with pytest.raises(errors.PolicyError, match=r"'hosts' in c\.Byom\.policy"):
            byom.ask("far", "hi")


# Answers


def test_answers_are_kept_when_the_settings_say_so(config: Byom) -> None:
    assert not session.current().caches
    config.cache = True
    assert session.current().caches
    config.close()
    assert not session.current().caches


def test_what_goes_of_a_long_conversation_can_be_set_and_has_to_make_sense(config: Byom) -> None:
    config.history = "keep-ends"
    assert session.current().history == "keep-ends"
    with pytest.raises(TraitError, match="did you mean keep-ends"):
        config.history = "keep-end"
    assert config.history == "keep-ends"
