from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from byom_magics.log.cache import Cache, key
from byom_magics.log.kept import Kept

NAME = key("llama", "http://localhost:1/v1/chat/completions", '{"model": "m", "messages": []}')
HELLO = Kept(text="Hello")
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "answers")


def files(cache: Cache) -> list[Path]:
    return [path for path in cache.folder.rglob("*") if path.is_file()]


def test_what_was_put_is_found_by_its_name_only(cache: Cache) -> None:
    assert cache.get(NAME) is None
    assert cache.put(NAME, HELLO) == ""
    assert cache.get(NAME) == HELLO
    assert cache.get(key("other", "", "{}")) is None
    assert Cache(cache.folder).get(NAME) == HELLO


def test_a_name_depends_on_model_address_body_and_sample_and_not_on_the_order_of_fields() -> None:
    same = key("llama", "u", '{"a": 1, "b": [1, 2]}')
    assert same == key("llama", "u", '{"b":[1,2],"a":1}')
    others = [
        key("other", "u", '{"a": 1, "b": [1, 2]}'),
        key("llama", "v", '{"a": 1, "b": [1, 2]}'),
        key("llama", "u", '{"a": 1, "b": [2, 1]}'),
        key("llama", "u", '{"a": 1, "b": [1, 2]}', 1),
        key("llama", "u", "no JSON"),
    ]
    assert len({same, *others}) == 6


def test_nothing_of_the_question_is_written_down(cache: Cache) -> None:
    name = key("llama", "http://secret-host/v1", '{"messages": "the question", "key": "sk-canary-0123456789"}')
    cache.put(name, HELLO)
    for path in files(cache):
        assert not any(word in path.name + path.read_text() for word in ("question", "secret-host", "canary"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_its_owner_may_read_an_answer(cache: Cache) -> None:
    cache.put(NAME, HELLO)
    (path,) = files(cache)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert cache.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff\xfe", b'{"version": 99}', b"[" * 100_000, b'"text"'])
def test_a_file_that_is_no_answer_is_none_and_makes_room_for_one(cache: Cache, broken: bytes) -> None:
    cache.put(NAME, HELLO)
    (path,) = files(cache)
    path.write_bytes(broken)
    assert cache.get(NAME) is None
    assert not files(cache)
    assert cache.put(NAME, HELLO) == ""
    assert cache.get(NAME) == HELLO


def test_a_file_that_is_larger_than_any_answer_is_not_read(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(NAME, HELLO)
    (path,) = files(cache)
    with path.open("r+b") as file:
        file.truncate(21 * 1024 * 1024)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    assert cache.get(NAME) is None
    assert not files(cache)


def test_a_folder_in_the_place_of_an_answer_is_none_and_is_told(cache: Cache) -> None:
    cache.put(NAME, HELLO)
    (path,) = files(cache)
    path.unlink()
    path.mkdir()
    assert cache.get(NAME) is None
    assert cache.size() == (0, 0)
    assert "not kept in the cache" in cache.put(NAME, HELLO)


def test_what_a_process_did_not_live_to_finish_is_taken_away(cache: Cache) -> None:
    cache.put(NAME, HELLO)
    (path,) = files(cache)
    old, fresh = path.with_name(".0123.tmp"), path.with_name(".4567.tmp")
    for each in (old, fresh):
        each.write_bytes(b"{")
    os.utime(old, (0, 0))
    Cache(cache.folder).put(NAME, HELLO)
    assert sorted(files(cache)) == sorted([path, fresh])
    cache.clear()
    assert not files(cache)


def test_a_folder_that_cannot_be_written_to_is_told_and_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    told = Cache(tmp_path / "file" / "answers").put(NAME, HELLO)
    assert "not kept in the cache" in told
    assert Cache(tmp_path / "file" / "answers").get(NAME) is None


def test_an_answer_that_is_too_large_is_not_kept(cache: Cache) -> None:
    assert "larger than 20 MB" in cache.put(NAME, Kept(text="x" * (21 * 1024 * 1024)))
    assert not files(cache)


def test_an_answer_that_cannot_be_written_whole_leaves_nothing_behind(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert "No space left" in cache.put(NAME, HELLO)
    assert not files(cache)


def test_the_oldest_answers_go_when_there_are_too_many_bytes(tmp_path: Path) -> None:
    size = len(json.dumps("x" * 1000))
    cache = Cache(tmp_path, most_bytes=10 * size)
    names = [key("llama", "u", str(number)) for number in range(30)]
    for age, name in enumerate(names):
        cache.put(name, Kept(text="x" * 1000))
        path = next(tmp_path.glob(f"??/{name}.json"))
        os.utime(path, (age, age))
    assert cache.size()[1] <= 10 * size
    assert cache.get(names[-1]) is not None
    assert cache.get(names[0]) is None


def test_clearing_takes_all_away_and_says_how_much(cache: Cache) -> None:
    assert cache.clear() == (0, 0)
    cache.put(NAME, HELLO)
    cache.put(key("llama", "u", "{}"), HELLO)
    count, size = cache.size()
    assert (count, size > 0) == (2, True)
    assert cache.clear() == (count, size)
    assert (cache.size(), cache.get(NAME)) == ((0, 0), None)
    assert cache.put(NAME, HELLO) == ""


AT_ONCE = """
import sys
from pathlib import Path
from byom_magics.log.cache import Cache, key
from byom_magics.log.kept import Kept

cache = Cache(Path(sys.argv[1]), most_bytes=20_000)
for number in range(200):
    name = key("llama", "u", str(number % 40))
    kept = cache.get(name)
    assert kept is None or kept.text == "x" * 1000, kept
    told = cache.put(name, Kept(text="x" * 1000))
    assert not told or sys.platform == "win32", told
"""


def test_several_processes_use_one_folder_at_once(cache: Cache) -> None:
    commands = [[sys.executable, "-c", AT_ONCE, str(cache.folder)]] * 4
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) for command in commands]
    assert [process.communicate(timeout=120)[1] for process in running] == [""] * 4
    assert {path.suffix for path in files(cache)} == {".json"}
    assert cache.clear()[0] > 0


def test_letters_that_cannot_be_written_as_utf_8_are_kept_too(cache: Cache) -> None:
    odd = Kept(text="half \ud83d of one")
    cache.put(NAME, odd)
    assert cache.get(NAME) in (odd, None)
