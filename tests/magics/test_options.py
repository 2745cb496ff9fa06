from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.errors import OptionError
from byom_magics.magics.options import ASK, REGISTER

if TYPE_CHECKING:
    from byom_magics.magics.arguments import Table

TABLES = [ASK, REGISTER]


def value(line: str, table: Table = ASK) -> Any:
    """The value of the only option on a line."""
    (found,) = table.parse(line).values.values()
    return found


def refused(line: str, table: Table = ASK) -> str:
    with pytest.raises(OptionError) as caught:
        table.parse(line)
    assert caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.magic)
def test_no_two_options_share_a_name_or_a_flag(table: Table) -> None:
    made_of_parts = ("tls", "limits", "quirks", "pinned", "cache")  # of each several options give a part, or a value
    names = [option.name for option in table.options if option.name not in made_of_parts]
    flags = [flag for option in table.options for flag in option.flags]
    assert len(set(names)) == len(names)
    assert len(set(flags)) == len(flags)
    assert all(option.help for option in table.options)


def test_a_cell_takes_every_option_of_the_contract() -> None:
    promised = ["-s", "--system", "-t", "--temperature", "--max-tokens", "--top-p", "--seed", "--stop", "-o", "-f", "--format", "--out", "--raw", "--dry-run", "--timeout", "--timeouts", "--on-error", "--quiet", "-c", "--continue", "--fork", "--image", "--file", "--cells", "--schema", "--tools", "--allow", "--reasoning", "--to-cell", "--n", "--cache", "--logprobs"]  # fmt: skip
    assert [flag for flag in promised if ASK.option(flag) is None] == []


def test_registering_takes_every_option_of_the_contract() -> None:
    promised = ["--url", "--model", "--api-key", "--header", "--name", "--description", "--max-tokens", "--temperature", "--path", "-o", "--context-window", "--price-in", "--price-out", "--currency", "--timeouts", "--test"]  # fmt: skip
    assert [flag for flag in promised if REGISTER.option(flag) is None] == []


# Numbers


@pytest.mark.parametrize("flag", ["-t", "--temperature", "--top-p"])
@pytest.mark.parametrize(("text", "number"), [("0", 0), ("0.7", 0.7), ("1e-1", 0.1), ("2", 2)])
def test_a_number_is_read(flag: str, text: str, number: float) -> None:
    assert value(f"{flag} {text}") == value(f"{flag}={text}") == number


@pytest.mark.parametrize("flag", ["-t", "--top-p"])
@pytest.mark.parametrize("text", ["-1", "nan", "inf", "-inf", "half", "1,5", "''", "0x10"])
def test_what_is_no_number_of_zero_or_more_is_refused(flag: str, text: str) -> None:
    assert "it wants a number of 0 or more" in refused(f"{flag} {text}")


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("1_000", 1000), ("-5", -5), ("007", 7)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert value(f"--seed {text}") == number


@pytest.mark.parametrize("flag", ["--seed", "--max-tokens"])
@pytest.mark.parametrize("text", ["1.5", "ten", "''", "1e3", "nan"])
def test_what_is_no_whole_number_is_refused(flag: str, text: str) -> None:
    assert "it wants a whole number" in refused(f"{flag} {text}")


# Timers


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon", "60s"])
def test_a_timeout_is_seconds_above_zero(text: str) -> None:
    assert "it wants" in refused(f"--timeout {text}")


@pytest.mark.parametrize(
    ("text", "timers"),
    [
        ("idle=30", {"idle": 30}),
        ("first_byte=60,idle=30", {"first_byte": 60, "idle": 30}),
        ("'first_byte = 60, idle=0.5'", {"first_byte": 60, "idle": 0.5}),
        ("total=none,idle=off,connect=None", {"total": None, "idle": None, "connect": None}),
    ],
)
def test_timers_are_names_and_seconds_with_commas(text: str, timers: dict[str, float | None]) -> None:
    assert value(f"--timeouts {text}") == timers
    assert value(f"--timeouts {text}", REGISTER) == timers


@pytest.mark.parametrize(
    "text", ["idle", "idel=5", "idle=5,", "=5", "idle=", "idle=0", "idle=-1", "5", "idle=nan", "idle:5"]
)
def test_what_are_no_timers_is_refused(text: str) -> None:
    assert "it wants" in refused(f"--timeouts {text}")


def test_an_unknown_timer_is_refused_with_those_there_are() -> None:
    assert "connect, first_byte, first_token, idle, content_idle, total" in refused("--timeouts idel=5")


# Fields of the request


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("a=1", ("a", 1)),
        ("a=1.5", ("a", 1.5)),
        ("a=true", ("a", True)),
        ("a=null", ("a", None)),
        ("a=low", ("a", "low")),
        ("a=", ("a", "")),
        ("a='b c'", ("a", "b c")),
        ("a='\"5\"'", ("a", "5")),
        ('a={"type": "json_object"}', ("a", {"type": "json_object"})),
        ('\'a={"type": "json_object"}\'', ("a", {"type": "json_object"})),
        ('a=["x y", {"z": []}]', ("a", ["x y", {"z": []}])),
        ("a=b=c", ("a", "b=c")),
        ("a={broken", ("a", "{broken")),
        ('a="\\n"', ("a", "\\n")),
        ('a=["\\n"]', ("a", ["\n"])),
        ("a=None", ("a", "None")),
        ("a=" + "[" * 50_000, ("a", "[" * 50_000)),
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_field_is_json_where_it_can_be_and_text_else(text: str, field: tuple[str, Any]) -> None:
    assert value(f"-o {text}") == [field]


def test_fields_may_be_many() -> None:
    assert value('-o a=1 -o b={"c": 2} -o a=3') == [("a", 1), ("b", {"c": 2}), ("a", 3)]


@pytest.mark.parametrize("text", ["a", "=1", "'  =1'", "{}"])
def test_a_field_without_a_name_or_a_value_is_refused(text: str) -> None:
    assert "KEY=VALUE" in refused(f"-o {text}")


def test_a_number_that_json_does_not_know_is_no_surprise() -> None:
    ((_, number),) = value("-o a=NaN")
    assert math.isnan(number)  # and refused where the body is written


# Texts


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        ('"\\n"', "\n"),
        ("'\\n\\n'", "\n\n"),
        ("\\n", "\n"),
        ("'\\t'", "\t"),
        ("END", "END"),
        ("'a b'", "a b"),
        ("'###'", "###"),
        ("--", "--"),
    ],
)
def test_a_stop_text_may_name_the_line_end_that_cannot_be_typed(text: str, stop: str) -> None:
    assert value(f"--stop {text}") == [stop]


def test_stop_texts_may_be_many() -> None:
    assert value('--stop "\\n" --stop END') == ["\n", "END"]


@pytest.mark.parametrize("text", ["1a", "a.b", "a-b", "''", "a[0]", "None()"])
def test_the_reply_goes_into_what_is_the_name_of_a_variable(text: str) -> None:
    assert "the name of a variable" in refused(f"--out {text}")


def test_a_word_of_pythons_own_is_no_variable() -> None:
    assert "the name of a variable" in refused("--out class")


@pytest.mark.parametrize(
    ("line", "near"), [("-f markdwon", "markdown"), ("-f jsn", "json"), ("--on-error rais", "raise")]
)
def test_a_choice_that_is_nearly_one_is_told(line: str, near: str) -> None:
    assert f"did you mean {near}?" in refused(line)


# Registering


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("'X-Tenant: a'", ("X-Tenant", "a")),
        ("X-Tenant:a", ("X-Tenant", "a")),
        ("'X-A: b: c'", ("X-A", "b: c")),
        ("'X-A:'", ("X-A", "")),
        ("'X-Api-Key: env:NAME'", ("X-Api-Key", "env:NAME")),
    ],
)
def test_a_header_is_a_name_and_a_value(text: str, header: tuple[str, str]) -> None:
    assert value(f"--header {text}", REGISTER) == [header]


@pytest.mark.parametrize("text", ["X-Tenant", "': a'", "''"])
def test_a_header_without_a_name_is_refused(text: str) -> None:
    assert "'NAME: VALUE'" in refused(f"--header {text}", REGISTER)


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("tools", {"tools": True}),
        ("tools,reasoning", {"tools": True, "reasoning": True}),
        ("tools,no_reasoning", {"tools": True, "reasoning": False}),
        ("structured-output,no-attachments", {"structured_output": True, "attachments": False}),
    ],
)
def test_capabilities_are_named_with_commas(text: str, flags: dict[str, bool]) -> None:
    assert value(f"--can {text}", REGISTER) == flags


@pytest.mark.parametrize("text", ["''", "tool", "tools;reasoning", "no_"])
def test_unknown_capabilities_are_refused_with_those_there_are(text: str) -> None:
    assert "tools, reasoning, structured_output" in refused(f"--can {text}", REGISTER)


def test_timers_that_are_given_twice_are_put_together() -> None:
    given = ASK.parse("demo/pydoc --timeouts idle=3,connect=1 --timeouts idle=5")
    assert given.timeouts == {"idle": 5.0, "connect": 1.0}


def test_md_is_markdown_as_users_of_other_magics_write_it() -> None:
    assert ASK.parse("llama -f md").format == "markdown"
