from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from byom_magics.catalog import files, own_file
from byom_magics.catalog.writing import write_default, write_entries
from byom_magics.errors import RegistrationError

GPT = {
    "models": {"gpt": {"url": "http://localhost:1/v1", "prices": {"input": 1}, "tags": ["a"], "timeouts": {"idle": "off"}}}
}  # fmt: skip
posix = pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "byom_magics" / "byom.toml"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def test_a_file_that_is_not_there_is_made(path: Path) -> None:
    write_entries(path, GPT)
    assert files.read(path).models["gpt"]["prices"] == {"input": 1}
    assert sorted(each.name for each in path.parent.iterdir()) == ["byom.toml", "byom.toml.lock"]


@posix
def test_what_is_written_is_for_its_owner_only(path: Path) -> None:
    write_entries(path, GPT)
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700
    path.chmod(0o644)
    write_default(path, "gpt")
    assert mode(path) == 0o600


WRITTEN = """\
# My models

default = "a"  # for now

[models.a]  # the first
url = "http://localhost:1/v1"   # at home
model   =   'odd'

# local ones
[endpoints.here]
url = "http://localhost:2/v1"

[models.b]
endpoint = "here"
# the end
"""


def test_all_that_stands_in_a_file_is_kept_as_it_is_written(path: Path) -> None:
    put(path, WRITTEN)
    write_entries(path, GPT)
    lines = path.read_text().splitlines()
    assert [line for line in WRITTEN.splitlines() if line not in lines] == []
    assert set(files.read(path).models) == {"a", "b", "gpt"}


def test_a_default_replaces_the_one_before_and_its_comment_stays(path: Path) -> None:
    put(path, WRITTEN)
    write_default(path, "b")
    assert path.read_text() == WRITTEN.replace('default = "a"', 'default = "b"')


def test_a_model_that_was_saved_before_is_replaced_in_its_place(path: Path) -> None:
    put(path, WRITTEN)
    write_entries(path, {"models": {"a": {"url": "http://localhost:9/v1", "temperature": 1}}})
    changed = WRITTEN.replace("localhost:1", "localhost:9").replace("model   =   'odd'", "temperature = 1")
    assert path.read_text() == changed


def test_saving_the_same_again_changes_nothing(path: Path) -> None:
    write_entries(path, GPT)
    write_default(path, "gpt")
    before = path.read_bytes(), path.stat().st_ino
    write_entries(path, GPT)
    write_default(path, "gpt")
    assert (path.read_bytes(), path.stat().st_ino) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        'models = {a = {url = "http://localhost:1/v1"}}\n',
        'models.a.url = "http://localhost:1/v1"\n',
        '[models]\na = {url = "http://localhost:1/v1"}\n',
        '[models.gpt]\nurl = "http://old:1/v1"\n[models.gpt.prices]\noutput = 2\n[models.z]\nurl = "http://z:1/v1"\n',
        'models.gpt = {url = "http://old:1/v1", prices = {input = 3}}\n',
        '[models."gpt"]\nurl = "http://old:1/v1"\ntimeouts.idle = 3\n',
        WRITTEN,
    ],
)
def test_whatever_way_a_file_is_written_in_it_is_added_to(path: Path, text: str) -> None:
    put(path, text)
    before = files.read(path)
    write_entries(path, GPT)
    write_entries(path, {"endpoints": {"e": {"url": "http://localhost:3/v1"}}, "models": {"a/b": {"endpoint": "e"}}})
    write_default(path, "gpt")
    after = files.read(path)
    assert after.models["gpt"]["prices"] == {"input": 1}
    assert after.models["a/b"] == {"endpoint": "e"}
    assert after.default == "gpt"
    assert {key: after.models[key] for key in before.models if key != "gpt"} == {
        key: table for key, table in before.models.items() if key != "gpt"
    }


@pytest.mark.parametrize("text", [WRITTEN.replace("\n", "\r\n"), "\ufeff" + WRITTEN])
def test_line_ends_and_marks_of_windows_editors_stay(path: Path, text: str) -> None:
    put(path, text)
    write_entries(path, GPT)
    written = path.read_bytes().decode()
    assert written.startswith("\ufeff") == text.startswith("\ufeff")
    assert written.count("\r\n") == (written.count("\n") if "\r\n" in text else 0)
    assert set(files.read(path).models) == {"a", "b", "gpt"}


@posix
def test_a_link_stays_one_and_the_file_that_it_leads_to_is_written(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "byom.toml"
    put(real, WRITTEN)
    path.parent.mkdir(parents=True)
    path.symlink_to(real)
    write_entries(path, GPT)
    assert path.is_symlink()
    assert "gpt" in files.read(real).models


# What is not touched


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[models", "has something wrong in it, so nothing is written into it: line 1: it is no TOML"),
        ("[modls.a]\n", "modls: there is no such field; did you mean models?"),
        ('[[models]]\nkey = "a"\nbaseURL = "http://localhost:1/v1"\n', "has its models as a list"),
    ],
)
def test_a_file_that_cannot_be_added_to_stays_as_it_is(path: Path, text: str, says: str) -> None:
    put(path, text)
    with pytest.raises(RegistrationError) as caught:
        write_entries(path, GPT)
    assert says in str(caught.value)
    assert "Next: " in str(caught.value)
    assert path.read_text() == text


def test_a_file_is_written_whole_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(path, WRITTEN)

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RegistrationError) as caught:
        write_entries(path, GPT)
    assert "No space left on device" in str(caught.value)
    assert path.read_text() == WRITTEN
    assert sorted(each.name for each in path.parent.iterdir()) == ["byom.toml", "byom.toml.lock"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    put(tmp_path / "file", "")
    with pytest.raises(RegistrationError) as caught:
        write_entries(tmp_path / "file" / "byom.toml", GPT)
    assert "cannot be written" in str(caught.value)


def test_what_would_be_spoilt_is_not_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tomlkit

    put(path, WRITTEN)
    monkeypatch.setattr(tomlkit, "dumps", lambda _: 'default = "spoilt"\n')
    with pytest.raises(RegistrationError) as caught:
        write_entries(path, GPT)
    assert "it stays as it is" in str(caught.value)
    assert path.read_text() == WRITTEN


# Many kernels


def test_kernels_that_save_at_once_lose_nothing_of_each_other(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from byom_magics.catalog.writing import write_entries\n"
        "for n in range(10):\n"
        "    url = f'http://localhost:{n + 1}/v1'\n"
        "    write_entries(Path(sys.argv[1]), {'models': {f'{sys.argv[2]}{n}': {'url': url}}})"
    )
    kernels = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "abcd"]
    assert [kernel.wait(timeout=60) for kernel in kernels] == [0, 0, 0, 0]
    assert set(files.read(path).models) == {f"{name}{number}" for name in "abcd" for number in range(10)}


def test_a_lock_that_is_never_given_back_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_file, "_PATIENCE_S", 0.05)
    put(path, WRITTEN)
    with own_file.alone(path), pytest.raises(RegistrationError) as caught:
        write_entries(path, GPT)
    assert "Another kernel has been writing" in str(caught.value)
    assert path.read_text() == WRITTEN
