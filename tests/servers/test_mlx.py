"""What is MLX's own: where an answer ends, and how it says no."""

from __future__ import annotations

import pytest

import byom_magics as byom
from byom_magics.errors import StatusError
from byom_magics.events import State
from byom_magics.messages import Image, Message, Text
from tests.servers.running import TINY, Server, real_servers

pytestmark = real_servers


def test_an_answer_of_mlx_that_is_cut_at_max_tokens_has_the_state_length(mlx: Server) -> None:
    byom.register("tiny", preset="mlx", url=mlx.url, model="hf")
    reply = byom.ask("tiny", TINY, temperature=0, max_tokens=3)
    assert reply.state == State.LENGTH
    assert reply.usage.output_tokens == 3


def test_a_picture_is_refused_with_404_and_the_next_step_is_not_another_path(mlx: Server) -> None:
    byom.register("tiny", preset="mlx", url=mlx.url, model="hf")
    with pytest.raises(StatusError) as caught:
        byom.ask("tiny", [Message("user", (Text("What is this?"), Image(b"\x89PNG\r\n\x1a\n")))])
    assert caught.value.status == 404
    assert "without the picture" in (caught.value.hint or "")
