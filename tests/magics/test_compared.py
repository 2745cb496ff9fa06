from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics import session
from byom_magics.comparing import Comparison, Unseen
from byom_magics.errors import CallError, OptionError
from byom_magics.show.answer import reply_bundle
from byom_magics.study.columns import columns_of
from tests.served import Served, says
from tests.wire.answers import CHUNKED, chunk, frame, refused
from tests.wire.raw_server import RawServer, hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.magics.notebook import Notebook

CODE = "Here:\n\n```python\nprint(1)\n```\n"


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as made:
        yield made


@pytest.fixture
def compared(nb: Notebook, served: Served) -> Notebook:
    """A notebook that has compared A, which says code, and B."""
    served("A", [says(CODE)])
    served("B", [says("B says this.")])
    nb.ok("%%byom_compare A B\nHi")
    return nb


@pytest.fixture
def blind(nb: Notebook, served: Served) -> Notebook:
    """A notebook that has compared org/alpha and org/beta blindly; only the second says code."""
    served("org/alpha", [says("First answer.")], model="served-alpha")
    served("org/beta", [says(CODE)], model="served-beta")
    nb.ok("%%byom_compare org/alpha org/beta --blind\nHi")
    return nb


def last() -> Comparison:
    made: Comparison = session.current().comparison
    return made


def letter_of(number: int) -> str:
    return "AB"[last().order.index(number)]


@pytest.fixture
def new_cells(nb: Notebook, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The code of new cells."""
    made: list[str] = []
    monkeypatch.setattr(nb.shell, "set_next_input", lambda code, replace: made.append(code))
    return made


# Nothing to tell of


@pytest.mark.parametrize("more", ["", "--diff 1", "--to-cell 1", "--adopt 1", "--vote A"])
def test_before_the_first_comparison_it_says_how_to_make_one(nb: Notebook, more: str) -> None:
    assert "%%byom_compare A B" in nb.fails(f"%byom_compare --last {more}", OptionError)


def test_it_asks_nobody_so_it_takes_no_model(compared: Notebook) -> None:
    assert "asks nobody" in compared.fails("%byom_compare --last A", OptionError)


# Shown again, and as a table


def test_the_last_one_is_shown_again_and_as_a_table(compared: Notebook) -> None:
    pandas = pytest.importorskip("pandas")
    cell = compared.ok("rows = %byom_compare --last")
    rows = compared.names["rows"]
    assert isinstance(rows, pandas.DataFrame)
    assert list(rows["model"]) == ["A", "B"]
    assert list(rows["text"]) == [CODE, "B says this."]
    assert {"state", "first_token_s", "tokens_per_s", "output_tokens", "cost", "options", "reply"} <= set(rows)
    assert "B says this." in cell.html
    assert "B says this." in cell.plain


def test_without_pandas_the_table_is_a_list(compared: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    compared.ok("rows = %byom_compare --last")
    rows = compared.names["rows"]
    assert type(rows) is list
    assert [row["model"] for row in rows] == ["A", "B"]


def test_a_variable_gets_the_replies(compared: Notebook) -> None:
    compared.ok("%byom_compare --last --out answers --quiet")
    assert [reply.text for reply in compared.names["answers"]] == [CODE, "B says this."]


def test_quiet_shows_nothing(compared: Notebook) -> None:
    assert compared.ok("%byom_compare --last --quiet").everything.strip() == ""


def test_what_still_comes_is_shown_as_far_as_it_has_come(nb: Notebook, served: Served) -> None:
    slow = served("A", [CHUNKED, frame(chunk("Slow")), hold])
    served("B")
    comparison = Comparison(session.current(), "Hi", columns_of([("A", {}), ("B", {})]), foreground=False)
    comparison.start([Unseen(), Unseen()])
    while comparison.reply(0).text != "Slow" or comparison.running(1):
        comparison.wait(0.01)
    cell = nb.ok("rows = %byom_compare --last")
    assert list(nb.names["rows"]["state"]) == ["running", "complete"]
    assert list(nb.names["rows"]["text"]) == ["Slow", "B says this."]
    assert "Still answering: 1 word so far" in cell.html
    comparison.stop_all()
    slow.wait_for_hang_up()
    while not comparison.wait():
        pass
    nb.ok("rows = %byom_compare --last")
    assert next(iter(nb.names["rows"]["state"])).startswith("cancelled")


# What can be done with it


@pytest.mark.parametrize("word", ["2", "B"])
def test_differences_are_told_from_the_column_that_is_named(compared: Notebook, word: str) -> None:
    cell = compared.ok(f"rows = %byom_compare --last --diff {word}")
    assert "Compared with B" in cell.plain
    assert "Compared with B" in cell.html
    assert compared.names["rows"] is None


def test_a_column_that_is_not_there_is_refused_with_those_there_are(compared: Notebook) -> None:
    for option in ("--diff", "--to-cell", "--adopt"):
        message = compared.fails(f"%byom_compare --last {option} 3", OptionError)
        assert "1 (A)" in message
        assert "2 (B)" in message


def test_the_code_of_an_answer_goes_into_a_new_cell(compared: Notebook, new_cells: list[str]) -> None:
    compared.ok("%byom_compare --last --to-cell 1")
    assert "no code" in compared.ok("%byom_compare --last --to-cell B").printed
    assert new_cells == ["print(1)"]


def test_a_column_without_an_answer_has_no_code(nb: Notebook, served: Served, new_cells: list[str]) -> None:
    served("A", [refused("400 Bad Request", {"error": {"message": "no"}})])
    served("B")
    nb.ok("%%byom_compare A B\nHi")
    assert "no answer" in nb.fails("%byom_compare --last --to-cell 1", OptionError)
    assert "no answer" in nb.fails("%byom_compare --last --adopt 1", OptionError)
    assert not new_cells


def test_an_answer_is_adopted_into_the_conversation(compared: Notebook, served: Served) -> None:
    server = served("B")
    assert "B" in compared.ok("%byom_compare --last --adopt 2").printed
    compared.ok("%%byom B -c\nAnd then?")
    said = [each["content"] for each in server.requests[-1].json["messages"]]
    assert said == ["Hi", "B says this.", "And then?"]


def test_in_a_second_round_all_go_on_from_the_adopted_answer(nb: Notebook, served: Served) -> None:
    servers = [served(key) for key in "AB"]
    nb.ok("%%byom_compare A B -c\nFirst?")
    nb.ok("%byom_compare --last --adopt B")
    nb.ok("%%byom_compare A B -c\nSecond?")
    for server in servers:
        said = [each["content"] for each in server.requests[-1].json["messages"]]
        assert said == ["First?", "B says this.", "Second?"]


# Blind


def told(text: str) -> list[str]:
    return [name for name in ("alpha", "beta", "127.0.0.1") if name in text]


def test_what_a_blind_cell_prints_and_shows_tells_no_name(nb: Notebook, served: Served) -> None:
    served("org/alpha", [says("First answer.", tokens=(7, 77_000))], model="served-alpha", prices={"output": 31})
    served("org/beta", [says("Second answer.", tokens=(7, 99_000))], model="served-beta", prices={"output": 31})
    cell = nb.ok("%%byom_compare org/alpha org/beta --blind\nHi")
    assert "First answer." in cell.printed
    assert "── A ─" in cell.printed
    assert "--vote A" in cell.printed
    shown = (
        cell.everything + nb.ok("%byom_compare --last").everything + nb.ok("%byom_compare --last --diff A").everything
    )
    assert not told(shown)
    assert not [each for each in ("77,000", "99,000", "USD", "served") if each in shown]


def test_a_blind_table_has_only_what_is_said(blind: Notebook) -> None:
    blind.ok("rows = %byom_compare --last")
    rows = blind.names["rows"]
    assert list(rows["column"]) == ["A", "B"]
    assert set(rows) == {"column", "state", "text"}


def test_the_vote_tells_the_names(blind: Notebook) -> None:
    shown = blind.ok(f"%byom_compare --last --vote {letter_of(1)} --voter Ada").everything
    assert "org/alpha" in shown
    assert "org/beta" in shown
    assert "voted best" in shown
    (vote,) = session.current().votes
    assert (vote.winner, vote.voter) == ("org/beta", "Ada")
    assert list(vote.shown) == [last().columns[number].model for number in last().order]


@pytest.mark.parametrize("word", ["tie", "bad", "Tie", "BAD"])
def test_a_tie_and_all_bad_can_be_voted_too(blind: Notebook, word: str) -> None:
    blind.ok(f"%byom_compare --last --vote {word}")
    (vote,) = session.current().votes
    assert (vote.outcome, vote.winner) == (word.lower(), None)


@pytest.mark.parametrize(("word", "place"), [("left", 0), ("Right", 1)])
def test_of_two_the_sides_are_words_for_a_vote(blind: Notebook, word: str, place: int) -> None:
    blind.ok(f"%byom_compare --last --vote {word}")
    (vote,) = session.current().votes
    assert vote.place == place


def test_names_may_be_told_without_a_vote(blind: Notebook) -> None:
    assert told(blind.ok("%byom_compare --last --vote none").everything) == ["alpha", "beta"]
    assert not len(session.current().votes)
    for word in ("A", "1", "none"):
        assert "not blind" in blind.fails(f"%byom_compare --last --vote {word}", OptionError)


@pytest.mark.parametrize("word", ["A", "tie", "none"])
def test_while_it_is_answered_there_is_no_vote_and_no_name(nb: Notebook, served: Served, word: str) -> None:
    slow = served("org/alpha", [CHUNKED, frame(chunk("Slow")), hold])
    served("org/beta", [says("Second.")])
    columns = columns_of([("org/alpha", {}), ("org/beta", {})])
    comparison = Comparison(session.current(), "Hi", columns, blind=True, foreground=False)
    comparison.start([Unseen(), Unseen()])
    while comparison.reply(0).text != "Slow" or comparison.running(1):
        comparison.wait(0.01)
    message = nb.fails(f"%byom_compare --last --vote {word}", OptionError)
    assert "vote when all have ended" in message
    assert not told(message + nb.ok("%byom_compare --last --out so_far").everything)
    assert not known(nb.names["so_far"])
    comparison.stop_all()
    slow.wait_for_hang_up()
    while not comparison.wait():
        pass
    nb.ok(f"%byom_compare --last --vote {word}")
    assert [reply.model for reply in nb.names["so_far"]] == ["org/alpha", "org/beta"]


# What else could tell a name before the vote


def known(value: Any) -> list[str]:
    """Names in whatever a person may look at."""
    seen = [repr(value)]
    for each in value if isinstance(value, list) else [value]:
        seen += [repr(vars(each)) if hasattr(each, "__dict__") else "", str(reply_bundle(each))]
    return told("".join(seen))


@pytest.mark.parametrize("line", ["%%byom_compare {} --blind --out answers\nHi", "%byom_compare --last --out answers"])
def test_a_variable_has_only_what_is_said_until_the_vote_and_all_after_it(blind: Notebook, line: str) -> None:
    blind.ok(line.format("org/alpha org/beta"))
    answers = blind.names["answers"]
    assert [reply.text for reply in answers] == [last().reply(number).text for number in last().order]
    assert not known(answers)
    blind.ok("%byom_compare --last --vote tie")
    assert blind.names["answers"] is answers
    assert [reply.model for reply in answers] == ["org/alpha", "org/beta"]


def test_the_last_reply_tells_no_name_until_the_vote(blind: Notebook) -> None:
    assert blind.names["_byom"].text
    assert not known(blind.names["_byom"])
    assert not known(session.current().last_reply)
    blind.ok("%byom_compare --last --vote none")
    assert blind.names["_byom"].model in ("org/alpha", "org/beta")


def test_a_vote_leaves_the_reply_to_what_was_asked_meanwhile_the_last_one(blind: Notebook, served: Served) -> None:
    served("other", [says("Something else.")])
    blind.ok("%%byom other\nHi")
    blind.ok("%byom_compare --last --vote none")
    assert blind.names["_byom"].text == "Something else."
    assert session.current().last_reply is blind.names["_byom"]


def test_conversations_tell_nothing_until_the_vote(nb: Notebook, served: Served) -> None:
    served("org/alpha", [says("First.")])
    served("org/beta", [says("Second.")])
    nb.ok("%%byom_compare org/alpha org/beta --blind -c\nHi")
    assert not told(nb.run("%byom_history").everything)
    assert not list(session.current().conversations)
    nb.ok("%byom_compare --last --vote tie")
    assert {each.model for each in session.current().conversations} == {"org/alpha", "org/beta"}
    assert [len(each) for each in session.current().conversations] == [1, 1]


def test_a_second_blind_round_goes_on_from_the_first_without_a_vote(nb: Notebook, served: Served) -> None:
    servers = [served(key, [says(f"{key} once.")], [says(f"{key} twice.")]) for key in ("org/alpha", "org/beta")]
    nb.ok("%%byom_compare org/alpha org/beta --blind -c\nHi")
    nb.ok("%%byom_compare org/alpha org/beta --blind -c\nAgain")
    for server, key in zip(servers, ("org/alpha", "org/beta"), strict=True):
        said = [each["content"] for each in server.requests[-1].json["messages"]]
        assert said == ["Hi", f"{key} once.", "Again"]


def test_where_all_columns_fail_the_names_are_told_with_the_reasons(nb: Notebook, served: Served) -> None:
    for key in ("org/alpha", "org/beta"):
        served(key, [refused("400 Bad Request", {"error": {"message": "no such thing"}})])
    shown = nb.run("%%byom_compare org/alpha org/beta --blind --quiet\nHi")
    assert isinstance(shown.error, CallError)
    assert nb.ok("%byom_compare --last").everything.count("no such thing") >= 2


def test_it_is_voted_on_once_and_only_if_it_is_blind(blind: Notebook) -> None:
    assert "No one column" in blind.fails("%byom_compare --last --vote C", OptionError)
    blind.ok("%byom_compare --last --vote 1")
    assert "already" in blind.fails("%byom_compare --last --vote 2", OptionError)
    blind.ok("%%byom_compare org/alpha org/beta\nHi")
    assert "not blind" in blind.fails("%byom_compare --last --vote 1", OptionError)
    assert len(session.current().votes) == 1


@pytest.mark.parametrize("option", ["--adopt 1", "--to-cell 1"])
def test_before_the_vote_nothing_is_taken_along_that_tells_a_name(blind: Notebook, option: str) -> None:
    message = blind.fails(f"%byom_compare --last {option}", OptionError)
    assert "vote" in message
    assert not told(message)
    assert not list(session.current().conversations)
    blind.ok("%byom_compare --last --vote tie")
    blind.ok(f"%byom_compare --last {option}")


def test_votes_and_adopting_go_together(blind: Notebook) -> None:
    blind.ok(f"%byom_compare --last --vote {letter_of(1)} --adopt {letter_of(1)}")
    (conversation,) = session.current().conversations
    assert conversation.model == "org/beta"


def test_where_fewer_than_two_answer_there_is_no_vote_and_names_are_told(nb: Notebook, served: Served) -> None:
    served("org/alpha", [refused("400 Bad Request", {"error": {"message": "no such thing"}})])
    served("org/beta")
    printed = nb.ok("%%byom_compare org/alpha org/beta --blind\nHi").printed
    assert "Fewer than two" in printed
    shown = nb.ok("%byom_compare --last").everything
    assert "org/alpha" in shown
    assert "no such thing" in shown
    nb.fails("%byom_compare --last --vote 1", OptionError)


def test_a_blind_comparison_of_one_model_is_refused_before_it_is_sent(nb: Notebook, served: Served) -> None:
    server = served("A")
    assert "same model" in nb.fails("%%byom_compare A --n 2 --blind\nHi", OptionError)
    assert not server.requests


def test_sides_are_shuffled_anew_each_time(nb: Notebook, served: Served) -> None:
    served("A")
    served("B")
    orders = set()
    for _ in range(12):
        nb.ok("%%byom_compare A B --blind --quiet\nHi")
        orders.add(last().order)
    assert orders == {(0, 1), (1, 0)}


def test_a_server_is_not_asked_by_looking_back(compared: Notebook, served: Served) -> None:
    server: RawServer = served("A")
    compared.ok("%byom_compare --last")
    assert not server.requests
