from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.catalog import files
from byom_magics.errors import RegistrationError, SecretError

if TYPE_CHECKING:
    from byom_magics.catalog.document import Document

CANARY = "canary-0123456789-abcdef"
TOML = """\
default = "gpt"
[policy]
hosts = ["llm.example.com"]
[endpoints.company]
url = "https://llm.example.com/v1"
api_key = "env:COMPANY_KEY"
headers = {X-Tenant = "a"}
[models.gpt]
endpoint = "company"
model = "gpt-4o"
prices = {input = 2.5, output = 10}
locked = true
"""


def written(folder: Path, text: str | bytes, name: str = "byom.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(path: Path, kind: type[Exception] = RegistrationError) -> str:
    with pytest.raises(kind) as caught:
        files.read(path)
    assert str(path) in str(caught.value)
    assert "Next: " in str(caught.value)
    return str(caught.value)


def same(one: Document, other: Document) -> bool:
    return (one.models, one.endpoints, one.default, one.locked_models) == (
        other.models, other.endpoints, other.default, other.locked_models,
    )  # fmt: skip


def test_a_file_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, TOML)
    document = files.read(path)
    assert document.source == str(path)
    assert document.default == "gpt"
    assert document.models == {
        "gpt": {"endpoint": "company", "model": "gpt-4o", "prices": {"input": 2.5, "output": 10}}
    }
    assert document.endpoints["company"]["headers"] == {"X-Tenant": "a"}
    assert document.policy is not None
    assert document.policy.hosts == ("llm.example.com",)
    assert document.locked_models == {"gpt"}
    assert not document.warnings


@pytest.mark.parametrize("name", ["byom.json", "byom.JSON", "models.txt", "byom.toml"])
def test_json_of_the_same_shape_says_the_same(tmp_path: Path, name: str) -> None:
    toml = files.read(written(tmp_path, TOML))
    assert same(files.read(written(tmp_path, json.dumps(files.parse(TOML)), name)), toml)


@pytest.mark.parametrize("text", [TOML.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + TOML.encode()])
def test_files_of_windows_editors_are_read(tmp_path: Path, text: bytes) -> None:
    toml = files.read(written(tmp_path, TOML))
    assert same(files.read(written(tmp_path, text)), toml)


@pytest.mark.parametrize("text", [b"", b"\n\n# nothing\n", b"{}"])
def test_an_empty_file_says_nothing(tmp_path: Path, text: bytes) -> None:
    document = files.read(written(tmp_path, text))
    assert not {**document.models, **document.endpoints}
    assert (document.policy, document.default) == (None, None)


# What is wrong


def test_problems_name_the_file_the_line_and_the_field(tmp_path: Path) -> None:
    text = TOML.replace("prices =", "price =").replace("10}", "10}\ntemperature = 'hot'").replace("[policy]", "[polcy]")
    lines = refused(written(tmp_path, text)).splitlines()
    assert lines[0] == f"{tmp_path / 'byom.toml'} has 3 problems:"
    assert lines[1].startswith("  line 2, polcy: there is no such field; did you mean policy?")
    assert lines[2] == "  line 11, models.gpt.price: there is no such field; did you mean prices?"
    assert lines[3] == "  line 12, models.gpt.temperature: wanted a number of 0 or more, not a text"


def test_problems_in_json_name_the_path(tmp_path: Path) -> None:
    path = written(tmp_path, '{"models": {"a": {"url": "http://localhost:1", "tags": "x"}}}', "byom.json")
    assert f"{path}: models.a.tags: wanted a list of texts" in refused(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = \n", "line 1: it is no TOML that can be read: Invalid value"),
        ("\n\n[models\n", "line 3: it is no TOML"),
        ("default = 'a'\ndefault = 'b'\n", "overwrite a value"),
        ('{"a": 1,\n"b": }', "line 2: it is no JSON"),
        ('{"models": {"a": 1, "a": 2}}', "it is no JSON that can be read: the field a stands twice in one object"),
        ('{"a": NaN}', "it is no JSON that can be read: NaN is no number"),
        (b"default = '\xff'\n", "line 1: it is not UTF-8; save it as UTF-8"),
        (b"default = 'a\x00'\n", "it is no TOML that can be read: "),
        ("a = " + "[" * 100_000, "it is nested too deep"),
        ('{"a":' * 100_000, "it is nested too deep"),
        ("a" + ".a" * 500_000 + " = 1", "a name has more than 30 parts"),
        ("a" + " . a" * 500_000 + " = 1", "a name has more than 30 parts"),
        ('"a"' + '."a"' * 500_000 + " = 1", "a name has more than 30 parts"),
        ("[a" + ".a" * 500_000 + "]", "a name has more than 30 parts"),
        ("a = " + '"""' * 300_001, "it is no TOML"),
        ("a" * 4_000_000, "it is no TOML"),
        ('{"a": ' + "1" * 100_000 + "}", "it is no JSON that can be read: Exceeds the limit"),
        (" " * (9 * 1024 * 1024), "it is larger than 8 MiB"),
        ("".join(f"x{n} = 1\n" for n in range(50_000)), "has 50,000 problems"),
    ],
    ids=range(19),
)  # fmt: skip
def test_what_is_no_configuration_does_no_harm(tmp_path: Path, text: str | bytes, says: str) -> None:
    message = refused(written(tmp_path, text))
    assert says in message
    assert len(message) < 5000


def test_a_syntax_error_of_json_is_one_even_where_toml_was_meant(tmp_path: Path) -> None:
    assert "it is no JSON" in refused(written(tmp_path, "[1, 2]", "byom.json"))


def test_a_list_of_json_is_no_configuration(tmp_path: Path) -> None:
    assert "wanted an object at its top" in refused(written(tmp_path, "[]", "byom.json"))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "it cannot be read: No such file" in refused(tmp_path / "none.toml")


def test_a_folder_a_pipe_and_a_device_are_no_files(tmp_path: Path) -> None:
    assert "it is no file" in refused(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "it is no file" in refused(tmp_path / "pipe")
    if Path("/dev/zero").exists():
        assert "it is no file" in refused(Path("/dev/zero"))


def test_control_characters_of_a_file_are_shown_and_do_nothing(tmp_path: Path) -> None:
    message = refused(written(tmp_path, '"\\u001b[2J\\u202e" = 1\n[models."\\u001b[2J"]\nurl = "http://localhost:1"\n'))
    assert "\x1b" not in message
    assert "\u202e" not in message


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_read_or_told(tmp_path_factory: Any, text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    document = files.examine(written(tmp_path_factory.getbasetemp(), content))
    assert (document.error is None) == (document.problem_count == 0)


# Keys


def test_sec_21_a_key_in_a_file_is_refused_with_its_line_and_not_repeated(tmp_path: Path) -> None:
    path = written(tmp_path, TOML.replace("env:COMPANY_KEY", CANARY))
    message = refused(path, SecretError)
    assert f"{path}: line 6, endpoints.company.api_key: this is a key itself" in message
    assert CANARY not in message


@pytest.mark.parametrize("name", ["byom.json", "byom.toml"])
def test_the_list_form_hands_its_keys_over(tmp_path: Path, name: str) -> None:
    entry = {"key": "gpt", "baseURL": "https://llm.example.com/v1", "apiKey": CANARY}
    text = json.dumps({"models": [entry]})
    if name == "byom.toml":
        text = "[[models]]\n" + "".join(f"{field} = {json.dumps(value)}\n" for field, value in entry.items())
    held = []

    def hold(*what: str) -> str:
        held.append(what)
        return "session:gpt"

    document = files.read(written(tmp_path, text, name), hold=hold)
    assert held == [("gpt", CANARY, "https://llm.example.com/v1")]
    assert document.models["gpt"]["api_key"] == "session:gpt"
    assert ('apiKey = "keyring:gpt"' if name == "byom.toml" else '"apiKey": "keyring:gpt"') in document.warnings[0]
    assert CANARY not in f"{document!r}{document.warnings}"


def test_without_a_place_for_them_such_keys_are_refused(tmp_path: Path) -> None:
    entry = {"key": "gpt", "baseURL": "https://llm.example.com/v1", "apiKey": CANARY}
    with pytest.raises(SecretError) as caught:
        files.read(written(tmp_path, json.dumps({"models": [entry]}), "byom.json"))
    assert CANARY not in str(caught.value)


# Guards


@pytest.mark.parametrize(
    ("text", "guards"),
    [
        (TOML, True),
        ("[policy\nhosts = []", True),
        ("[models.a]\nlocked = tru", True),
        ("[models.a]\nurl = ", False),
        ("", False),
        (b"\xff", True),
    ],
)
def test_a_file_that_sets_rules_is_known_even_where_it_is_broken(
    tmp_path: Path, text: str | bytes, *, guards: bool
) -> None:
    assert files.examine(written(tmp_path, text)).guards == guards


def test_a_file_that_cannot_be_opened_may_set_rules(tmp_path: Path) -> None:
    assert files.examine(tmp_path / "none.toml").guards


def test_five_thousand_models_are_read(tmp_path: Path) -> None:
    text = "".join(f'[models.m{n}]\nurl = "http://localhost:1/v1"\ntags = ["a"]\n' for n in range(5000))
    assert len(files.read(written(tmp_path, text)).models) == 5000


def test_the_example_names_no_model_that_the_shipped_files_lack() -> None:
    # What a person finds beside the module is what an installed package has too.
    script = "from importlib import resources as r; f = r.files('byom_magics.catalog'); "
    script += "print(f.joinpath('example.toml').is_file(), f.joinpath('byom.schema.json').is_file())"
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert run.stdout.split() == ["True", "True"]
