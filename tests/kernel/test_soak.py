"""Eight columns, ten rounds in one cell: nothing is left of them. ``python -m tests.benchmarks soak`` runs a hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.soak import rounds
from tests.kernel.front_end import OPEN
from tests.served import says
from tests.wire.raw_server import RawServer, keep

if TYPE_CHECKING:
    from tests.kernel.notebook_kernel import Kernel

pytestmark = pytest.mark.kernel


def test_nothing_is_left_of_ten_rounds_of_eight_columns(kernel: Kernel) -> None:
    with RawServer([says("One **two** three. ", "Four."), keep]) as server:
        left = list(rounds(kernel.client, server.url, 10))
        kernel.run("from byom_magics.widgets.opened import OPENED\nOPENED.close_all()")
        after = kernel.value(f"len({OPEN})")
    assert [each.threads for each in left] == [0] * 10
    # What is kept for the next call: at most a connection and a thread for each column, not for each answer.
    assert max(each.sockets for each in left) - min(each.sockets for each in left) <= 8
    assert max(each.all_threads for each in left) - min(each.all_threads for each in left) <= 8
    assert len({(each.widgets, each.comms) for each in left}) == 1
    assert after == 0
