from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from byom_magics.errors import OptionError
from byom_magics.session import current
from byom_magics.study.votes import Votes
from tests.study.ballots import duels

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook


@pytest.fixture
def votes(nb: Notebook) -> Votes:
    made = current().votes
    made.clear()
    made.extend(duels({"a>b": 30, "b>a": 10}))
    return made


def test_without_votes_it_says_how_to_get_some(nb: Notebook) -> None:
    current().votes.clear()
    told = nb.ok("%byom_leaderboard --out rows").printed
    assert "%%byom_compare A B --blind" in told
    assert not len(nb.names["rows"])


def test_it_ranks_the_votes_of_the_session(nb: Notebook, votes: Votes) -> None:
    cell = nb.ok("%byom_leaderboard")
    assert "1 (1)  a" in cell.plain
    assert "1,095" in cell.html
    assert "40 votes on 1 prompt" in cell.html


def test_plot_and_matrix_are_shown_when_asked_for(nb: Notebook, votes: Votes) -> None:
    plain = nb.ok("%byom_leaderboard").everything
    assert "30 – 10 – 0" not in plain
    cell = nb.ok("%byom_leaderboard --plot --matrix --rounds 50")
    assert "├" in cell.plain
    assert "30 – 10 – 0 (75%)" in cell.html


def test_its_options_reach_the_ranking(nb: Notebook, votes: Votes) -> None:
    votes.extend(duels({"a=b": 10}))
    told = nb.ok("%byom_leaderboard --ties skip --bad skip --rounds 20 --seed 5 --confidence 0.9").html
    assert "Ties are left out" in told
    assert "90% of 20 rankings of votes drawn anew from these (seed 5)" in told
    assert "outcome of their own" in nb.ok("%byom_leaderboard --ties davidson --rounds 20").html


def test_the_table_may_go_into_a_variable_without_pandas_too(
    nb: Notebook, votes: Votes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)  # as if it were not installed
    nb.ok("%byom_leaderboard --rounds 0 --out rows")
    first, second = nb.names["rows"]
    assert (first["label"], first["rank"], first["wins"], second["losses"]) == ("a", 1, 30, 30)


def test_where_pandas_is_installed_the_variable_is_a_data_frame(nb: Notebook, votes: Votes) -> None:
    nb.ok("%byom_leaderboard --rounds 0 --out frame")
    assert list(nb.names["frame"]["label"]) == ["a", "b"]


def test_a_class_hands_its_votes_in(nb: Notebook, votes: Votes, tmp_path: Path) -> None:
    told = nb.ok(f"%byom_leaderboard --export '{tmp_path}/first.json' --rounds 0").printed
    assert "Wrote 40 votes to " in told
    Votes(duels({"b>a": 2})).export(tmp_path / "second.json")
    Votes(duels({"b>a": 1})).export(tmp_path / "third.csv")
    assert nb.ok("%byom_leaderboard --reset").printed == "Forgot 40 votes.\n"
    told = nb.ok(f"%byom_leaderboard --import '{tmp_path}/*.json' --import '{tmp_path}/third.csv' --rounds 0").printed
    assert "Read 43 votes from 3 files. There are 43 now." in told
    told = nb.ok(f"%byom_leaderboard --import '{tmp_path}/first.json' --rounds 0").printed
    assert "Read 40 votes from 1 file, 40 of them known before. There are 43 now." in told


def test_votes_can_be_written_and_then_forgotten(nb: Notebook, votes: Votes, tmp_path: Path) -> None:
    told = nb.ok(f"%byom_leaderboard --reset --export '{tmp_path}/all.csv'").printed
    assert told.splitlines() == [f"Wrote 40 votes to {tmp_path}/all.csv.", "Forgot 40 votes."]
    assert len(votes) == 0


def test_another_kind_of_file_is_never_replaced(nb: Notebook, votes: Votes, tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    assert "stays as it is" in nb.fails(f"%byom_leaderboard --export '{path}'", OptionError)
    assert path.read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_what_cannot_be_done_is_told(nb: Notebook, votes: Votes, tmp_path: Path) -> None:
    assert "there is no file like" in nb.fails(f"%byom_leaderboard --import '{tmp_path}/*.json'", OptionError)
    assert "cannot be read" in nb.fails(f"%byom_leaderboard --import '{tmp_path}/a.json'", OptionError)
    assert "exclude each other" in nb.fails("%byom_leaderboard --reset --import x", OptionError)
    assert "one of half, davidson, skip" in nb.fails("%byom_leaderboard --ties third", OptionError)
    assert "rounds cannot be" in nb.fails("%byom_leaderboard --rounds -5", OptionError)
    assert "confidence cannot be" in nb.fails("%byom_leaderboard --confidence 95", OptionError)
    assert "one word too many" in nb.fails("%byom_leaderboard a", OptionError)
    assert len(votes) == 40
