"""What every test may rely on: an environment without keys and proxies, folders of its own, a fresh session."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOREIGN = re.compile(
    r"(?i)^((http|https|all|no|ftp|ws|wss)_proxy|.*_(api_?key|token|secret)|ssl_cert_(file|dir)|(requests|curl)_ca_bundle"
    r"|sslkeylogfile|openai_.*|pythonwarnings|jpy_.*|ipythondir|jupyter_.*)$"
)

# A busy machine is no failure.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def _own_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Nothing of the person's keys, proxies and settings reaches a test, nor the processes that it starts."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if FOREIGN.match(name):
                patch.delenv(name)
        patch.setenv("IPYTHONDIR", str(home / "ipython"))
        patch.setenv("JUPYTER_CONFIG_DIR", str(home / "jupyter-config"))
        patch.setenv("JUPYTER_DATA_DIR", str(home / "jupyter-data"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(home / "jupyter-runtime"))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.setenv("XDG_CONFIG_DIRS", str(home / "site"))
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        yield home


@pytest.fixture(autouse=True)
def _fresh_session(_own_world: Path) -> Iterator[None]:
    """What a test registers, saves or uses as a key, another one does not see."""
    yield
    session = sys.modules.get("byom_magics.session")
    if session is not None:
        session.reset()
    masking = sys.modules.get("byom_magics.catalog.secrets.masking")
    if masking is not None:
        masking._seen.clear()
    for folder in (_own_world / "config" / "byom_magics", _own_world / "site" / "byom_magics"):
        if folder.exists():
            shutil.rmtree(folder)
