"""Kernels for the tests: one that many share, and fresh ones where what is loaded or set is the point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.kernel.notebook_kernel import Kernel, started

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def _shared_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with started(tmp_path_factory.mktemp("shared-kernel")) as kernel:
        yield kernel


@pytest.fixture
def kernel(_shared_kernel: Kernel) -> Kernel:
    """A kernel with the extension loaded, nothing registered but the built-in models, and no variables."""
    cell = _shared_kernel.run(
        "%reset -f\n%reload_ext byom_magics\n"
        "import byom_magics\n"
        "for key, spec in list(byom_magics.models.items()):\n    if not spec.builtin: byom_magics.forget(key)\n"
        "byom_magics.models.set_default(None)\ndel key, spec"
    )
    assert cell.status == "ok", cell.everything
    return _shared_kernel


@pytest.fixture
def fresh_kernel(tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    """Starts kernels of their own; the arguments are those of `started`, without the folder."""
    with ExitStack() as stack:
        numbers = iter(range(100))

        def start(**more: object) -> Kernel:
            folder = tmp_path / f"kernel-{next(numbers)}"
            folder.mkdir()
            return stack.enter_context(started(folder, **more))  # type: ignore[arg-type]

        yield start
