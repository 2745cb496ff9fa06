"""Configuration files and real kernels: what one saves, the next one knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from byom_magics.catalog import files
from tests.wire.answers import GOOD
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kernel.notebook_kernel import Kernel

pytestmark = pytest.mark.kernel


@pytest.fixture
def folder(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path / "own"), "XDG_CONFIG_DIRS": str(tmp_path / "site")}


def test_a_saved_model_is_asked_by_a_bare_cell_of_the_next_kernel(
    fresh_kernel: Callable[..., Kernel], folder: dict[str, str]
) -> None:
    with RawServer(GOOD) as server:
        first = fresh_kernel(env=folder)
        cell = first.run(
            f"%load_ext byom_magics\n%byom_register mine --url {server.url} --model m --save\n%byom_default mine --save"
        )
        assert cell.status == "ok", cell.everything
        second = fresh_kernel(env=folder)
        assert second.run("%load_ext byom_magics").text == ""
        assert second.run("%%byom\nhello").status == "ok"
        (request,) = server.requests
    assert request.json["model"] == "m"


def test_two_kernels_that_save_at_once_keep_what_the_other_saved(
    fresh_kernel: Callable[..., Kernel], folder: dict[str, str], tmp_path: Path
) -> None:
    kernels = {name: fresh_kernel(env=folder) for name in ("a", "b")}
    cells = [
        kernel.begin(
            "%load_ext byom_magics\n"
            f"for n in range(8): get_ipython().run_line_magic('byom_register', "
            f"'{name}%d --url http://localhost:1/v1 --save' % n)"
        )
        for name, kernel in kernels.items()
    ]
    for cell in cells:
        assert cell.ended().status == "ok", cell.everything
    saved = files.read(tmp_path / "own" / "byom_magics" / "byom.toml").models
    assert set(saved) == {f"{name}{number}" for name in "ab" for number in range(8)}


def test_sec_42_a_file_in_the_working_folder_is_not_read(
    fresh_kernel: Callable[..., Kernel], folder: dict[str, str]
) -> None:
    kernel = fresh_kernel(env=folder)
    kernel.run("open('byom.toml', 'w').write('[models.here]\\nurl = \"http://localhost:1/v1\"\\n')")
    kernel.run("%load_ext byom_magics\nimport byom_magics")
    assert kernel.value("'here' in byom_magics.models") is False
    cell = kernel.run("%byom_register --file byom.toml")
    assert "models here." in cell.text
    assert kernel.value("'here' in byom_magics.models") is True
