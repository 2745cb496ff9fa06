"""What servers say of themselves beside their lists."""

from __future__ import annotations

import pytest

from byom_magics.catalog.details import llamacpp_props
from byom_magics.catalog.spec import Capabilities, Listed
from tests.catalog.model_servers import answers_of, recorded


def test_llamacpp_says_the_context_of_a_slot_and_whether_it_takes_images() -> None:
    props = answers_of(recorded("llama_cpp"))["/props"].payload
    offered = llamacpp_props([Listed("tiny", context_window=2048)], props)
    assert offered == [Listed("tiny", context_window=1024, capabilities=Capabilities(attachments=False))]


def test_a_server_of_several_models_answers_for_itself_and_not_for_each() -> None:
    props = answers_of(recorded("llama_cpp"))["/props"].payload
    both = [Listed("a"), Listed("b")]
    assert llamacpp_props(both, props) == both


@pytest.mark.parametrize(
    "payload",
    [None, [], {"default_generation_settings": 1, "modalities": []}, {"default_generation_settings": {"n_ctx": True}}],
)
def test_what_makes_no_sense_says_nothing(payload: object) -> None:
    assert llamacpp_props([Listed("a", context_window=5)], payload) == [Listed("a", context_window=5)]
