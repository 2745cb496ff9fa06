from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from byom_magics.catalog import own_file
from byom_magics.catalog.favourites import Favourites

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "favourites.json"


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_model_that_is_marked_is_known_to_the_next_session(path: Path) -> None:
    assert Favourites(path).mark("work/größe", liked=True) == ""
    assert Favourites(path).keys == {"work/größe"}
    assert Favourites(path).mark("work/größe", liked=False) == ""
    assert Favourites(path).keys == frozenset()


def test_nothing_is_read_before_it_is_wanted_and_nothing_written_by_reading(path: Path) -> None:
    favourites = Favourites(path)
    put(path, '{"favourites": ["late"]}')
    assert favourites.keys == {"late"}
    assert favourites.read() == ""
    assert [each.name for each in path.parent.iterdir()] == ["favourites.json"]


def test_no_file_is_no_favourites_and_no_note(path: Path) -> None:
    favourites = Favourites(path)
    assert (favourites.read(), favourites.keys) == ("", frozenset())
    assert not path.parent.exists()


@posix
def test_the_file_is_for_the_person_alone(path: Path) -> None:
    Favourites(path).mark("a", liked=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
def test_what_a_link_leads_to_is_replaced_and_not_the_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "synced" / "mine.json"
    put(real, '{"favourites": ["a"]}')
    path.parent.mkdir()
    path.symlink_to(real)
    Favourites(path).mark("b", liked=True)
    assert path.is_symlink()
    assert json.loads(real.read_text()) == {"favourites": ["a", "b"]}


def test_what_else_stands_in_the_file_is_kept(path: Path) -> None:
    put(path, '{"comment": "mine", "favourites": ["b", "a"]}')
    Favourites(path).mark("aa", liked=True)
    assert json.loads(path.read_text()) == {"comment": "mine", "favourites": ["b", "a", "aa"]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no JSON that can be read"),
        ("", "no JSON that can be read"),
        ("\ufffe\x00", "no JSON that can be read"),
        ("[" * 100_000, "no JSON that can be read"),
        ('["a"]', "no JSON object"),
        ('{"favourites": "a"}', "no list of keys"),
        ('{"favourites": ["a", 1]}', "no list of keys"),
        ('{"favourites": ["' + "a" * 1024 * 1024 + '"]}', "more than 1 MB"),
    ],
)
def test_a_broken_file_is_told_and_stays_as_it_is(path: Path, text: str, why: str) -> None:
    put(path, text)
    favourites = Favourites(path)
    assert why in favourites.read()
    assert favourites.keys == frozenset()
    note = favourites.mark("a", liked=True)
    assert "for the session only" in note
    assert why in note
    assert favourites.keys == {"a"}
    assert path.read_text(encoding="utf-8") == text


def test_what_holds_for_the_session_is_kept_once_the_file_is_mended(path: Path) -> None:
    put(path, "{")
    favourites = Favourites(path)
    favourites.mark("a", liked=True)
    favourites.mark("gone", liked=False)
    put(path, '{"favourites": ["gone", "b"]}')
    assert favourites.read() == ""
    assert favourites.keys == {"a", "b"}
    assert favourites.mark("c", liked=True) == ""
    assert Favourites(path).keys == {"a", "b", "c"}


def test_a_file_that_cannot_be_written_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    favourites = Favourites(path)
    assert "(No space left on device)" in favourites.mark("a", liked=True)
    assert favourites.keys == {"a"}
    assert not path.exists()


def test_a_folder_in_its_place_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    favourites = Favourites(path)
    assert "is no file" in favourites.read()
    assert "is no file" in favourites.mark("a", liked=True)


def test_a_lock_that_is_never_given_back_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_file, "_PATIENCE_S", 0.05)
    path.parent.mkdir()
    with own_file.alone(path):
        assert "Another kernel has been writing" in Favourites(path).mark("a", liked=True)


def test_each_change_is_made_to_what_the_file_says_then(path: Path) -> None:
    one, other = Favourites(path), Favourites(path)
    assert one.keys == other.keys == frozenset()
    one.mark("a", liked=True)
    other.mark("b", liked=True)
    assert other.keys == {"a", "b"}
    one.mark("a", liked=False)
    assert one.keys == Favourites(path).keys == {"b"}


def test_kernels_that_mark_at_once_lose_nothing_of_each_other(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from byom_magics.catalog.favourites import Favourites\n"
        "favourites = Favourites(Path(sys.argv[1]))\n"
        "for n in range(10):\n"
        "    assert favourites.mark(f'{sys.argv[2]}{n}', liked=True) == ''"
    )
    kernels = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "abcd"]
    assert [kernel.wait(timeout=60) for kernel in kernels] == [0, 0, 0, 0]
    assert Favourites(path).keys == {f"{name}{number}" for name in "abcd" for number in range(10)}


def test_who_watches_is_told_of_each_change(path: Path) -> None:
    favourites, told = Favourites(path), []
    unwatch = favourites.watch(lambda: told.append(sorted(favourites.keys)))
    favourites.mark("a", liked=True)
    put(path, '{"favourites": ["b"]}')
    favourites.read()
    favourites.read()
    unwatch()
    favourites.mark("c", liked=True)
    assert told == [["a"], ["b"]]
