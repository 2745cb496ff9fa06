from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.catalog.model_servers import RECORDINGS, serving
from tests.magics.notebook import Notebook, notebook
from tests.servers.running import LITELLM_KEY, Server, running


@pytest.fixture(scope="package")
def mlx() -> Iterator[Server]:
    with running("mlx") as server:
        yield server


@pytest.fixture(scope="package")
def transformers() -> Iterator[Server]:
    with running("transformers") as server:
        yield server


@pytest.fixture(scope="package")
def litellm(mlx: Server) -> Iterator[Server]:
    """Before MLX, and before a recorded model that asks for a tool."""
    recorded = (RECORDINGS / "llama_cpp" / "tool_stream_thinking_off.http").read_bytes()
    with (
        serving({"/v1/chat/completions": recorded}) as tools,
        running("litellm", UPSTREAM=mlx.url, TOOLS=tools.url) as server,
    ):
        yield server


@pytest.fixture(scope="package")
def mlflow(litellm: Server) -> Iterator[Server]:
    """Before LiteLLM."""
    with running("mlflow", UPSTREAM=litellm.url, UPSTREAM_KEY=LITELLM_KEY) as server:
        yield server


@pytest.fixture(autouse=True)
def _key_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_KEY", LITELLM_KEY)


@pytest.fixture
def nb() -> Iterator[Notebook]:
    """A shell in which the extension is loaded."""
    with notebook() as made:
        made.ok("%load_ext byom_magics")
        yield made
