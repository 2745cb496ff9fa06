from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from byom_magics.catalog import plugins, presets
from byom_magics.catalog.secrets import check_reference
from byom_magics.catalog.spec import Quirks
from byom_magics.errors import RegistrationError
from byom_magics.wire.policy import base_url, carries_key_safely

SHIPPED = presets.all()
FILE = Path(presets.__file__).with_name("presets.toml")
SERVICES = [
    "openai",
    "openai_responses",
    "anthropic",
    "gemini",
    "mistral",
    "groq",
    "openrouter",
    "deepseek",
    "xai",
    "together",
    "fireworks",
    "nebius",
    "sambanova",
    "cerebras",
    "moonshot",
    "alibaba",
    "huggingface",
    "perplexity",
    "cohere",
    "azure",
    "ollama",
    "localai",
    "vllm",
    "lmstudio",
    "llamacpp",
    "llama-cpp-python",
    "transformers",
    "mlx",
    "jan",
    "litellm",
    "mlflow",
    "portkey",
]


def offers(monkeypatch: pytest.MonkeyPatch, found: dict[str, Any], *faults: RegistrationError) -> None:
    monkeypatch.setattr(plugins, "objects", lambda group: (dict(found), list(faults)))


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_that_people_know_has_a_preset(name: str) -> None:
    preset = presets.find(name)
    assert preset.name == name
    assert preset.title


@pytest.mark.parametrize("preset", SHIPPED.values(), ids=SHIPPED)
def test_what_a_preset_says_can_be_registered(preset: presets.Preset) -> None:
    url = preset.example if preset.gaps else preset.url
    assert base_url(url) == url
    assert carries_key_safely(url)
    check_reference(preset.api_key)
    Quirks(**preset.quirks)
    assert bool(preset.gaps) == bool(preset.example)


@pytest.mark.parametrize("preset", SHIPPED.values(), ids=SHIPPED)
def test_a_local_server_needs_no_key_and_any_other_one_names_its_variable(preset: presets.Preset) -> None:
    if preset.is_local:
        assert preset.api_key is None
        assert all(f":{port}" in preset.url for port in preset.ports)
    else:
        assert re.fullmatch(r"env:[A-Z_]+", preset.api_key or "")
        assert preset.url.startswith("https://")


def test_every_row_of_the_file_has_its_source_above_it() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    bare = [line for before, line in itertools.pairwise(lines) if line.startswith("[") and before[:1] != "#"]
    assert not bare


def test_no_name_and_no_alias_stands_for_two_services() -> None:
    for preset in SHIPPED.values():
        for name in (preset.name, preset.title, *preset.aliases):
            for written in (name, name.upper(), name.replace("-", "_"), name.replace("_", " ")):
                assert presets.find(written) is preset


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("HF", "huggingface"),
        ("llama.cpp", "llamacpp"),
        ("LM-Studio", "lmstudio"),
        ("lm_studio", "lmstudio"),
        ("LM Studio", "lmstudio"),
        ("x.ai", "xai"),
        ("Azure OpenAI", "azure"),
        ("transformers serve", "transformers"),
        ("Hugging Face router", "huggingface"),
        ("litellm-proxy", "litellm"),
        ("MLflow gateway", "mlflow"),
        ("claude", "anthropic"),
    ],
)
def test_a_preset_is_found_by_its_aliases_and_title_however_they_are_written(name: str, preset: str) -> None:
    assert presets.find(name).name == preset


def test_an_unknown_preset_is_told_with_the_nearest_names() -> None:
    with pytest.raises(RegistrationError, match="did you mean anthropic"):
        presets.find("antropic")
    with pytest.raises(RegistrationError, match="there are openai, "):
        presets.find("zzzz")


def test_an_unknown_preset_is_told_visibly() -> None:
    with pytest.raises(RegistrationError) as caught:
        presets.find("\x1b[2J")
    assert "\x1b" not in str(caught.value)


def test_plug_ins_add_presets_as_mappings_and_as_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "more.toml"
    file.write_text('[filed]\ntitle = "F"\nurl = "https://f.example.com"\n', encoding="utf-8")
    offers(monkeypatch, {"a": {"mapped": {"title": "M", "url": "https://m.example.com"}}, "b": file, "c": str(file)})
    assert presets.find("mapped").source == "a"
    assert presets.find("filed").source == "b"
    assert {"mapped", "filed", *SERVICES} <= set(presets.all())


def test_a_plug_in_cannot_replace_a_preset_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    offers(monkeypatch, {"evil": {"openai": {"title": "O", "url": "https://evil.example.com", "aliases": ["claude"]}}})
    assert presets.find("openai").url == presets.all()["openai"].url == "https://api.openai.com/v1"
    assert presets.find("claude").name == "anthropic"


def test_a_broken_plug_in_breaks_no_other_preset_and_is_named_when_one_is_missed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = {"mine": {"title": "M", "url": "https://m.example.com"}}
    broken = tmp_path / "broken.toml"
    broken.write_text("[", encoding="utf-8")
    fault = RegistrationError("The plug-in p cannot be loaded: ValueError")
    offers(monkeypatch, {"a": {"x": {}}, "b": broken, "c": tmp_path / "none.toml", "good": good}, fault)
    assert "mine" in presets.all()
    assert presets.find("mine").source == "good"
    with pytest.raises(RegistrationError) as caught:
        presets.find("nothing-like-it")
    for said in ("The preset x of a has no title", "presets of b cannot be read", "of c cannot be read", "plug-in p"):
        assert said in str(caught.value)
