from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.errors import OptionError
from byom_magics.study import pooling
from byom_magics.study.vote import Vote
from tests.study.ballots import NOON, PROMPT, vote

labels = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


def refusal(path: Path) -> str:
    with pytest.raises(OptionError) as caught:
        pooling.read(path)
    message = str(caught.value)
    assert path.name in message
    assert "\nNext: " in message
    return message


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A file of three votes, of which the second is changed."""
    document = json.loads(pooling.as_json([vote("a b", "a"), vote("a b", "b"), vote("a b", "tie")]))
    change(document["votes"][1])
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_the_json_file_can_be_read_by_people_too(tmp_path: Path) -> None:
    path = tmp_path / "votes.json"
    pooling.write(path, [vote("modèle b", "b", voter="Zoë")])
    text = path.read_text(encoding="utf-8")
    assert text.startswith('{\n  "format": "byom_magics votes",\n  "version": 1,\n')
    assert '"modèle"' in text
    assert '"voter": "Zoë"' in text
    assert '"when": "2026-03-31T12:00:00+00:00"' in text


def test_the_prompt_itself_is_in_no_file() -> None:
    votes = [vote("a b", "a")]
    assert "sky" not in pooling.as_json(votes) + pooling.as_csv(votes)


def test_no_cell_of_the_table_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    pooling.write(path, [Vote(PROMPT, ("=cmd()", "@b"), "win", "=cmd()", NOON, "+1")])
    with path.open(encoding="utf-8", newline="") as file:
        head, row = csv.reader(file)
    assert head == ["version", "id", "prompt", "shown", "outcome", "winner", "when", "voter"]
    assert not any(cell.startswith(("=", "@", "+", "-")) for cell in row)
    assert pooling.read(path)[0].winner == "=cmd()"


@given(st.lists(labels, min_size=2, max_size=8).filter(lambda some: len(set(some)) > 1), st.text(max_size=20))
def test_what_is_written_is_read_back(shown: list[str], voter: str) -> None:
    made = Vote(PROMPT, tuple(shown), "win", shown[0], NOON, voter)
    for name, text in (("x.json", pooling.as_json([made])), ("x.csv", pooling.as_csv([made]))):
        # Without files, which are slow: the same as `read` does with what it has read.
        assert pooling._parsed(name, text) == [made]


def test_a_table_that_a_spreadsheet_has_saved_is_read(tmp_path: Path) -> None:
    made = [vote("a b", "a", voter="Ada"), vote("b a", "tie")]
    path = tmp_path / "votes.CSV"
    text = "\ufeff" + pooling.as_csv(made).replace("\n", "\r\n") + "\r\n"
    path.write_bytes(text.encode())
    assert pooling.read(path) == made


@pytest.mark.parametrize("sign", [";", "\t"])
def test_a_table_that_a_spreadsheet_of_another_language_has_saved_is_read(tmp_path: Path, sign: str) -> None:
    made = [vote("a b", "a", voter="Ada"), vote("b a", "tie")]
    path = tmp_path / "votes.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=sign).writerows(csv.reader(pooling.as_csv(made).splitlines()))
    assert pooling.read(path) == made


def test_the_same_vote_twice_in_a_file_counts_once(tmp_path: Path) -> None:
    made = vote("a b", "a")
    path = tmp_path / "votes.json"
    pooling.write(path, [made, made])
    assert pooling.read(path) == [made]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda row: row.pop("outcome"), "vote 2: outcome: it is missing"),
        (lambda row: row.update(outcome="best"), "vote 2: outcome: it is to be one of win, tie, bad"),
        (lambda row: row.update(outcome={}), "vote 2: outcome"),
        (lambda row: row.update(winner="c"), "vote 2: winner: it is to be one of the labels shown"),
        (lambda row: row.update(winner=["b"]), "vote 2: winner"),
        (lambda row: row.update(shown=["b", "b"]), "vote 2: shown"),
        (lambda row: row.update(shown="ab"), "vote 2: shown"),
        (lambda row: row.update(shown=["a", None]), "vote 2: shown"),
        (
            lambda row: row.update(shown=["b", "x" * 2_000]),
            "vote 2: shown: it is too long, or has hidden or control characters",
        ),
        (
            lambda row: row.update(shown=["b", "c\x1b]0;x\x07"]),
            "vote 2: shown: it is too long, or has hidden or control characters",
        ),
        (
            lambda row: row.update(shown=["b", "c\u202e"]),
            "vote 2: shown: it is too long, or has hidden or control characters",
        ),
        (lambda row: row.update(voter="a\nb"), "vote 2: voter: it is too long, or has hidden or control characters"),
        (lambda row: row.update(voter=7), "vote 2: voter"),
        (lambda row: row.update(when="yesterday"), "vote 2: when"),
        (lambda row: row.update(when=None), "vote 2: when"),
        (lambda row: row.update(when="2026-03-31T12:00:00"), "vote 2: when: it is to be a datetime with a time zone"),
        (lambda row: row.update(prompt="Why?"), "vote 2: prompt"),
        (lambda row: row.update(id=5), "vote 2: id"),
    ],
)
def test_a_vote_that_makes_no_sense_is_named_with_its_field(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    assert told in refusal(changed(tmp_path / "votes.json", change))


def test_two_different_votes_of_one_id_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "votes.json"
    document = json.loads(pooling.as_json([vote("a b", "a"), vote("a b", "b")]))
    document["votes"][1]["id"] = document["votes"][0]["id"]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "vote 2: id: another vote above has it too" in refusal(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no JSON"),
        (b"\x00\xff", "not UTF-8"),
        (b"[1, 2]", '"format" is not'),
        (b'{"format": "other"}', '"format" is not'),
        (b'{"format": "byom_magics votes", "version": 1}', '"votes" is no list'),
        (b'{"format": "byom_magics votes", "version": 1, "votes": [3]}', "vote 1: all: it is no object"),
        (b'{"format": "byom_magics votes", "version": 2, "votes": []}', "its version is 2"),
        (b'{"format": "byom_magics votes", "version": true, "votes": []}', "its version is True"),
        (b'{"format": "byom_magics votes", "version": "\\u001b[2J", "votes": []}', "its version is"),
        (b"[" * 100_000, "no JSON"),
        (b'{"format": ' + b"9" * 10_000 + b"}", "no JSON"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "votes.json"
    path.write_bytes(content)
    message = refusal(path)
    assert told in message
    assert "\x1b" not in message


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "votes.json"
    text = pooling.as_json([vote("a b", "a")]).rstrip()
    for end in range(len(text)):
        path.write_text(text[:end], encoding="utf-8")
        refusal(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column version"),
        ("a,b\n1,2\n", "no column version"),
        ("version,id,prompt,shown,outcome,winner,when,voter\n1,2\n", "vote 1: it has 2 cells"),
        ("version,id,prompt,shown,outcome,winner,when,voter\n2,,,,,,,\n", "its version is 2"),
        ("version,id,prompt,shown,outcome,winner,when,voter\n1,x,,a|b,,,,\n", "vote 1: shown: it is no list"),
        ('version,id,prompt,shown,outcome,winner,when,voter\n1,"x\n', "no table"),
    ],
)
def test_a_table_of_something_else_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "votes.csv"
    path.write_text(text, encoding="utf-8")
    assert told in refusal(path)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "votes.json"
    with path.open("wb") as file:
        file.truncate(pooling.LARGEST + 1)
    assert "more than 50 MB" in refusal(path)
    pooling.write(path, [vote("a b", "a") for _ in range(3)])
    monkeypatch.setattr(pooling, "_MOST", 2)
    assert "3 votes, and 2 is the most" in refusal(path)


def test_more_than_could_be_read_back_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooling, "_MOST", 2)
    with pytest.raises(OptionError, match="3 votes are more than one file may hold"):
        pooling.write(tmp_path / "votes.json", [vote("a b", "a") for _ in range(3)])
    assert not list(tmp_path.iterdir())


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "gone.json")
    assert "it is no file" in refusal(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.json")
        assert "it is no file" in refusal(tmp_path / "pipe.json")
    with pytest.raises(OptionError, match="cannot be read"):
        pooling.read("a\0b")


def test_another_kind_of_file_is_never_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "thesis.json"
    path.write_text('{"chapter": 1}', encoding="utf-8")
    for there in (path, tmp_path):
        with pytest.raises(OptionError, match="stays as it is") as caught:
            pooling.present(there)
        assert "name another file" in str(caught.value)
    assert pooling.present(tmp_path / "new.json") == []
    (tmp_path / "empty.json").touch()
    assert pooling.present(tmp_path / "empty.json") == []


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be written"):
        pooling.write(tmp_path / "no folder" / "votes.json", [])
    (tmp_path / "votes.json").mkdir()
    with pytest.raises(OptionError, match="cannot be written"):
        pooling.write(tmp_path / "votes.json", [])
    assert [each.name for each in tmp_path.iterdir()] == ["votes.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "votes.json", tmp_path / "link.json"
    pooling.write(target, [])
    link.symlink_to(target)
    pooling.write(link, [vote("a b", "a")])
    assert link.is_symlink()
    assert len(pooling.read(target)) == 1
