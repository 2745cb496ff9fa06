from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from byom_magics import session as sessions
from byom_magics.catalog.layers import found, user_file
from byom_magics.catalog.spec import Endpoint
from byom_magics.errors import PolicyError, RegistrationError, SecretError, UnknownModelError
from byom_magics.wire import rules
from byom_magics.wire.faults import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from byom_magics.session import Session
    from tests.catalog.folders import Folders

CANARY = "canary-0123456789-abcdef"
SITE = """\
default = "gpt"
[policy]
hosts = ["llm.example.com", "localhost"]
[endpoints.company]
url = "https://llm.example.com/v1"
api_key = "env:COMPANY_KEY"
locked = true
[models.gpt]
endpoint = "company"
model = "gpt-4o"
locked = true
[models.small]
endpoint = "company"
"""


def model(key: str, url: str = "http://localhost:1/v1", more: str = "") -> str:
    return f'[models.{key}]\nurl = "{url}"\n{more}\n'


def keys(session: Session) -> list[str]:
    return [key for key, spec in session.models.items() if not spec.builtin]


# Which files


def test_without_files_there_is_nothing_to_read(folders: Folders) -> None:
    session = sessions.current()
    assert found() == []
    assert keys(session) == []
    assert session.layers.told() == ()
    assert session.layers.policies == ()


def test_files_are_read_the_least_important_first(folders: Folders) -> None:
    for path in (folders.user, folders.site, folders.below):
        folders.write(path, "")
    folders.write(folders.user.with_suffix(".json"), "{}")
    assert found() == [
        (folders.below, "site"),
        (folders.site, "site"),
        (folders.user.with_suffix(".json"), "user"),
        (folders.user, "user"),
    ]
    assert user_file() == folders.user


def test_sec_42_nothing_is_read_from_the_working_folder(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    folders.write(folders.root / "byom.toml", model("here"))
    folders.write(folders.root / "byom_magics" / "byom.toml", model("here"))
    monkeypatch.chdir(folders.root)
    folders.use(monkeypatch, [".", "", "project", str(folders.root / "site")])
    assert found() == []
    assert keys(sessions.current()) == []


# Which entry wins


def test_later_files_win_entry_by_entry(folders: Folders) -> None:
    folders.write(folders.below, 'default = "a"\n' + model("a", more="temperature = 1") + model("b"))
    folders.write(folders.site, model("b", "http://localhost:2/v1"))
    folders.write(folders.user, 'default = "c"\n' + model("a", "http://localhost:3/v1") + model("c"))
    session = sessions.current()
    assert {key: session.models[key].url[-4] for key in keys(session)} == {"a": "3", "b": "2", "c": "1"}
    assert session.models["a"].temperature is None  # the whole entry is replaced
    assert session.models["a"].source == str(folders.user)
    assert session.models["b"].source == str(folders.site)
    assert session.models.default == "c"
    assert session.spec(None).key == "c"


def test_what_a_file_for_everyone_locks_no_other_file_changes(folders: Folders) -> None:
    folders.write(folders.site, SITE)
    mine = model("gpt") + '[endpoints.company]\nurl = "http://localhost:9/v1"\n' + model("company") + model("own")
    folders.write(folders.user, mine)
    session = sessions.current()
    assert session.models["gpt"].url == "https://llm.example.com/v1"
    assert session.models["gpt"].locked == str(folders.site)
    assert session.models.endpoints["company"].url == "https://llm.example.com/v1"
    assert "own" in session.models
    assert "company" not in session.models
    told = session.layers.told()
    assert f"{folders.user}: the model gpt is left as it is: {folders.site} locks it" in told
    assert f"{folders.user}: the endpoint company is left as it is: {folders.site} locks it" in told
    with pytest.raises(RegistrationError) as caught:
        session.register("gpt", url="http://localhost:1/v1")
    assert str(folders.site) in str(caught.value)


def test_what_is_not_locked_may_be_changed(folders: Folders) -> None:
    folders.write(folders.site, SITE)
    folders.write(folders.user, model("small"))
    session = sessions.current()
    assert session.models["small"].url == "http://localhost:1/v1"
    assert session.models["small"].source == str(folders.user)


def test_only_a_file_for_everyone_can_lock(folders: Folders) -> None:
    folders.write(folders.user, model("a", more="locked = true"))
    session = sessions.current()
    assert session.models["a"].locked == ""
    assert session.layers.told() == (f"{folders.user}: locked is only heeded in a file for everyone",)


def test_a_person_uses_endpoints_for_everyone(folders: Folders) -> None:
    folders.write(folders.site, SITE)
    folders.write(folders.user, '[models.mine]\nendpoint = "company"\nmodel = "gpt-5"\n')
    spec = sessions.current().models["mine"]
    assert (spec.url, spec.api_key, spec.source) == ("https://llm.example.com/v1", "env:COMPANY_KEY", str(folders.user))


def test_policies_of_all_files_hold_together(folders: Folders) -> None:
    folders.write(folders.site, SITE)
    folders.write(folders.user, '[policy]\nregions = ["eu"]\n')
    folders.write(folders.project, "[policy]\nports = [443]\n")
    session = sessions.current()
    session.layers.load(folders.project)
    assert [(each.source, each.hosts, each.regions, each.ports) for each in session.layers.policies] == [
        (str(folders.site), ("llm.example.com", "localhost"), None, None),
        (str(folders.user), None, ("eu",), None),
        (str(folders.project), None, None, (443,)),
    ]


def test_a_default_that_is_not_registered_yet_is_waited_for(folders: Folders) -> None:
    folders.write(folders.user, 'default = "later"\n')
    session = sessions.current()
    assert session.models.default is None
    with pytest.raises(UnknownModelError) as caught:
        session.spec(None)
    assert "'later'" in str(caught.value)


# Broken files


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[models", "line 1: it is no TOML that can be read"),
        (model("a", more='temperature = "hot"'), "line 3, models.a.temperature: wanted a number"),
        (model("a", "ftp://x"), "line 1, models.a: The address has the scheme 'ftp'"),
        ('[models.a]\nendpoint = "compny"\n', "line 2, models.a.endpoint: No endpoint 'compny' is registered."),
        ('[models.a]\npreset = "opnai"\n', "line 1, models.a: There is no preset 'opnai'. Next: did you mean openai"),
        (model("a") + model("b") + '[endpoints.a]\nurl = "http://localhost:2"\n', "line 1, models.a: there is an endp"),
    ],
)
def test_a_broken_file_stops_nothing_and_is_told_in_one_line(folders: Folders, text: str, says: str) -> None:
    folders.write(folders.below, model("fine"))
    folders.write(folders.user, text)
    session = sessions.current()
    assert keys(session) == ["fine"]
    assert session.layers.policies == ()
    (notice,) = session.layers.told()
    assert notice.startswith(f"{folders.user} is not used: {says}")
    assert "\n" not in notice
    assert session.layers.told() == ()


def test_an_unknown_model_may_be_one_of_a_file_that_is_not_used(folders: Folders) -> None:
    folders.write(folders.user, model("a", more="temprature = 1"))
    with pytest.raises(UnknownModelError) as caught:
        sessions.current().spec("a")
    assert f"{folders.user} is not used: line 3, models.a.temprature" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "[policy]\nhosts = [",
        '[policy]\nhsots = ["a"]\n',
        '[polcy]\nhosts = ["a"]\n',
        model("gpt", more="locked = true\nx = 1"),
        '[policy]\nhosts = ["a"]\n' + model("b", "ftp://x"),
    ],
)
def test_a_broken_file_that_may_set_rules_closes_everything_until_it_is_mended(folders: Folders, text: str) -> None:
    folders.write(folders.site, text)
    session = sessions.current()
    (policy,) = session.layers.policies
    assert policy.source == str(folders.site)
    assert policy.broken
    assert (policy.hosts, policy.networks, policy.ports, policy.regions) == ((), (), (), ())
    assert "nothing may be called until it is mended" in session.layers.told()[0]
    folders.write(folders.site, '[policy]\nhosts = ["b.example.com"]\n' + model("late"))
    (policy,) = session.layers.policies
    assert (policy.hosts, policy.broken) == (("b.example.com",), "")
    assert "late" in session.models


def test_closed_rules_refuse_calls_and_name_the_file_and_what_is_wrong(folders: Folders) -> None:
    folders.write(folders.site, "[policy]\nhosts = [")
    session = sessions.current()
    session.register("a", url="http://localhost:1/v1")
    session.register("b", url="http://localhost/v1", unix_socket=str(folders.root / "sock"))
    for key in ("a", "b"):
        with pytest.raises(PolicyError) as caught:
            session.ask(key, "hello")
        assert f"{folders.site} may set rules, and it cannot be used: line 2: it is no TOML" in str(caught.value)
        assert f"Next: have {folders.site} mended" in str(caught.value)
    assert session.ask("demo/5gram", "with", max_tokens=2).text  # what stays in this process is free


def test_a_broken_file_that_is_taken_away_closes_nothing_any_more(folders: Folders) -> None:
    folders.write(folders.site, "[policy]\nhosts = [")
    session = sessions.current()
    assert session.layers.policies
    folders.site.unlink()
    assert session.layers.policies == ()


def test_a_file_for_everyone_that_cannot_be_reached_may_set_rules(folders: Folders) -> None:
    folders.site.parent.mkdir(parents=True)
    folders.site.mkdir()  # readable by nobody as a file, also for root
    session = sessions.current()
    (policy,) = session.layers.policies
    assert policy.broken == "it is no file"


def test_a_closed_folder_for_everyone_counts_and_a_closed_home_does_not(folders: Folders) -> None:
    for path in (folders.site, folders.user):
        path.parent.parent.mkdir(parents=True)
        path.parent.symlink_to(path.parent)  # a circle: nobody gets into it, not even root
    assert [layer for path, layer in found() if path.name == "byom.toml"] == ["site"]


# The list form, and its keys


def listed(folders: Folders, path: Path) -> Path:
    entry = {"key": "gpt", "baseURL": "https://llm.example.com/v1", "endpoint": "/chat", "apiKey": CANARY}
    return folders.write(path.with_suffix(".json"), json.dumps({"models": [entry]}))


def test_a_literal_key_of_the_list_form_stays_in_this_session_and_is_for_its_own_origin(folders: Folders) -> None:
    from byom_magics.catalog import secrets

    listed(folders, folders.user)
    session = sessions.current()
    spec = session.models["gpt"]
    assert spec.endpoint.path == "/chat"
    assert spec.api_key == "session:gpt"
    assert CANARY not in f"{spec!r}"
    (notice,) = session.layers.told()
    assert "%byom_key set gpt" in notice
    assert CANARY not in notice
    origin = "https://llm.example.com:443"
    assert secrets.resolve("session:gpt", origin=origin).reveal() == CANARY
    with pytest.raises(SecretError):
        secrets.resolve("session:gpt", origin="https://evil.example.com:443")


# A file that is asked for


def test_a_project_file_is_loaded_when_asked_for(folders: Folders) -> None:
    folders.write(folders.user, model("a") + model("b"))
    session = sessions.current()
    folders.write(
        folders.project,
        'default = "a"\n[endpoints.e]\nurl = "https://e.example.com/v1"\napi_key = "env:E_KEY"\n'
        'headers = {X-Extra = "keyring:extra", X-Tenant = "t"}\n[models.c]\nendpoint = "e"\n'
        + model("a", "http://localhost:7/v1"),
    )
    loaded = session.layers.load(folders.project)
    assert loaded.source == str(folders.project)
    assert set(loaded.models) == {"a", "c"}
    assert loaded.replaced == ("a",)
    assert loaded.endpoints == ("e",)
    assert loaded.default == session.models.default == "a"
    assert loaded.uses == (
        "env:E_KEY goes to https://e.example.com:443",
        "keyring:extra goes to https://e.example.com:443 (as header X-Extra)",
    )
    assert session.models["a"].source == str(folders.project)


def test_a_file_with_anything_wrong_registers_nothing(folders: Folders) -> None:
    session = sessions.current()
    folders.write(folders.project, model("a") + model("b", "ftp://x") + model("c", more="x = 1"))
    with pytest.raises(RegistrationError) as caught:
        session.layers.load(folders.project)
    assert f"{folders.project}: line 9, models.c.x" in str(caught.value)
    folders.write(folders.project, model("a") + model("b", "ftp://x") + model("c", "http://u:p@x/"))
    with pytest.raises(RegistrationError) as caught:
        session.layers.load(folders.project)
    assert "has 2 problems" in str(caught.value)
    assert "line 4, models.b" in str(caught.value)
    assert "line 7, models.c" in str(caught.value)
    assert keys(session) == []


def test_a_file_that_asks_for_trust_is_refused_without_it(folders: Folders) -> None:
    session = sessions.current()
    folders.write(folders.project, model("a", more='api_key = ["command:", "steal", "it"]'))
    with pytest.raises(RegistrationError) as caught:
        session.layers.load(folders.project)
    assert "endpoint a runs the program steal for its api_key" in str(caught.value)
    assert "--trust" in str(caught.value)
    assert keys(session) == []
    assert session.layers.load(folders.project, trust=True).models == ("a",)


def test_a_project_file_does_not_change_what_is_locked(folders: Folders) -> None:
    folders.write(folders.site, SITE)
    session = sessions.current()
    folders.write(folders.project, model("gpt") + model("own"))
    loaded = session.layers.load(folders.project)
    assert loaded.models == ("own",)
    assert loaded.warnings == (f"the model gpt is left as it is: {folders.site} locks it",)


def test_a_default_of_a_project_that_does_not_exist_is_told(folders: Folders) -> None:
    folders.write(folders.project, 'default = "nobody"\n' + model("a"))
    loaded = sessions.current().layers.load(folders.project)
    assert loaded.default is None
    assert loaded.warnings == ("its default nobody is not registered",)


def test_five_thousand_models_of_a_file_are_registered(folders: Folders) -> None:
    folders.write(folders.user, "".join(model(f"m{number}") for number in range(5000)))
    assert len(keys(sessions.current())) == 5000


# What a project's rules can do

LOOSE = """\
[policy]
keys_over_http = true
hosts = ["*", "169.254.169.254", "metadata.google.internal"]
networks = ["0.0.0.0/0", "::/0", "169.254.169.254/32"]
[models.evil]
url = "http://evil.example.com/v1"
"""


@pytest.mark.parametrize("trust", [False, True])
def test_sec_31_the_rules_of_a_project_allow_nothing_by_themselves(folders: Folders, trust: bool) -> None:
    session = sessions.current()
    loaded = session.layers.load(folders.write(folders.project, LOOSE), trust=trust)
    assert loaded.policy is not None
    policies = session.policies
    for forbidden in (
        lambda: rules.check_host("169.254.169.254", 80, policies),
        lambda: rules.check_host("metadata.google.internal", 80, policies),
        lambda: rules.check_host("0xa9fea9fe", 80, policies),
        lambda: rules.check_address("models.test", "169.254.169.254", 80, policies),
        lambda: rules.check_key(Endpoint("http://models.test/v1"), policies, source="env:KEY"),
        lambda: session.register("mine", url="http://models.test/v1", api_key="env:KEY"),
    ):
        if trust:
            forbidden()
            continue
        with pytest.raises((Fault, RegistrationError)):
            forbidden()


def test_the_rules_of_a_project_forbid_like_all_others(folders: Folders) -> None:
    session = sessions.current()
    session.layers.load(folders.write(folders.project, '[policy]\nhosts = ["models.test"]\n'))
    rules.check_host("models.test", 443, session.policies)
    with pytest.raises(Fault):
        rules.check_host("other.test", 443, session.policies)


@pytest.mark.parametrize("linked", ["file", "folder"])
def test_a_file_for_everyone_behind_a_link_to_nowhere_may_set_rules(folders: Folders, linked: str) -> None:
    link = folders.site if linked == "file" else folders.site.parent
    link.parent.mkdir(parents=True, exist_ok=True)
    away = folders.site.parent.parent / "away"
    try:
        link.symlink_to(away)
    except OSError:
        pytest.skip("links cannot be made here")
    session = sessions.current()
    assert all(policy.broken for policy in session.policies)
    assert session.policies
    link.unlink()
    assert not session.policies


def test_favourites_stand_beside_the_persons_own_file_and_are_read_when_first_wanted(folders: Folders) -> None:
    session = sessions.current()
    session.layers.favourites.mark("a", liked=True)
    assert session.layers.favourites.path == folders.user.with_name("favourites.json")
    sessions.reset()
    assert sessions.current().layers.favourites.keys == {"a"}
