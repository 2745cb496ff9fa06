from __future__ import annotations

from byom_magics.show.leaderboard import leaderboard, win_matrix
from byom_magics.study.ranking import ranking
from byom_magics.study.vote import Vote
from tests.show.safe import read, text_of
from tests.study.ballots import NOON, PROMPT, duels, simulated, vote

HOSTILE = ("<img src=x onerror=alert(1)>", "b\x1b[31m\u202e | $x$")


def hostile() -> list[Vote]:
    return [Vote(PROMPT, HOSTILE, "win", winner, NOON) for winner in HOSTILE * 3]


def test_the_table_says_where_each_model_stands() -> None:
    shown = leaderboard(ranking(duels({"a>b": 30, "b>a": 10, "a=b": 2})))
    head, _, first, second, *_ = shown.plain.splitlines()
    assert head.split("  ")[0] == "rank"
    assert first.split()[:4] == ["1", "(1)", "a", "1,090"]
    assert second.split()[-4:] == ["10", "30", "2", "42"]
    assert "95% interval" in head
    assert all(word in text_of(shown.html) for word in ("1,090", "95% interval", "against average"))


def test_the_notes_stand_below_in_both_forms() -> None:
    made = ranking(duels({"a>b": 3, "b>a": 1}))
    shown = leaderboard(made)
    for note in made.notes:
        assert f"· {note}" in shown.plain
        assert note in text_of(shown.html)
    assert read(shown.html).tags.count("li") == len(made.notes)


def test_groups_that_never_met_have_tables_of_their_own() -> None:
    shown = leaderboard(ranking(duels({"a>b": 3, "b>a": 1, "c>d": 1, "d>c": 1})))
    assert read(shown.html).tags.count("table") == 2
    assert shown.plain.startswith("Group 1 of 2\n\nrank")
    assert "Group 2 of 2" in text_of(shown.html)


def test_one_without_a_number_has_words_in_its_place() -> None:
    shown = leaderboard(ranking(duels({"a>b": 3})))
    assert "above all" in shown.plain
    assert "below all" in text_of(shown.html)
    assert "1,000" not in shown.plain.splitlines()[2]


def test_scales_that_cannot_be_compared_have_letters() -> None:
    several = leaderboard(ranking(duels({"a>b": 1, "b>a": 1, "b>c": 1, "c>d": 1, "d>c": 1}))).plain.splitlines()
    assert "scale" in several[0]
    assert [line.split()[3] for line in several[2:6]] == ["A", "A", "B", "B"]
    assert "scale" not in leaderboard(ranking(duels({"a>b": 1, "b>a": 1}))).plain.splitlines()[0]


def test_without_intervals_there_is_no_column_for_them() -> None:
    assert "interval" not in leaderboard(ranking(duels({"a>b": 3, "b>a": 1}), rounds=0)).plain.splitlines()[0]


def test_the_interval_is_named_by_its_confidence() -> None:
    made = ranking(duels({"a>b": 30, "b>a": 10}), confidence=0.995)
    assert "99.5% interval" in leaderboard(made).plain.splitlines()[0]


def test_the_matrix_has_wins_losses_ties_and_the_share() -> None:
    shown = win_matrix(ranking(duels({"a>b": 3, "b>a": 1, "a=b": 2, "b>c": 1, "c>b": 1}), rounds=0).matrix)
    lines = [line.split("  ") for line in shown.plain.splitlines()]
    assert "3 – 1 – 2 (67%)" in shown.plain
    assert "1 – 3 – 2 (33%)" in text_of(shown.html)
    assert any("·" in cell for cell in lines[2])
    assert "Empty: never compared." in shown.plain


def test_labels_are_text_whatever_is_in_them() -> None:
    made = ranking(hostile())
    for shown in (leaderboard(made), win_matrix(made.matrix)):
        assert "img" not in read(shown.html).tags
        assert HOSTILE[0] in text_of(shown.html)
        assert "\x1b" not in shown.plain + shown.html
        assert "\u202e" not in shown.plain + shown.html


def test_many_models_are_shown_too() -> None:
    names = {f"model-{number}": number / 10 for number in range(40)}
    shown = leaderboard(ranking(simulated(names, 400, seed=1), rounds=0))
    assert shown.html.count("<tr>") == 41


def test_a_vote_on_several_is_a_comparison_with_each() -> None:
    shown = leaderboard(ranking([vote("a b c", "a"), vote("a b c", "b"), vote("a b c", "c")], rounds=0))
    assert shown.plain.splitlines()[2].split()[-4:] == ["2", "2", "0", "3"]
