from __future__ import annotations

from typing import TYPE_CHECKING

import byom_magics as byom

if TYPE_CHECKING:
    import pytest

    from tests.magics.notebook import Notebook

CANARY = "sk-canary-0123456789"


def test_the_table_shows_what_the_contract_names(nb: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPT_KEY", CANARY)
    byom.register(
        "gpt",
        url="https://api.example.com/v1",
        model="gpt-4o",
        name="The big one",
        api_key="env:GPT_KEY",
        headers={"X-Api-Key": "env:MISSING_KEY", "X-Tenant": "a"},
        capabilities={"tools": True, "reasoning": False},
        context_window=128_000,
    )
    cell = nb.ok("%byom_models")
    for shown in (cell.html, cell.plain):
        for words in (
            "gpt",
            "The big one",
            "gpt-4o",
            "https://api.example.com/v1",
            "env:GPT_KEY",
            "env:MISSING_KEY",
            "tools",
        ):
            assert words in shown, words
    assert "env:GPT_KEY (set" in " ".join(cell.html.split())
    assert CANARY not in cell.everything


def test_built_in_models_are_named_for_what_they_are(nb: Notebook) -> None:
    cell = nb.ok("%byom_models")
    row = next(line for line in cell.plain.splitlines() if line.startswith("demo/bigram"))
    assert "built in" in row
    assert "none needed" in row


def test_the_default_is_marked(nb: Notebook) -> None:
    nb.ok("%byom_default demo/5gram")
    cell = nb.ok("%byom_models")
    (row,) = [line for line in cell.plain.splitlines() if "(default)" in line]
    assert row.startswith("demo/5gram")


def test_without_a_model_the_table_says_how_to_bring_one_in(nb: Notebook) -> None:
    nb.ok("%config Byom.builtin_models = False")
    cell = nb.ok("%byom_models")
    assert "%byom_register KEY --url URL" in cell.plain
    assert "%byom_register KEY --url URL" in cell.html


def test_sec_05_markup_in_names_and_addresses_is_shown_and_not_run(nb: Notebook) -> None:
    byom.register("<b>x</b>", url="http://localhost:1/v1", model="<script>alert(1)</script>", name="a|b *c* $x$ &amp;")
    cell = nb.ok("%byom_models")
    assert "<script" not in cell.html
    assert "<b>x" not in cell.html
    assert "&lt;script&gt;" in cell.html
    assert "<script>alert(1)</script>" in cell.plain


def test_a_bare_byom_shows_the_models_and_how_to_go_on(nb: Notebook) -> None:
    cell = nb.ok("%byom")
    for shown in (cell.html, cell.plain):
        for words in ("demo/pydoc", "%%byom demo/pydoc", "%byom_register llama --url", "%%byom?", "%byom_picker"):
            assert words in shown
    assert len(cell.displays) == 1


def test_a_bare_byom_names_the_default_once_there_is_one(nb: Notebook) -> None:
    nb.ok("%byom_default demo/5gram")
    assert "%%byom demo/5gram" in nb.ok("%byom").plain
