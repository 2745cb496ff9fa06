from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from byom_magics.catalog import plugins, presets
from byom_magics.errors import RegistrationError

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a little distribution: its one module, and its entry points."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    def into_path(module: str, code: str, entry_points: str, name: str = "acme-byom") -> None:
        (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
        info = tmp_path / f"{name.replace('-', '_')}-1.2.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        (info / "entry_points.txt").write_text(entry_points, encoding="utf-8")

    return into_path


def test_an_installed_distribution_adds_objects_and_modules(install: Install) -> None:
    install(
        "acme_byom",
        "DIALECT = 'spoken'\ndef shout(body):\n    return {**body, 'loud': True}\n",
        "[byom_magics.dialects]\nacme = acme_byom\nacme2 = acme_byom:DIALECT\n"
        "[byom_magics.transformers]\nshout = acme_byom:shout\n",
    )
    assert plugins.names("dialects") == ("acme", "acme2")
    assert isinstance(plugins.find("dialects", "acme"), ModuleType)
    assert plugins.find("dialects", "acme2") == "spoken"
    shout = plugins.find("transformers", "shout")
    assert shout is not None
    assert shout({"a": 1}) == {"a": 1, "loud": True}
    assert plugins.find("transformers", "whisper") is None


def test_its_presets_are_found_by_name(install: Install) -> None:
    install(
        "acme_byom",
        "ROWS = {'acme': {'title': 'Acme', 'url': 'https://acme.example.com/v1'}}\n",
        "[byom_magics.presets]\nacme = acme_byom:ROWS\n",
    )
    found = presets.find("acme")
    assert found.url == "https://acme.example.com/v1"
    assert found.source == "acme (byom_magics.presets, of acme-byom 1.2)"


def test_names_are_listed_without_importing_anything(install: Install) -> None:
    install("acme_byom", "raise RuntimeError\n", "[byom_magics.dialects]\nacme = acme_byom\n")
    assert plugins.names("dialects") == ("acme",)
    assert "acme_byom" not in sys.modules


@pytest.mark.parametrize(
    ("code", "target", "raised"),
    [
        ("raise RuntimeError('no\\x1b[2Jpe')", "acme_byom", r"RuntimeError: no\x1b[2Jpe"),
        ("import nothing_of_that_name", "acme_byom", "ModuleNotFoundError: No module named"),
        ("", "acme_byom:missing", "AttributeError"),
        ("def broken(:", "acme_byom", "SyntaxError"),
        ("raise ValueError", "acme_byom", "loaded: ValueError"),
    ],
)
def test_a_broken_plug_in_is_told_with_its_distribution_and_what_it_raised(
    install: Install, code: str, target: str, raised: str
) -> None:
    install("acme_byom", code, f"[byom_magics.dialects]\nacme = {target}\n")
    with pytest.raises(RegistrationError) as caught:
        plugins.find("dialects", "acme")
    assert "The plug-in acme (byom_magics.dialects, of acme-byom 1.2) cannot be loaded" in str(caught.value)
    assert raised in str(caught.value)
    assert caught.value.hint


def test_a_broken_plug_in_takes_none_of_the_others_away(install: Install) -> None:
    install("bad_byom", "1/0", "[byom_magics.transformers]\nbad = bad_byom\n", name="bad-byom")
    install("good_byom", "DO = dict", "[byom_magics.transformers]\ngood = good_byom:DO\n", name="good-byom")
    found, faults = plugins.objects("transformers")
    assert list(found.values()) == [dict]
    assert [fault.what.split(" cannot")[0] for fault in faults] == [
        "The plug-in bad (byom_magics.transformers, of bad-byom 1.2)"
    ]
