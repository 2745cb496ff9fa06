from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from byom_magics.catalog.document import Document, Findings, Problem, checked, document_of
from byom_magics.catalog.spec import Policy
from byom_magics.errors import RegistrationError, SecretError

SOURCE = Path("/etc/here/byom.toml").absolute()
URL = "http://localhost:1/v1"
CANARY = "sk-canary-0123456789"


def said(data: dict[str, Any]) -> Document:
    findings = Findings()
    document = document_of(data, SOURCE, findings)
    assert not findings.count, findings.kept
    return document


def problems(data: dict[str, Any]) -> list[str]:
    findings = Findings()
    document_of(data, SOURCE, findings)
    assert findings.count == len(findings.kept)
    return [str(each) for each in findings.kept]


def test_a_model_becomes_the_arguments_of_its_registration() -> None:
    table = {
        "url": URL,
        "stop": "END",
        "tags": ["a", "b"],
        "timeouts": {"idle": "off", "total": 5},
        "api_key": ["command:", "vault", "read"],
        "locked": True,
        "extra_body": {"a": [1, {"b": []}]},
    }
    document = said({"models": {"gpt": table}})
    assert document.models == {
        "gpt": {
            "url": URL,
            "stop": ("END",),
            "tags": ("a", "b"),
            "timeouts": {"idle": None, "total": 5},
            "api_key": ("command:", "vault", "read"),
            "extra_body": {"a": [1, {"b": []}]},
        }
    }
    assert document.locked_models == {"gpt"}


def test_paths_are_relative_to_the_file() -> None:
    there = Path("/elsewhere/b.pem").absolute()
    table = {
        "url": URL,
        "unix_socket": "run/llm.sock",
        "api_key": "file:token",
        "tls": {"ca": "a.pem", "certificate": str(there), "key": "~/c.pem", "key_password": "file:~/word"},
    }
    endpoint = said({"endpoints": {"ours": table}}).endpoints["ours"]
    assert endpoint["unix_socket"] == str(SOURCE.parent / "run" / "llm.sock")
    assert endpoint["api_key"] == f"file:{SOURCE.parent / 'token'}"
    assert endpoint["tls"] == {
        "ca": str(SOURCE.parent / "a.pem"),
        "certificate": str(there),
        "key": str(Path("~/c.pem").expanduser()),
        "key_password": "file:~/word",
    }


def test_a_policy_knows_where_it_stands() -> None:
    rules = {"hosts": ["a.example.com"], "ports": [443], "air_gapped": True}
    expected = Policy(source=str(SOURCE), hosts=("a.example.com",), ports=(443,), air_gapped=True)
    assert said({"policy": rules}).policy == expected
    assert said({"policy": {}}).policy == Policy(source=str(SOURCE))
    assert said({}).policy is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"defualt": "a"}, "defualt: there is no such field; did you mean default?"),
        ({"default": ["a"]}, "default: wanted a text of one line, not a list"),
        ({"models": {"a": {"url": URL, "prices": {"input": "1"}}}},
         "models.a.prices.input: wanted a number of 0 or more, not a text"),
        ({"models": {"a": {"url": URL, "prices": 1}}}, "models.a.prices: wanted a table, not a whole number"),
        ({"models": {"a": {"url": URL, "max_tokens": 0}}}, "models.a.max_tokens: wanted a whole number of 1 or more"),
        ({"models": {"a": {"url": URL, "name": "a\x1b[2J"}}},
         "models.a.name: wanted a text of one line; this one is empty, too long or has control characters"),
        ({"models": {"a": {"model": "x"}}}, "models.a: it does not say where it is: add url = "),
        ({"models": {"a": {"endpoint": "b", "url": URL}}},
         "models.a.url: this belongs to the endpoint: write it in [endpoints.b]"),
        ({"models": {"a\x1b[2J": {"url": URL}}}, r'models."a\u001b[2J": a name in models is one word'),
        ({"endpoints": {"b": {"url": URL, "tls": {"cafile": "x"}}}},
         "endpoints.b.tls.cafile: there is no such field; did you mean ca?"),
        ({"endpoints": 1}, "endpoints: wanted a table of tables, such as [endpoints.NAME], not a whole number"),
        ({"policy": {"networks": ["10.0.0.0/40"]}}, 'policy.networks: wanted a list of networks such as "10.0.0.0/8"'),
    ],
)  # fmt: skip
def test_a_problem_names_its_field_and_what_was_wanted(data: dict[str, Any], says: str) -> None:
    (problem,) = problems(data)
    assert problem.startswith(says)


@pytest.mark.parametrize(
    "table",
    [
        {"api_key": CANARY},
        {"headers": {"Authorization": f"Bearer {CANARY}"}},
        {"headers": {"X-Any": f"Bearer {CANARY}"}},
        {"headers": {"x-api-key": CANARY}},
        {"proxy_login": f"me:{CANARY}"},
        {"tls": {"key_password": CANARY}},
        {"api_key": [CANARY]},
        {"api_key": f"session:{CANARY}"},
    ],
)
def test_sec_21_a_key_in_a_file_of_our_form_is_refused_and_never_repeated(table: dict[str, Any]) -> None:
    findings = Findings()
    document = document_of({"models": {"a": {"url": URL, **table}}}, SOURCE, findings).failed(findings)
    error = document.error
    assert error is not None
    assert isinstance(error, SecretError) or isinstance(table.get("api_key"), list)
    assert CANARY not in f"{error!s}{error!r}{document!r}"
    assert "env:NAME" in str(error)


def test_values_in_the_wrong_place_are_never_repeated() -> None:
    wrong = {"max_tokens": CANARY, "tags": CANARY, "tls": CANARY, "pinned": CANARY, "temperature": [CANARY]}
    told = problems({"models": {"a": {"url": URL, **wrong}}})
    assert len(told) == len(wrong)
    assert CANARY not in "".join(told)


def test_all_problems_are_told_at_once_the_first_ones_in_words() -> None:
    findings = Findings()
    document = document_of({"models": {f"m{n}": {"x": 1} for n in range(500)}}, SOURCE, findings).failed(findings)
    error = document.error
    assert isinstance(error, RegistrationError)
    assert document.problem_count == 1000
    assert len(document.problems) == 20
    assert f"{SOURCE} has 1,000 problems:" in str(error)
    assert "… and 980 more" in str(error)
    assert error.hint


def test_one_problem_is_one_line() -> None:
    findings = Findings()
    error = document_of({"defualt": "a"}, SOURCE, findings).failed(findings).error
    assert str(error).splitlines()[0] == f"{SOURCE}: defualt: there is no such field; did you mean default?"


def test_nothing_wrong_is_no_error() -> None:
    assert said({"default": "a"}).error is None


def test_a_problem_names_its_line_where_that_is_known() -> None:
    assert str(Problem(("models", "a"), "no", line=3)) == "line 3, models.a: no"
    assert str(Problem(("models", "a"), "no")) == "models.a: no"
    assert str(Problem((), "no", line=3)) == "line 3: no"
    assert str(Problem((), "no")) == "no"


def test_what_is_wrong_is_left_out_of_what_is_read() -> None:
    findings = Findings()
    read = checked("limits", {"concurrent": 4, "tokens_per_minute": "x"}, ("limits",), SOURCE.parent, findings)
    assert read == {"concurrent": 4}
    assert findings.count == 1
