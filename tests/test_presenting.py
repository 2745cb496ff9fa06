from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics import session, voting
from byom_magics.comparing import Comparison
from byom_magics.errors import OptionError, StatusError
from byom_magics.events import Cost, Reply, State, Usage
from byom_magics.messages import Image, Message, Text
from byom_magics.presenting import bundle_of, letter, number_of, prompt_text, rows_of, table_of, title
from byom_magics.study.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRETS = ("org/alpha", "org/beta", "served-alpha", "served-beta", "0.125", "USD", "alpha.example", "12 tokens")


def answered(*replies: Reply, blind: bool = False, options: Mapping[str, Any] | None = None) -> Comparison:
    """A comparison that has come as far as these replies; those that are cancelled without a text still run."""
    names = [("org/alpha", {}), ("org/beta", {"temperature": 0}), ("org/gamma", {})][: len(replies)]
    comparison = Comparison(session.current(), "Why?", columns_of(names), options, blind=blind)
    for number, reply in enumerate(replies):
        if reply.text or reply.error is not None:
            comparison._replies[number] = reply
            comparison._left -= 1
    return comparison


def reply(key: str, text: str, **more: Any) -> Reply:
    return Reply(
        text,
        model=f"org/{key}",
        served_model=f"served-{key}",
        state=more.pop("state", State.COMPLETE),
        usage=Usage(input_tokens=3, output_tokens=12),
        first_token_s=0.25,
        duration_s=1.25,
        cost=Cost(0.125, "USD"),
        **more,
    )


ALPHA, BETA = reply("alpha", "One two three."), reply("beta", "One two.")
RUNNING = Reply()
FAILED = reply("alpha", "", state=State.ERROR, error=StatusError("alpha.example answered 500", model="org/alpha"))


@pytest.mark.parametrize(("place", "name"), [(0, "A"), (1, "B"), (25, "Z"), (26, "A2"), (52, "A3")])
def test_hidden_columns_have_letters(place: int, name: str) -> None:
    assert letter(place) == name


def test_columns_are_called_by_their_models() -> None:
    comparison = answered(ALPHA, BETA)
    assert [title(comparison, place) for place in (0, 1)] == ["org/alpha", "org/beta · temperature=0"]


# As a table


def test_a_row_tells_all_that_is_known_of_a_column() -> None:
    first, second = rows_of(answered(ALPHA, BETA))
    assert first["model"] == "org/alpha"
    assert first["state"] == "complete"
    assert first["text"] == "One two three."
    assert first["words"] == 3
    assert (first["input_tokens"], first["output_tokens"]) == (3, 12)
    assert (first["first_token_s"], first["duration_s"], first["tokens_per_s"]) == (0.25, 1.25, 12)
    assert (first["cost"], first["currency"]) == (0.125, "USD")
    assert first["served_model"] == "served-alpha"
    assert first["error"] is None
    assert first["reply"] is ALPHA
    assert second["options"] == {"temperature": 0}
    assert "shortest" in second["marks"]


def test_a_column_that_failed_says_why() -> None:
    row = rows_of(answered(FAILED, BETA))[0]
    assert "500" in row["error"]
    assert row["state"].startswith("error")


def test_a_column_that_still_answers_says_so() -> None:
    row = rows_of(answered(RUNNING, BETA))[0]
    assert row["state"] == "running"
    assert row["text"] == ""
    assert row["duration_s"] is None
    assert row["marks"] == ""


def test_the_table_is_a_data_frame_where_there_is_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    rows = rows_of(answered(ALPHA, BETA))
    table = table_of(rows)
    assert isinstance(table, pandas.DataFrame)
    assert list(table["model"]) == ["org/alpha", "org/beta"]


def test_the_table_is_a_list_of_mappings_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    rows = rows_of(answered(ALPHA, BETA))
    assert table_of(rows) == rows
    assert all(isinstance(row, dict) for row in table_of(rows))


# Blind


@pytest.mark.parametrize("replies", [(ALPHA, BETA), (FAILED, BETA), (RUNNING, BETA), (RUNNING, RUNNING)])
def test_while_it_is_blind_nothing_tells_who_answered_what(replies: tuple[Reply, ...]) -> None:
    comparison = answered(*replies, blind=True)
    bundle = bundle_of(comparison)
    for shown in (bundle.html, bundle.plain, bundle_of(comparison, 0).html, repr(rows_of(comparison))):
        assert not [secret for secret in SECRETS if secret in shown]
    assert {title(comparison, place) for place in (0, 1)} == {"A", "B"}


def test_rows_of_a_blind_comparison_have_only_what_is_said() -> None:
    for row in rows_of(answered(ALPHA, BETA, blind=True)):
        assert set(row) == {"column", "state", "text"}


def test_rows_stand_in_the_order_shown() -> None:
    for _ in range(10):
        comparison = answered(ALPHA, BETA, blind=True)
        texts = [row["text"] for row in rows_of(comparison)]
        assert texts == [comparison.replies[number].text for number in comparison.order]


def test_after_the_vote_the_names_are_told_beside_the_letters() -> None:
    comparison = answered(ALPHA, BETA, blind=True)
    voting.vote(session.current(), comparison, 1)
    shown = bundle_of(comparison)
    place = comparison.order.index(1)
    assert title(comparison, place) == f"{letter(place)}: org/beta · temperature=0"
    for text in (shown.html, shown.plain):
        assert "org/alpha" in text
        assert "voted best" in text
    assert {row["model"] for row in rows_of(comparison)} == {"org/alpha", "org/beta"}


@pytest.mark.parametrize(("choice", "said"), [("tie", "a tie"), ("bad", "voted bad")])
def test_what_was_voted_is_said(choice: str, said: str) -> None:
    comparison = answered(ALPHA, BETA, blind=True)
    voting.vote(session.current(), comparison, choice)
    assert bundle_of(comparison).plain.count(said) == 2


# What a word means


def test_a_column_is_meant_by_its_number_its_title_or_its_model() -> None:
    comparison = answered(ALPHA, BETA)
    meant = ("2", "org/beta", "org/beta · temperature=0", "temperature=0")
    assert [number_of(comparison, word) for word in meant] == [1] * 4


def test_a_hidden_column_is_meant_by_its_letter_or_its_number_only() -> None:
    comparison = answered(ALPHA, BETA, blind=True)
    assert [number_of(comparison, word) for word in ("A", "b", "1", "2")] == [*comparison.order, *comparison.order]
    with pytest.raises(OptionError) as caught:
        number_of(comparison, "org/alpha")
    assert "org/beta" not in str(caught.value)


@pytest.mark.parametrize("word", ["0", "3", "-1", "C", "", "org"])
def test_a_word_that_means_no_column_is_refused_with_those_there_are(word: str) -> None:
    with pytest.raises(OptionError, match=r"1 \(org/alpha\)"):
        number_of(answered(ALPHA, BETA), word)


def test_a_model_of_several_columns_means_none_of_them() -> None:
    columns = columns_of([("org/alpha", {})], samples=2)
    with pytest.raises(OptionError, match="No one column"):
        number_of(Comparison(session.current(), "Why?", columns), "org/alpha")


# What was asked


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Why?", "Why?"),
        ([Message("system", "Be brief."), Message("user", "Why?")], "Why?"),
        ([{"role": "user", "content": "Why?"}], "Why?"),
        ([{"role": "user", "content": [{"type": "text", "text": "Why?"}]}], "Why?"),
        ([Text("Why?"), Image(b"")], "Why?"),
        ([{"role": "assistant", "content": None}], ""),
        ([], ""),
    ],
)
def test_the_prompt_is_shown_as_one_text(prompt: Any, text: str) -> None:
    assert prompt_text(prompt) == text


def test_the_prompt_is_shown_with_the_answers() -> None:
    assert "Why?" in bundle_of(answered(ALPHA, BETA)).html
    assert "Why?" in bundle_of(answered(ALPHA, BETA)).plain


def test_differences_are_shown_from_one_of_them() -> None:
    against = bundle_of(answered(ALPHA, BETA), 1)
    assert "Compared with org/beta" in against.plain
    assert "Compared with" not in bundle_of(answered(ALPHA, BETA)).plain


def test_texts_of_models_and_prompts_are_escaped() -> None:
    comparison = answered(reply("alpha", "<script>alert(1)</script>"), BETA)
    comparison.prompt = "<img src=x onerror=alert(1)>"
    html = bundle_of(comparison).html
    assert "<script" not in html
    assert "<img" not in html
