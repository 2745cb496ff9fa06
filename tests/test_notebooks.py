"""The notebooks run from the first cell to the last, and are kept without outputs."""

from __future__ import annotations

import os
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests import stand_ins

ROOT = Path(__file__).resolve().parent.parent
MEANT_TO_FAIL = "raises-exception"  # the tag that Jupyter's own tools know
PORT = "8765"  # the one that the presets know, so that there is something to find
STARTUP = "import byom_magics.demo.app as app; app.App.__init__.__defaults__ = (None,)"
"""What a kernel runs first here: the built-in models write as fast as they can. To watch them write takes minutes."""

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def text_of(cell: Any) -> str:
    """What a person reads in the outputs of a cell."""
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])
    )


def test_there_is_a_quickstart() -> None:
    assert ROOT / "notebooks" / "quickstart.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    kept = [cell.id for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    assert not kept
    assert "widgets" not in notebook.metadata


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All notebooks as they are, with servers that stand in for a company's and a provider's."""
    folder = tmp_path_factory.mktemp("notebooks")
    profile = folder / "ipython" / "profile_default" / "startup"
    profile.mkdir(parents=True)
    (profile / "pace.py").write_text(STARTUP, encoding="utf-8")
    notebooks = {}
    with stand_ins.company(folder) as company, stand_ins.cloud() as cloud:
        for path in NOTEBOOKS:
            notebook = read(path)
            client = NotebookClient(
                notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
            )
            with stand_ins.alone(PORT) if PORT in path.read_text(encoding="utf-8") else nullcontext():
                client.execute(env={**os.environ, **company, **cloud, "IPYTHONDIR": str(folder / "ipython")})
            notebooks[path.name] = notebook
    return notebooks


@pytest.mark.kernel
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_every_cell_of_a_notebook_runs_without_an_error(executed: dict[str, Any], path: Path) -> None:
    cells = executed[path.name].cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert outputs
    failed = [cell for cell in cells if any(output.output_type == "error" for output in cell.get("outputs", []))]
    assert failed == [cell for cell in cells if MEANT_TO_FAIL in cell.metadata.get("tags", [])]
    assert not [output for output in outputs if output.get("name") == "stderr"]


@pytest.mark.kernel
def test_every_question_of_the_quickstart_is_answered(executed: dict[str, Any]) -> None:
    asked = [cell for cell in executed["quickstart.ipynb"].cells if cell.source.startswith("%%byom")]
    assert len(asked) >= 5
    unanswered = [cell.source for cell in asked if len(text_of(cell)) < 40]
    assert not unanswered


@pytest.mark.kernel
def test_the_first_answer_speaks_of_what_was_asked(executed: dict[str, Any]) -> None:
    first = next(cell for cell in executed["quickstart.ipynb"].cells if cell.source.startswith("%%byom"))
    assert "with" in text_of(first)
    assert "context manager" in text_of(first)


@pytest.mark.kernel
def test_the_first_answer_is_one_output_when_it_has_ended(executed: dict[str, Any]) -> None:
    first = next(cell for cell in executed["quickstart.ipynb"].cells if cell.source.startswith("%%byom"))
    assert len(first.outputs) == 1
    assert {"text/html", "text/plain"} <= set(first.outputs[0].data)


@pytest.fixture
def own_models(executed: dict[str, Any]) -> dict[str, str]:
    """What a person reads below each cell of the notebook on models of one's own, by the cell's first line."""
    cells = [cell for cell in executed["bring_your_model.ipynb"].cells if cell.cell_type == "code"]
    return {cell.source.splitlines()[0]: text_of(cell) for cell in cells}


@pytest.mark.kernel
def test_a_server_on_this_machine_is_found_and_registered(own_models: dict[str, str]) -> None:
    assert "demo/5gram" in own_models["%byom_discover http://localhost:8765 --register demo/5gram"]
    assert "is in the list" in own_models["%byom_doctor gram"]
    assert len(own_models["%%byom gram --seed 1 --max-tokens 40"]) > 100


@pytest.mark.kernel
def test_the_cloud_is_asked_with_its_own_dialect_and_key(own_models: dict[str, str]) -> None:
    assert "x-api-key: [key from env:ANTHROPIC_API_KEY]" in own_models["%%byom claude --dry-run"]
    assert stand_ins.CLOUD_SAYS in own_models["import os"]


@pytest.mark.kernel
def test_the_companys_server_is_reached_with_its_certificates_and_its_token(own_models: dict[str, str]) -> None:
    examined = own_models["%byom_doctor company"]
    assert "TLS 1.3" in examined
    assert "FAILED" not in examined
    assert "finally" in own_models["%%byom company"]
    assert "env:COMPANY_TOKEN" in own_models["%byom_register --file company.toml --trust"]


@pytest.mark.kernel
def test_the_rules_keep_calls_in_the_house(own_models: dict[str, str]) -> None:
    assert "company.toml" in own_models["%%byom claude --on-error show"]
    assert "error(policy)" in own_models["%%byom claude --on-error show"]


@pytest.mark.kernel
def test_no_key_stands_in_an_executed_notebook(executed: dict[str, Any]) -> None:
    for notebook in executed.values():
        saved = nbformat.writes(notebook)
        assert stand_ins.TOKEN not in saved
        assert stand_ins.CLOUD_KEY not in saved


@pytest.mark.kernel
def test_answers_are_worked_with(executed: dict[str, Any]) -> None:
    cells = {cell.id: text_of(cell) for cell in executed["working_with_answers.ipynb"].cells}
    assert "nothing was sent" in cells["values-3"]
    assert "FileNotFoundError" in cells["values-3"]
    assert "2 turns" in cells["conv-4"]
    assert 'get_weather(city="Rome")' in cells["tools-3"]
    assert "2748109" in cells["tools-3"]
    assert cells["schema-4"].startswith("Topic(title=")
    assert "reasoning" in cells["reason-2"]
    assert "%" in cells["prob-2"]
    assert "1 answer in" in cells["again-4"]
    assert "sum(prices)" in cells["fix-4"]
    assert "+ sum(map(float, prices))" in cells["fix-5"]
    assert "717710" in cells["py-5"]


@pytest.fixture
def lesson(executed: dict[str, Any]) -> dict[str, str]:
    """What a person reads below each cell of the lesson on comparing models, by the cell's id."""
    return {cell.id: text_of(cell) for cell in executed["compare_models.ipynb"].cells}


@pytest.mark.kernel
def test_the_lesson_shows_temperature_context_and_chance(lesson: dict[str, str]) -> None:
    assert [f"temperature={each}" in lesson["temperature-2"] for each in ("0", "0.7", "1.4")] == [True] * 3
    likeliest = [float(share) for share in re.findall(r"([\d.]+)%", lesson["temperature-4"])][::5]
    assert likeliest == sorted(likeliest, reverse=True)
    shares = [int(share) for share in re.findall(r"(\d+)%", lesson["context-4"])]
    assert all(five > bigram for bigram, five in zip(shares[::2], shares[1::2], strict=True))
    assert "in both" in lesson["chance-4"]
    assert lesson["chance-6"].startswith("in all three: ")


@pytest.mark.kernel
def test_the_lesson_compares_prompts_and_goes_on_with_conversations(lesson: dict[str, str]) -> None:
    assert "Answer in one sentence." in lesson["prompts-3"]
    assert "Answer a child of ten" in lesson["prompts-3"]
    assert "demo/5gram" in lesson["round-5"]
    assert "2 turns" in lesson["own-3"]


@pytest.mark.kernel
def test_a_blind_comparison_that_nobody_votes_on_keeps_its_names(lesson: dict[str, str]) -> None:
    assert "told after the vote" in lesson["blind-2"]
    assert "demo/" not in lesson["blind-2"]
    assert "There are no votes yet" in lesson["blind-4"]


@pytest.mark.kernel
def test_the_votes_of_a_class_make_a_leaderboard(lesson: dict[str, str]) -> None:
    assert "54 votes by 3 named voters" in lesson["class-3"]
    assert re.search(r"^1 \(1\) +demo/5gram", lesson["class-3"], re.MULTILINE)


@pytest.mark.kernel
def test_the_lesson_leaves_no_widgets_of_comparisons_in_the_file(executed: dict[str, Any]) -> None:
    cells = [cell for cell in executed["compare_models.ipynb"].cells if cell.source.startswith("%%byom_compare")]
    assert len(cells) >= 6
    shown = [set(output.data) for cell in cells for output in cell.outputs]
    assert all(data == {"text/html", "text/plain"} for data in shown)
