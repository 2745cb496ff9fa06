from __future__ import annotations

import pytest

from byom_magics.show.links import host_of, inline_image, target


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example/x?y#z", "a.example"),
        ("http://A.example:8080", "a.example:8080"),
        ("https://[::1]/", "[::1]"),
        ("mailto:me@a.example?subject=x", "me@a.example"),
    ],
)
def test_the_web_and_mail_are_targets_that_name_their_host(url: str, host: str) -> None:
    place = target(url)
    assert place is not None
    assert place.host == host


@pytest.mark.parametrize(
    "url",
    [
        "javascript:x",
        "https://",
        "https:a.example",
        "https://u@a.example",
        "https://a.example\\@b.example",
        "https://ä.example",
        "//a.example",
        "https://a b",
        "https://a.example/" + "x" * 5_000,
    ],
)
def test_everything_else_is_dead(url: str) -> None:
    assert target(url) is None


def test_a_text_tells_the_target_only_if_it_says_all_of_it() -> None:
    place = target("https://a.example/x")
    assert place is not None
    assert place.told_by("a.example/x")
    assert place.told_by("https://a.example/x/")
    assert not place.told_by("a.example")


def test_the_host_of_any_address_is_named_for_a_reader() -> None:
    assert host_of("https://user@evil.example/x") == "evil.example"
    assert host_of("//evil.example/x") == "evil.example"
    assert host_of("data:text/html,x") == "data"
    assert host_of("https://evil\x1b.example") == "evil\\x1b.example"


def test_a_picture_is_what_it_says_it_is() -> None:
    assert inline_image("data:image/gif;base64,R0lGODlhAQABAAAAACw=")
    assert not inline_image("data:image/png;base64,R0lGODlhAQABAAAAACw=")
    assert not inline_image("data:image/svg+xml;base64,PHN2Zz4=")
    assert not inline_image("data:image/gif;base64,R0lGODlh" + "A" * 1_000_000)
