from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.catalog.registration import spec_of
from byom_magics.show.answer import document
from byom_magics.show.models import facts, list_lines, model_html, model_table
from byom_magics.wire.policy import origin
from tests.show.safe import read, text_of

if TYPE_CHECKING:
    import pytest

    from byom_magics.catalog.spec import ModelSpec


def spec(key: str = "llama", **described: object) -> ModelSpec:
    return spec_of(key, **{"url": "http://localhost:11434/v1", **described})  # type: ignore[arg-type]


def test_the_table_says_what_a_person_chooses_by() -> None:
    models = [
        spec(name="Llama", model="llama3.2", capabilities={"tools": True, "reasoning": False}, context_window=131_072),
        spec("demo/x", builtin=True, capabilities={"tools": False}),
        spec("plain"),
    ]
    table = model_table(models, "llama", origin, note="A note.")
    assert table.rows == [
        (
            "llama (default)",
            "Llama",
            "llama3.2",
            "http://localhost:11434/v1",
            "none needed",
            "tools, 131,072 tokens of context",
        ),
        ("demo/x", "", "demo/x", "built in", "none needed", "text"),
        ("plain", "", "plain", "http://localhost:11434/v1", "none needed", "not stated"),
    ]
    assert table.note == "A note."


def test_of_keys_only_the_source_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYOM_TEST_KEY", "canary-5f2c")
    described = spec(api_key="env:BYOM_TEST_KEY", headers={"X-Auth-Token": "env:BYOM_NOT_SET", "X-Tenant": "tenant-9"})
    said = facts(described, origin)
    assert said.key_from == "env:BYOM_TEST_KEY (set), env:BYOM_NOT_SET (not set)"
    everything = "".join((repr(said), model_html(described, origin), *list_lines([described], origin)))
    assert "canary" not in everything
    assert "tenant-9" not in everything


def test_the_details_hold_all_that_is_known() -> None:
    described = spec(
        name="Llama",
        model="llama3.2",
        description="First.\nSecond.",
        max_tokens=4096,
        temperature=0.2,
        price_in=0.15,
        price_out=1200,
    )
    text = text_of(document(model_html(described, origin)))
    for part in ("Llama", "llama3.2", "none needed", "at most 4,096 tokens an answer, temperature 0.2", "Second."):
        assert part in text
    assert "0.15 in, 1,200 out (USD per million tokens)" in text


def test_a_price_that_only_half_is_known_is_half_said() -> None:
    assert "0 in (EUR per million tokens)" in text_of(model_html(spec(price_in=0, currency="EUR"), origin))
    assert "Price" not in text_of(model_html(spec(), origin))


def test_hostile_texts_stay_texts() -> None:
    evil = spec(name="<img src=x onerror=alert(1)>", description="<script>x</script>\u202e\x1b[31m" + "y" * 10_000)
    html = document(model_html(evil, origin))
    assert not {"img", "script"} & set(read(html).tags)
    assert r"<script>x</script>\u202e\x1b[31m" in text_of(html)
    assert len(html) < 6_000


def test_list_lines_are_aligned_without_blanks_that_a_browser_folds() -> None:
    models = [spec(key, model=model, context_window=8_192) for key, model in (("a", "a"), ("longer-key", "日本"))]
    lines = list_lines(models, origin)
    assert len(lines) == 2
    assert not any("  " in line for line in lines)
    assert lines[0].endswith("8,192 tokens\u00a0\u00a0none needed")
    short, long = (line.replace("\u00a0", " ") for line in lines)
    assert short.index("none needed") == long.index("none needed") + len("日本")
    assert list_lines([], origin) == []


def test_a_list_line_is_short_whatever_the_names_are() -> None:
    (line,) = list_lines([spec("k" * 200, name="n" * 5_000)], origin)
    assert len(line) < 250


def test_a_line_has_the_price_where_any_model_has_one_and_a_star_for_a_favourite() -> None:
    priced = spec("a", price_out=2.5, currency="EUR")
    plain = spec("bb")
    (placed,) = list_lines([priced], origin, where=lambda _: "this machine")
    assert "this machine" in placed
    first, second = list_lines([priced, plain], origin, favourites={"bb"})
    assert first.replace("\u00a0", " ").split() == ["a", "not", "stated", "2.5", "EUR/M", "out", "none", "needed"]
    assert second.replace("\u00a0", " ").split()[:2] == ["bb", "★"]
    assert first.index("none") == second.index("none")


def test_the_details_say_where_a_model_runs_if_that_is_told() -> None:
    assert "private network" in text_of(model_html(spec(), origin, place="private network"))
    assert "Runs on" not in text_of(model_html(spec(), origin))
