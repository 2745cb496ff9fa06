from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import byom_magics as byom
from byom_magics import errors
from byom_magics.catalog import files
from tests.magics.notebook import Notebook, notebook

CANARY = "canary-0123456789-abcdef"


def own_file() -> Path:
    return Path(os.environ["XDG_CONFIG_HOME"]) / "byom_magics" / "byom.toml"


def site_file() -> Path:
    return Path(os.environ["XDG_CONFIG_DIRS"]) / "byom_magics" / "byom.toml"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# Loading


def test_a_file_is_loaded_and_what_it_brought_is_told(nb: Notebook, tmp_path: Path) -> None:
    path = write(
        tmp_path / "byom.toml",
        'default = "gpt"\n[policy]\nports = [443]\n[endpoints.company]\nurl = "https://llm.example.com/v1"\n'
        'api_key = "env:COMPANY_KEY"\n[models.gpt]\nendpoint = "company"\n',
    )
    assert nb.ok(f"%byom_register --file {path}").printed.splitlines() == [
        f"Loaded {path}: models gpt; endpoints company; default gpt; a policy, which holds from now on.",
        "Key: env:COMPANY_KEY goes to https://llm.example.com:443.",
    ]
    assert byom.models["gpt"].source == str(path)
    assert byom.models.default == "gpt"
    assert "Replaced: gpt." in nb.ok(f"%byom_register --file '{path}'").printed


def test_a_file_with_problems_is_refused_with_all_of_them(nb: Notebook, tmp_path: Path) -> None:
    path = write(tmp_path / "byom.toml", '[models.a]\nurl = "http://localhost:1"\nx = 1\nmax_tokens = 0\n')
    message = nb.fails(f"%byom_register --file {path}", errors.RegistrationError)
    assert f"{path} has 2 problems:" in message
    assert "line 3, models.a.x" in message
    assert "line 4, models.a.max_tokens" in message
    assert "a" not in byom.models


def test_sec_28_a_file_that_runs_a_program_needs_trust(nb: Notebook, tmp_path: Path) -> None:
    path = write(tmp_path / "byom.toml", '[models.a]\nurl = "https://a.example.com/v1"\napi_key = "command:vault"\n')
    message = nb.fails(f"%byom_register --file {path}", errors.RegistrationError)
    assert "endpoint a runs the program vault" in message
    assert "--trust" in message
    assert "a" not in byom.models
    cell = nb.ok(f"%byom_register --file {path} --trust")
    assert "Key: command:vault goes to https://a.example.com:443." in cell.printed


def test_sec_20_a_literal_key_of_the_list_form_is_warned_of_and_shown_nowhere(nb: Notebook, tmp_path: Path) -> None:
    entry = {"key": "gpt", "baseURL": "https://llm.example.com/v1", "apiKey": CANARY, "modelName": "m"}
    path = write(tmp_path / "models.json", json.dumps({"models": [entry]}))
    cell = nb.ok(f"%byom_register --file {path}")
    assert "models.0.apiKey is a key itself; it is kept for this session only." in cell.printed
    assert '"apiKey": "keyring:gpt"' in cell.printed
    assert CANARY not in cell.everything
    assert CANARY not in nb.ok("%byom_models").everything
    assert "session" in nb.fails(
        "%byom_register other --endpoint gpt --save", errors.SecretError
    )  # its endpoint's key is known to this session only
    assert not own_file().exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("gpt --file a.toml", "gpt does not go with --file"),
        ("--file a.toml --url http://localhost:1", "--url does not go with --file"),
        ("--file a.toml --save", "--save does not go with --file"),
        ("gpt --url http://localhost:1 --trust", "--trust is about a file"),
        ("--file", "--file has no value"),
    ],
)
def test_what_does_not_go_together_is_told(nb: Notebook, line: str, says: str) -> None:
    assert says in nb.fails(f"%byom_register {line}", errors.OptionError)


def test_a_file_that_is_not_there_is_told(nb: Notebook) -> None:
    message = nb.fails("%byom_register --file none.toml", errors.RegistrationError)
    assert "none.toml: it cannot be read: No such file" in message


# Saving


def test_a_saved_model_and_default_are_known_to_the_next_process(nb: Notebook) -> None:
    cell = nb.ok("%byom_register claude --preset anthropic --model claude-x --temperature 0.5 --save")
    assert f"Saved claude in {own_file()}: the next session knows it." in cell.printed
    nb.ok("%byom_default claude --save")
    assert [line for line in own_file().read_text().split("\n") if line] == [
        'default = "claude"', "[models.claude]", 'preset = "anthropic"', 'model = "claude-x"', "temperature = 0.5",
    ]  # fmt: skip
    script = (
        "import byom_magics as b; s = b.models['claude'];"
        "print(s.model, s.endpoint.preset, s.temperature, b.models.default, s.source)"
    )
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert run.stdout.split() == ["claude-x", "anthropic", "0.5", "claude", str(own_file())]


def test_a_default_that_is_saved_without_its_model_is_told(nb: Notebook) -> None:
    nb.ok("%byom_register gpt --url http://localhost:1/v1")
    assert "gpt itself is not saved" in nb.ok("%byom_default gpt --save").printed
    assert "not saved" not in nb.ok("%byom_default demo/5gram --save").printed
    nb.ok("%byom_register gpt --url http://localhost:1/v1 --save")
    assert "not saved" not in nb.ok("%byom_default gpt --save").printed
    assert files.read(own_file()).default == "gpt"


def test_a_default_is_saved_by_its_key(nb: Notebook) -> None:
    assert "the key is missing" in nb.fails("%byom_default --save", errors.OptionError)
    nb.fails("%byom_default nobody --save", errors.UnknownModelError)
    assert not own_file().exists()


def test_what_cannot_be_saved_is_told_and_stays_registered(nb: Notebook) -> None:
    nb.names["mend"] = lambda body: body
    message = nb.fails(
        "%byom_register gpt --url http://localhost:1/v1 --request-transformer mend --save", errors.RegistrationError
    )
    assert "no file can hold" in message
    assert "gpt" in byom.models
    assert not own_file().exists()


def test_a_key_on_the_line_is_neither_registered_nor_saved(nb: Notebook) -> None:
    cell = nb.run(f"%byom_register gpt --url https://a.example.com/v1 --api-key {CANARY} --save")
    assert isinstance(cell.error, errors.SecretError)
    assert "gpt" not in byom.models
    assert not own_file().exists()


# Files that are there when the extension is loaded


def test_models_of_files_are_there_and_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    write(site_file(), '[models.gpt]\nurl = "http://localhost:1/v1"\nlocked = true\n')
    write(own_file(), '[models.a]\nurl = "http://localhost:1/v1"\ntemprature = 1\n')
    with notebook() as nb:
        assert nb.ok("%load_ext byom_magics").printed == (
            f"byom_magics: {own_file()} is not used: line 3, models.a.temprature: "
            "there is no such field; did you mean temperature?\n"
        )
        assert "gpt" in byom.models
        assert nb.ok("%reload_ext byom_magics").printed == ""
        message = nb.fails("%byom_register gpt --url http://localhost:2/v1 --save", errors.RegistrationError)
        assert str(site_file()) in message
        message = nb.fails("%byom_register b --url http://localhost:2/v1 --save", errors.RegistrationError)
        assert "has something wrong in it" in message


def test_a_broken_file_with_rules_refuses_every_call_until_it_is_mended() -> None:
    write(site_file(), "[policy]\nhosts = [\n")
    with notebook() as nb:
        assert "nothing may be called until it is mended" in nb.ok("%load_ext byom_magics").printed
        nb.ok("%byom_register gpt --url http://127.0.0.1:1/v1")
        assert str(site_file()) in nb.fails("%byom gpt hello", errors.PolicyError)
        write(site_file(), '[policy]\nhosts = ["127.0.0.1"]\n')
        nb.fails("%byom gpt hello", errors.ConnectError)


def test_the_settings_choose_the_default_before_the_files_do() -> None:
    write(own_file(), 'default = "demo/5gram"\n')
    with notebook({"default_model": "demo/bigram"}) as nb:
        nb.ok("%load_ext byom_magics")
        assert byom.models.default == "demo/bigram"


def test_a_default_of_a_file_holds_without_settings_and_after_a_reload() -> None:
    write(own_file(), 'default = "demo/5gram"\n')
    with notebook() as nb:
        nb.ok("%load_ext byom_magics")
        assert byom.models.default == "demo/5gram"
        nb.ok("%reload_ext byom_magics")
        assert byom.models.default == "demo/5gram"
        nb.ok("%byom_default demo/bigram\n%reload_ext byom_magics")
        assert byom.models.default == "demo/bigram"


def test_a_default_of_a_file_waits_for_its_model() -> None:
    write(own_file(), 'default = "later"\n')
    with notebook() as nb:
        nb.ok("%load_ext byom_magics")
        assert byom.models.default is None
        nb.ok("%byom_register later --url http://localhost:1/v1")
        assert byom.models.default == "later"
