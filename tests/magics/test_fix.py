from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import byom_magics as byom
from byom_magics.errors import OptionError, StatusError
from tests.wire.answers import chunked, refused, sse
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.magics.notebook import Notebook

ANSWER = "The prices are texts.\n```python\ntotal = sum(map(float, prices))\n```\n"


@pytest.fixture(autouse=True)
def _nothing_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("last_value", "last_exc"):
        monkeypatch.delattr(sys, name, raising=False)  # of a test before


@pytest.fixture
def cells(nb: Notebook, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Cells that are made and not run, and whether they replace another one."""
    made: list[tuple[str, bool]] = []
    monkeypatch.setattr(nb.shell, "set_next_input", lambda code, replace: made.append((code, replace)))
    return made


def fixer(answer: str = ANSWER) -> RawServer:
    return RawServer([chunked(sse(answer))])


def fail(nb: Notebook) -> None:
    nb.ok("prices = ['1', '2']\napi_key = 'sk-canary-0123456789'")
    nb.run("total = sum(prices)")


def test_the_failing_cell_is_explained_and_a_corrected_one_is_proposed_as_a_diff_and_not_run(
    nb: Notebook, cells: list[tuple[str, bool]]
) -> None:
    fail(nb)
    with fixer() as server:
        byom.register("fixer", url=server.url)
        shown = nb.ok("%byom_fix fixer --out reply")
    assert "The prices are texts." in shown.everything
    assert "- total = sum(prices)" in shown.everything
    assert "+ total = sum(map(float, prices))" in shown.everything
    assert cells == [("total = sum(map(float, prices))", False)]
    assert "total" not in nb.names
    assert nb.names["reply"].text == ANSWER
    asked = str(server.requests[0].json["messages"])
    for part in ("total = sum(prices)", "TypeError", "prices: list"):
        assert part in asked


def test_the_request_is_shown_first_with_dry_run_and_holds_no_secret_value(nb: Notebook) -> None:
    fail(nb)
    nb.run("sum(prices) + len(api_key)")
    shown = nb.ok("%byom_fix demo/pydoc --dry-run")
    assert "nothing was sent" in shown.plain
    assert "api_key" in shown.plain
    assert "canary" not in shown.everything


def test_the_cell_is_only_shown_if_that_is_wanted(nb: Notebook, cells: list[tuple[str, bool]]) -> None:
    fail(nb)
    with fixer() as server:
        byom.register("fixer", url=server.url)
        assert "+ total" in nb.ok("%byom_fix fixer --no-cell").everything
    assert cells == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [("No idea.", "No cell is proposed"), ("```python\ntotal = sum(prices)\n```", "nothing changes")],
)
def test_where_nothing_is_proposed_it_says_so(
    nb: Notebook, cells: list[tuple[str, bool]], answer: str, says: str
) -> None:
    fail(nb)
    with fixer(answer) as server:
        byom.register("fixer", url=server.url)
        assert says in nb.ok("%byom_fix fixer").everything
    assert cells == []


def test_a_cell_that_is_no_python_is_fixed_too(nb: Notebook, cells: list[tuple[str, bool]]) -> None:
    nb.run("for x in [1, 2)\n    print(x)")
    with fixer("```python\nfor x in [1, 2]:\n    print(x)\n```") as server:
        byom.register("fixer", url=server.url)
        nb.ok("%byom_fix fixer")
        assert "SyntaxError" in str(server.requests[0].json["messages"])
    assert cells == [("for x in [1, 2]:\n    print(x)", False)]


def test_the_source_of_the_notebooks_own_functions_goes_along(nb: Notebook) -> None:
    nb.ok("def half(x):\n    return x / 0\n")
    nb.run("half(3)")
    assert "return x / 0" in nb.ok("%byom_fix demo/pydoc --dry-run").plain


def test_another_cell_that_works_does_not_hide_the_failure(nb: Notebook) -> None:
    fail(nb)
    nb.ok("1 + 1")
    assert "sum(prices)" in nb.ok("%byom_fix demo/pydoc --dry-run").plain


def test_without_a_failure_there_is_nothing_to_fix(nb: Notebook) -> None:
    assert "nothing has failed yet" in nb.fails("%byom_fix demo/pydoc", OptionError)
    nb.run("raise KeyboardInterrupt")
    assert "KeyboardInterrupt" in nb.fails("%byom_fix demo/pydoc", OptionError)


def test_a_call_that_fails_is_told_as_ever_and_the_failure_stays(nb: Notebook, cells: list[tuple[str, bool]]) -> None:
    fail(nb)
    with RawServer([refused("400 Bad Request")]) as server:
        byom.register("broken", url=server.url)
        nb.fails("%byom_fix broken", StatusError)
    assert cells == []
    assert "sum(prices)" in nb.ok("%byom_fix demo/pydoc --dry-run").plain


def test_sec_41_hostile_proposals_are_shown_and_never_run(nb: Notebook, cells: list[tuple[str, bool]]) -> None:
    fail(nb)
    hostile = "```python\nran = True\nprint('<script>alert(1)</script>\x1b[2J')\n```"
    with fixer(hostile) as server:
        byom.register("fixer", url=server.url)
        shown = nb.ok("%byom_fix fixer")
    assert "ran" not in nb.names
    assert "<script>" not in shown.html
    assert "\x1b" not in shown.everything


def test_passwords_in_the_cell_itself_and_in_addresses_are_not_sent(nb: Notebook) -> None:
    nb.ok("dsn = 'postgres://me:canary1@host/db'\ndef login(password): raise ValueError(dsn)")
    nb.run("login(password='canary2')")
    shown = nb.ok("%byom_fix demo/pydoc --dry-run")
    assert "canary" not in shown.everything
    assert "see that it is not in the proposed cell" in shown.plain


def test_a_hidden_password_that_comes_back_as_such_is_pointed_out(nb: Notebook, cells: list[tuple[str, bool]]) -> None:
    nb.run("login(password='canary')")
    with fixer("```python\nlog_in(password='[password hidden]')\n```") as server:
        byom.register("fixer", url=server.url)
        assert "put back the key or password" in nb.ok("%byom_fix fixer").plain
    assert len(cells) == 1


def test_a_script_that_was_run_is_written_anew_only_by_the_person(
    nb: Notebook, cells: list[tuple[str, bool]], tmp_path: Path
) -> None:
    script = tmp_path / "my script.py"
    script.write_text("x = 1\ny = x + 'a'\n")
    nb.run(f'%run "{script}"')
    with fixer("```python\nx = 1\ny = x + 2\n```") as server:
        byom.register("fixer", url=server.url)
        shown = nb.ok("%byom_fix fixer")
        assert "This script failed (at line 2)" in str(server.requests[0].json["messages"])
    assert "my script.py" in shown.plain
    assert "'a'" in script.read_text()
    nb.ok(cells[0][0])
    assert script.read_text() == "x = 1\ny = x + 2\n"


def test_a_proposal_that_is_no_cell_of_any_use_is_not_made_one(nb: Notebook, cells: list[tuple[str, bool]]) -> None:
    fail(nb)
    with fixer(f"```python\nx = '{'a' * 200_000}'\n```") as server:
        byom.register("fixer", url=server.url)
        assert "too many for one" in nb.ok("%byom_fix fixer").everything
    assert cells == []


@pytest.mark.parametrize(
    ("cell", "mended", "says"),
    [
        ("total = sum(prices)", "total = sum(map(int, prices))", "`sum` adds numbers"),
        ("pritn(prices)", "print(prices)", "is spelled much like it"),
        ("for price in prices\n    print(price)", "for price in prices:\n    print(price)", "ends with a colon"),
        ("print((1, 2)", "print((1, 2))", "never closed"),
        ("%timeit -n 1 1\nsqrt(4)", "%timeit -n 1 1\nfrom math import sqrt\nsqrt(4)", "has to be imported first"),
        ("'cost: ' + len(prices)", "'cost: ' + str(len(prices))", "Only text can be added to text"),
        ("prices[2]", None, "I have no repair"),
        ("[][1]", None, "I have no repair"),
    ],
)
def test_the_built_in_model_proposes_a_cell_where_a_rule_can_mend_it(
    nb: Notebook, cells: list[tuple[str, bool]], cell: str, mended: str | None, says: str
) -> None:
    nb.ok("prices = ['1', '2']")
    nb.run(cell)
    shown = nb.ok("%byom_fix demo/pydoc -o tokens_per_second=0")
    assert says.replace("`", "") in shown.everything.replace("`", "")
    if mended is None:
        assert "No cell is proposed." in shown.everything
        assert cells == []
        return
    assert cells == [(mended, False)]
    removed, added = set(cell.split("\n")) - set(mended.split("\n")), set(mended.split("\n")) - set(cell.split("\n"))
    assert all(f"- {line}" in shown.plain for line in removed)
    assert all(f"+ {line}" in shown.plain for line in added)
    assert "Nothing was run." in shown.plain
    assert "total" not in nb.names
