from __future__ import annotations

import sys

import pytest

from tests import stand_ins


@pytest.mark.skipif(sys.platform == "win32", reason="there nobody waits")
def test_what_one_run_of_the_tests_holds_no_other_can_have(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    take = fcntl.flock

    def at_once(held: object, how: int) -> None:
        take(held, how | fcntl.LOCK_NB)  # type: ignore[arg-type]

    with stand_ins.alone("port"):
        monkeypatch.setattr(fcntl, "flock", at_once)
        with pytest.raises(BlockingIOError), stand_ins.alone("port"):
            pass
        with stand_ins.alone("another"):
            pass
    with stand_ins.alone("port"):
        pass
