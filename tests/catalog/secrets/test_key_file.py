from __future__ import annotations

import os
from pathlib import Path

import pytest

from byom_magics.catalog.secrets import Secret
from byom_magics.catalog.secrets.key_file import is_there, read_key_file, write_key_file
from byom_magics.errors import SecretError

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes of files")
KEY = "canary-0123456789"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "my.key"
    made.write_text(KEY)
    made.chmod(0o600)
    return made


def secret(value: str = KEY) -> Secret:
    return Secret(value, source="ask", origin="")


def fails(name: object) -> str:
    with pytest.raises(SecretError) as caught:
        read_key_file(str(name))
    assert "canary" not in str(caught.value)
    return str(caught.value)


# Reading


@pytest.mark.parametrize("content", [KEY, f"{KEY}\n", f"  {KEY} \r\n\n", f"\ufeff{KEY}"])
def test_a_file_holds_one_key_and_blanks_around_it_are_no_part_of_it(path: Path, content: str) -> None:
    path.write_bytes(content.encode())
    assert read_key_file(str(path)) == KEY


def test_the_home_folder_is_filled_in(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(path.parent))
    monkeypatch.setenv("USERPROFILE", str(path.parent))
    assert read_key_file("~/my.key") == KEY
    assert is_there("~/my.key")


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o660, 0o777, 0o610])
def test_a_file_that_others_may_use_is_refused_with_the_command_that_mends_it(path: Path, mode: int) -> None:
    path.chmod(mode)
    said = fails(path)
    assert f"chmod 600 {path}" in said
    assert f"{mode:03o}" in said


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_its_owner_alone_is_read(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert read_key_file(str(path)) == KEY


@POSIX
def test_a_link_is_followed_and_the_mode_is_that_of_the_file(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_key_file(str(link)) == KEY
    path.chmod(0o644)
    assert "chmod 600" in fails(link)


def test_a_file_that_is_not_there_is_told_with_how_to_make_it(tmp_path: Path) -> None:
    assert "%byom_key set NAME --file" in fails(tmp_path / "none")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (f"{KEY}\n{KEY}\n".encode(), "more than one key"),
        (f"{KEY}\r{KEY}".encode(), "more than one key"),
        (b"\xff\xfe\x00canary", "no text in UTF-8"),
        (b"canary" * 20_000, "more than one key"),
    ],
)
def test_a_file_that_holds_no_one_key_is_told_and_not_repeated(path: Path, content: bytes, says: str) -> None:
    path.write_bytes(content)
    assert says in fails(path)


@POSIX
def test_what_is_no_file_is_told_and_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    assert "is no file" in fails(pipe)
    assert "is no file" in fails(tmp_path)


def test_a_name_that_no_file_can_have_is_told() -> None:
    assert "cannot be read" in fails("x" * 5000)


def test_whether_a_file_is_there_is_known_without_reading_it(path: Path, tmp_path: Path) -> None:
    assert is_there(str(path))
    path.write_text("")
    assert not is_there(str(path))
    assert not is_there(str(tmp_path))
    assert not is_there(str(tmp_path / "none"))
    assert not is_there("~nobody-of-that-name/x")


# Writing


@POSIX
def test_a_file_is_written_for_its_owner_alone_whatever_the_mask_of_the_process(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_key_file(str(tmp_path / "new.key"), secret(), replace=False)
    finally:
        os.umask(before)
    assert (tmp_path / "new.key").stat().st_mode & 0o777 == 0o600
    assert read_key_file(str(tmp_path / "new.key")) == KEY


def test_a_file_that_is_there_is_replaced_only_if_that_is_meant(path: Path) -> None:
    with pytest.raises(SecretError, match="not overwritten"):
        write_key_file(str(path), secret("another-canary"), replace=False)
    assert path.read_text() == KEY
    write_key_file(str(path), secret("another-canary"), replace=True)
    assert path.read_text() == "another-canary\n"
    assert [each.name for each in path.parent.iterdir()] == ["my.key"]


@POSIX
def test_what_a_link_points_to_is_replaced_and_not_the_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    write_key_file(str(link), secret("another-canary"), replace=True)
    assert link.is_symlink()
    assert path.read_text() == "another-canary\n"


def test_a_write_that_fails_leaves_the_old_file_and_no_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SecretError, match="No space left"):
        write_key_file(str(path), secret("another-canary"), replace=True)
    assert path.read_text() == KEY
    assert [each.name for each in path.parent.iterdir()] == ["my.key"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="a folder that is there"):
        write_key_file(str(tmp_path / "none" / "my.key"), secret(), replace=False)
