from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from byom_magics.errors import OptionError
from byom_magics.study.vote import Vote
from byom_magics.study.votes import Votes
from tests.study.ballots import NOON, PROMPT, vote


def test_votes_keep_their_order_and_count_once() -> None:
    first, second = vote("a b", "a"), vote("a b", "tie")
    votes = Votes([first])
    assert votes.add(second)
    assert not votes.add(first)
    assert list(votes) == [first, second]
    assert (len(votes), repr(votes)) == (2, "<2 votes>")
    assert votes.extend([first, second, vote("a b", "b")]) == (1, 2)
    assert votes.clear() == 3
    assert not list(votes)


def test_a_vote_with_the_id_of_another_one_is_refused_and_none_of_its_company_taken() -> None:
    first = vote("a b", "a")
    votes = Votes([first])
    with pytest.raises(OptionError, match=first.id):
        votes.extend([vote("a b", "b"), replace(first, winner="b")])
    assert list(votes) == [first]


def test_threads_may_add_while_others_read() -> None:
    votes = Votes()

    def work() -> None:
        for _ in range(50):
            votes.add(vote("a b", "a"))
            list(votes)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(votes) == 400


@pytest.mark.parametrize("name", ["votes.json", "votes.csv"])
def test_a_class_pools_its_votes(tmp_path: Path, name: str) -> None:
    paths, every = [], []
    for student in range(3):
        own = [vote("a b", "a", voter=f"student {student}"), vote("b a", "tie"), vote("a b c", "bad")]
        every += own
        paths.append(tmp_path / f"{student}-{name}")
        assert Votes(own).export(paths[-1]) == 3
    pooled = Votes()
    assert pooled.load(*paths) == (9, 0)
    assert list(pooled) == every
    assert pooled.load(paths[0]) == (0, 3)


def test_if_one_file_is_wrong_none_is_taken_in(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    Votes([vote("a b", "a")]).export(good)
    bad.write_text("{", encoding="utf-8")
    votes = Votes()
    with pytest.raises(OptionError, match=r"bad\.json"):
        votes.load(good, bad)
    assert not len(votes)


def test_a_file_of_fewer_votes_is_replaced_and_one_with_others_is_not(tmp_path: Path) -> None:
    path = tmp_path / "votes.json"
    votes = Votes([vote("a b", "a")])
    votes.export(path)
    votes.add(vote("a b", "b"))
    assert votes.export(path) == 2
    with pytest.raises(OptionError, match="2 votes that would be lost") as caught:
        Votes([vote("a b", "a")]).export(path)
    assert "import it first" in str(caught.value)
    fresh = Votes()
    assert fresh.load(path).new == 2


def test_no_votes_are_a_file_too(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path / "none.csv"):
        assert Votes().export(path) == 0
        assert Votes().load(path) == (0, 0)


def test_votes_made_by_hand_are_equal_when_read_back(tmp_path: Path) -> None:
    made = Vote(PROMPT, ("llama · temperature=0.7", "模型", "=1+1"), "win", "=1+1", NOON, "'@Zoë")
    for path in (tmp_path / "one.json", tmp_path / "one.csv"):
        Votes([made]).export(path)
        read = Votes()
        read.load(path)
        assert list(read) == [made]


def test_what_is_no_vote_is_refused() -> None:
    votes = Votes()
    with pytest.raises(OptionError, match=r"'a' is no vote[\s\S]*load"):
        votes.extend([vote("a b", "a"), "a"])  # type: ignore[list-item]
    assert not len(votes)
