from __future__ import annotations

from typing import Any

import pytest

from byom_magics.catalog.document import Findings
from byom_magics.catalog.listed import listed_models

CANARY = "canary-0123456789-abcdef"
ENTRY = {"key": "gpt", "baseURL": "https://llm.example.com/v1"}


class Read:
    """Entries that were read, and what was handed over on the way."""

    def __init__(self, *entries: Any, toml: bool = False) -> None:
        self.held: list[tuple[str, str, str]] = []
        self.findings = Findings()
        self.warnings: list[str] = []
        self.models = listed_models(list(entries), self._hold, self.findings, self.warnings, toml=toml)

    def _hold(self, name: str, value: str, url: str) -> str:
        self.held.append((name, value, url))
        return f"session:{name}"


def test_every_field_of_the_form_is_read() -> None:
    entry = {
        **ENTRY,
        "name": "The big one",
        "description": "A model.",
        "endpoint": "/chat/completions",
        "modelName": "gpt-4o",
        "apiKey": "env:GPT_KEY",
        "headers": {"X-Tenant": "a"},
        "maxTokens": 500,
        "temperature": 0.3,
    }
    read = Read(entry)
    assert read.models == {
        "gpt": {
            "url": ENTRY["baseURL"],
            "name": "The big one",
            "description": "A model.",
            "path": "/chat/completions",
            "model": "gpt-4o",
            "api_key": "env:GPT_KEY",
            "headers": {"X-Tenant": "a"},
            "max_tokens": 500,
            "temperature": 0.3,
        }
    }
    assert not read.warnings
    assert not read.held


def test_what_others_leave_empty_is_not_said() -> None:
    read = Read({**ENTRY, "apiKey": "", "headers": None, "maxTokens": None, "name": "", "endpoint": ""})
    assert read.models == {"gpt": {"url": ENTRY["baseURL"]}}
    assert not read.findings.count


def test_a_literal_key_is_handed_over_with_its_url_and_a_warning_tells_how_to_move_it() -> None:
    read = Read({**ENTRY, "apiKey": CANARY})
    assert read.held == [("gpt", CANARY, ENTRY["baseURL"])]
    assert read.models["gpt"]["api_key"] == "session:gpt"
    (warning,) = read.warnings
    assert warning.startswith("models.0.apiKey is a key itself; it is kept for this session only.")
    assert "%byom_key set gpt" in warning
    assert '"apiKey": "keyring:gpt"' in warning
    assert '"apiKey": "env:BYOM_GPT_KEY"' in warning
    assert CANARY not in warning


def test_in_toml_the_line_that_mends_it_is_toml() -> None:
    (warning,) = Read({**ENTRY, "apiKey": CANARY}, toml=True).warnings
    assert 'apiKey = "keyring:gpt"' in warning
    assert 'apiKey = "env:BYOM_GPT_KEY"' in warning


def test_a_literal_key_in_a_header_is_handed_over_too() -> None:
    headers = {"Authorization": f"Bearer {CANARY}", "X-Tenant": "a", "X-Api-Key": "env:OTHER"}
    read = Read({**ENTRY, "key": "a/b", "headers": headers})
    assert read.held == [("a/b-authorization", f"Bearer {CANARY}", ENTRY["baseURL"])]
    assert read.models["a/b"]["headers"] == {**headers, "Authorization": "session:a/b-authorization"}
    (warning,) = read.warnings
    assert "models.0.headers.Authorization is a key itself" in warning
    assert "env:BYOM_A_B_AUTHORIZATION_KEY" in warning
    assert CANARY not in warning


def test_unknown_fields_are_left_out_with_a_warning() -> None:
    read = Read({**ENTRY, "maxToken": 5, "provider": "x"})
    assert read.models == {"gpt": {"url": ENTRY["baseURL"]}}
    assert read.warnings[0] == "models.0.maxToken is not used: did you mean maxTokens?"
    assert "models.0.provider is not used" in read.warnings[1]


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([{"key": "a"}], "models.0: it has no baseURL: add one"),
        ([{"key": "a", "base_url": "http://localhost:1"}], "models.0: it has no baseURL: is base_url meant to be it?"),
        ([{"key": "a", "baseUrl": "http://localhost:1"}], "models.0: it has no baseURL: is baseUrl meant to be it?"),
        ([{"baseURL": "http://localhost:1"}], "models.0: it has no key: add one"),
        ([{**ENTRY, "key": "two words"}], "models.0.key: wanted one word"),
        ([ENTRY, ENTRY], "models.1.key: there is a model 'gpt' above already: choose another key"),
        ([ENTRY, 7], "models.1: wanted a table, not a whole number"),
        ([{**ENTRY, "maxTokens": "many"}], "models.0.maxTokens: wanted a whole number of 1 or more, not a text"),
        ([{**ENTRY, "apiKey": 7}], "models.0.apiKey: wanted a text, not a whole number"),
    ],
)
def test_what_is_wrong_names_the_entry_and_the_field(entries: list[Any], says: str) -> None:
    (problem,) = Read(*entries).findings.kept
    assert str(problem).startswith(says)
