from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byom_magics.errors import OptionError
from byom_magics.magics.arguments import Arguments, Option, Table, tokens


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        message = "a whole number"
        raise ValueError(message) from None


TABLE = Table(
    "%%test",
    (
        Option("system", ("-s", "--system"), "a text", "TEXT"),
        Option("number", ("-n", "--number"), "a number", "N", whole),
        Option("extra", ("-o",), "anything", "KEY=VALUE", repeated=True),
        Option("format", ("-f", "--format"), "how", "a|b", choices=("markdown", "text")),
        Option("raw", ("--raw",), "a switch"),
        Option("dry_run", ("--dry-run",), "another switch"),
    ),
    words=1,
)


def words(line: str) -> list[str]:
    return [token.text for token in tokens(line)]


def parsed(line: str) -> dict[str, Any]:
    return TABLE.parse(line).values


def refused(line: str, *, rest: bool = False) -> str:
    with pytest.raises(OptionError) as caught:
        TABLE.parse(line, rest=rest)
    assert caught.value.hint
    assert str(caught.value).startswith("%%test: ")
    return str(caught.value)


# Words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        ("  \t ", []),
        ("a  b\tc", ["a", "b", "c"]),
        ("'a b' c", ["a b", "c"]),
        ('"a b" c', ["a b", "c"]),
        ('"it\'s" \'say "hi"\'', ["it's", 'say "hi"']),
        (r'"a \"b\" c"', ['a "b" c']),
        (r"'a \'b\' c'", ["a 'b' c"]),
        (r'"C:\\temp\new"', [r"C:\temp\new"]),
        (r'"\n"', [r"\n"]),
        ("it's fine", ["it's", "fine"]),
        ("don't 'do it'", ["don't", "do it"]),
        ("'never closed here", ["never closed here"]),
        ('""', [""]),
        ("-s=''", ["-s="]),
        ("--system='a b'", ["--system=a b"]),
        ("k='a b'c", ["k=a bc"]),
        ('a="b" "c=d e"', ["a=b", "c=d e"]),
        ("k={", ["k={"]),
        ("{a b}", ["{a", "b}"]),
    ],
)
def test_blanks_part_words_and_quotes_hold_them_together(line: str, expected: list[str]) -> None:
    assert words(line) == expected


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_json_with_blanks_after_the_equals_sign_is_one_word(value: Any) -> None:
    written = json.dumps({"value": value}, indent=1).replace("\n", " ")
    assert words(f"-o field={written} after") == ["-o", f"field={written}", "after"]
    assert words(f"-o list=[{json.dumps(value)}]") == ["-o", f"list=[{json.dumps(value)}]"]


@given(st.text())
def test_every_word_is_where_it_says_and_none_is_empty_unless_quoted(line: str) -> None:
    at = 0
    for token in tokens(line):
        assert at <= token.start < token.end
        assert not line[at : token.start].strip()
        assert token.text or line[token.start] in "'\""
        at = token.end
    assert not line[at:].strip()


# Options


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", {}),
        ("-s hi", {"system": "hi"}),
        ("--system hi", {"system": "hi"}),
        ("--system=hi", {"system": "hi"}),
        ("-s=hi", {"system": "hi"}),
        ('-s "You review code. Be brief."', {"system": "You review code. Be brief."}),
        ("-s ''", {"system": ""}),
        ("--system=", {"system": ""}),
        ("-s --raw", {"system": "--raw"}),
        ("-s a=b", {"system": "a=b"}),
        ("--system=a=b", {"system": "a=b"}),
        ("-n 5", {"number": 5}),
        ("-n -5", {"number": -5}),
        ("-n 5 -n 6", {"number": 6}),
        ("--raw", {"raw": True}),
        ("--raw --raw", {"raw": True}),
        ("-f text", {"format": "text"}),
        ('-o a=1 -o b={"c": [1, 2]} -o "d=e f"', {"extra": ["a=1", 'b={"c": [1, 2]}', "d=e f"]}),
        ("-o stop='[\"a b\"]'", {"extra": ['stop=["a b"]']}),
        ("--dry-run --raw -s x", {"dry_run": True, "raw": True, "system": "x"}),
    ],
)
def test_options_are_read_as_they_are_written(line: str, expected: dict[str, Any]) -> None:
    assert parsed(line) == expected
    assert parsed(f"{line} word") == expected
    assert TABLE.parse(f"word {line}").words == ("word",)


def test_an_option_that_was_not_given_is_none() -> None:
    arguments = TABLE.parse("-s hi")
    assert (arguments.system, arguments.raw, arguments.number) == ("hi", None, None)


def test_arguments_can_be_copied_and_pickled() -> None:
    arguments = TABLE.parse("llama -s hi")
    assert copy.deepcopy(arguments) == pickle.loads(pickle.dumps(arguments)) == arguments
    with pytest.raises(AttributeError):
        arguments._repr_html_  # noqa: B018


@pytest.mark.parametrize("word", ["-", "-5", "-0.5", "'-s'", '"--raw"', "'--nothing'"])
def test_a_dash_a_negative_number_and_what_is_quoted_are_words(word: str) -> None:
    assert TABLE.parse(word).words == (word.strip("'\""),)


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("--sytem x", "did you mean --system?"),
        ("--systm=x", "did you mean --system?"),
        ("--formt x", "did you mean --format"),
        ("--dryrun", "did you mean --dry-run"),
        ("-x", "did you mean"),
        ("--zzzzzz", "%%test? shows what there is"),
    ],
)
def test_an_unknown_option_is_told_with_its_near_misses(line: str, near: str) -> None:
    message = refused(line)
    assert "is no option" in message
    assert near in message


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("-s", "-s has no value.\nNext: write -s TEXT"),
        ("word --number", "--number has no value"),
        ("--raw=yes", "--raw takes no value"),
        ("-n five", "-n cannot be 'five'.\nNext: it wants a whole number"),
        ("-f markdwn", "-f cannot be 'markdwn'.\nNext: did you mean markdown?"),
        ("-f zzz", "it is one of markdown, text"),
        ("-f TEXT", "-f cannot be 'TEXT'"),
        ("one two three", "two three is one word too many"),
    ],
)
def test_what_cannot_be_used_is_told_with_what_is_wanted(line: str, says: str) -> None:
    assert says in refused(line)


@pytest.mark.parametrize(
    "line", ["--\x1b[2J", "-n \x1b[2J", "-f \x1b[2J", "a \x1b[2J", "--" + "x" * 10_000, "-n " + "9" * 10_000 + "x"]
)
def test_sec_08_what_a_message_repeats_is_visible_and_short(line: str) -> None:
    message = refused(line)
    assert "\x1b" not in message
    assert len(message) < 400


# The rest of a line


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("llama Why is the sky blue?", "Why is the sky blue?"),
        ("llama   two  blanks  ", "two  blanks"),
        ("llama it's -s not an option", "it's -s not an option"),
        ("llama 'quoted' text", "'quoted' text"),
        ('llama "a" {"b": 1}', '"a" {"b": 1}'),
        ("llama -5 + 3", "-5 + 3"),
        ("llama - a list", "- a list"),
        ("llama {{ x }}", "{{ x }}"),
        ("llama", ""),
        ("", ""),
    ],
)
def test_what_follows_the_words_is_taken_as_it_stands(line: str, rest: str) -> None:
    arguments = TABLE.parse(line, rest=True)
    assert arguments == Arguments(tuple(line.split()[:1]), {}, rest)


def test_options_may_stand_on_both_sides_of_the_word_and_end_where_the_text_begins() -> None:
    arguments = TABLE.parse("--raw llama -n 5 text --raw -n 6", rest=True)
    assert arguments == Arguments(("llama",), {"raw": True, "number": 5}, "text --raw -n 6")


def test_an_unknown_option_before_the_text_is_no_text() -> None:
    assert "--nope is no option" in refused("llama --nope text", rest=True)


# Options that may have a value

NAMED = Table("%named", (Option("name", ("-c", "--continue"), "a name, or none", "NAME", default=""),
                         Option("alternatives", ("--alternatives",), "how many", "N", int, default=5),
                         Option("raw", ("--raw",), "as it is")), words=1)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("llama -c", {"name": ""}),
        ("llama -c work", {"name": "work"}),
        ("llama -c=work", {"name": "work"}),
        ("llama --continue --raw", {"name": "", "raw": True}),
        ("-c -- llama", None),
        ("llama --alternatives 3", {"alternatives": 3}),
        ("--alternatives llama", {"alternatives": 5}),
        ("llama --alternatives=3 -c", {"alternatives": 3, "name": ""}),
    ],
)
def test_an_option_may_leave_its_value_out(line: str, values: dict[str, object] | None) -> None:
    if values is None:
        with pytest.raises(OptionError):
            NAMED.parse(line)
    else:
        assert NAMED.parse(line) == Arguments(("llama",), values)


def test_on_a_line_with_a_prompt_only_an_equals_sign_gives_it_a_value() -> None:
    assert NAMED.parse("llama -c Why not?", rest=True) == Arguments(("llama",), {"name": ""}, "Why not?")
    assert NAMED.parse("llama -c=work Why not?", rest=True) == Arguments(("llama",), {"name": "work"}, "Why not?")


# The table


def test_a_table_tells_its_flags_in_order_and_whose_they_are() -> None:
    assert TABLE.flags() == ("-s", "--system", "-n", "--number", "-o", "-f", "--format", "--raw", "--dry-run")
    found = TABLE.option("--number")
    assert found is not None
    assert found.name == "number"
    assert TABLE.option("--nope") is None
