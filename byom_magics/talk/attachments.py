"""What goes with a prompt: files and pictures, by their paths or as values of the notebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.plain import visible
from byom_magics.talk import files
from byom_magics.talk.expansion import Expansion, Item, Rendered, item_of, joined
from byom_magics.talk.lineage import kind_of
from byom_magics.talk.pictures import picture
from byom_magics.talk.values import rendered

if TYPE_CHECKING:
    from byom_magics.messages import Image

__all__ = ["files_of", "named_files", "named_images", "pictures_of"]

_ADDRESS = ("http://", "https://", "ftp://", "data:")


def named_files(given: Iterable[str], evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> Expansion:
    """
    What ``--file`` names: paths, or expressions of the notebook.

    Raises:
        OptionError: One of them is neither, or cannot be sent.
    """
    return _together((text, _file(_found("--file", text, evaluate, names))) for text in given)


def named_images(given: Iterable[str], evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> Expansion:
    """
    What ``--image`` names: paths, or figures, images and arrays of the notebook.

    Raises:
        OptionError: One of them is no picture.
    """
    return _together((text, _image(_found("--image", text, evaluate, names), text)) for text in given)


def files_of(given: Iterable[Any]) -> Expansion:
    """
    Files by their paths, or values, for a prompt from Python.

    Raises:
        OptionError: One of them cannot be sent.
    """
    return _together((_name(each), _file(_path(each))) for each in _several(given, "files"))


def pictures_of(given: Iterable[Any]) -> tuple[Image, ...]:
    """
    Pictures by their paths, or as figures, images and arrays.

    Raises:
        OptionError: One of them is no picture.
    """
    return _together((_name(each), _image(_path(each), _name(each))) for each in _several(given, "images")).images


def _several(given: Any, what: str) -> Iterable[Any]:  # noqa: ANN401 - whatever was given
    if isinstance(given, (str, bytes, os.PathLike)) or not isinstance(given, (list, tuple)):
        raise OptionError(f"{what} cannot be {kind_of(given)}.", hint=f"give a list, such as {what}=[figure]")
    return given


def _path(value: Any) -> Any:  # noqa: ANN401 - any value
    return _local(value) if isinstance(value, str) else value


def _local(text: str) -> Path:
    if text.lower().startswith(_ADDRESS):
        what = f"'{visible(text)[:80]}' is an address, and nothing is fetched."
        raise OptionError(what, hint="save it as a file first, and give its path")
    return Path(text).expanduser()


def _found(option: str, text: str, evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """A path if there is such a file, else what the expression stands for."""
    path = _local(text)
    try:
        if path.exists():
            return path
    except (OSError, ValueError):
        pass  # no path that this system knows
    try:
        return evaluate(text)
    except Exception as problem:  # noqa: BLE001 - the person's own expression may raise anything
        if text in names or not ("/" in text or "\\" in text or "." in text or isinstance(problem, NameError)):
            what = f"{option} '{visible(text)[:80]}' failed: {type(problem).__name__}: {visible(str(problem))[:200]}"
            raise OptionError(what, hint="give a path, or a name of the notebook") from None
    files.file(path)  # says that there is none, and which are near
    return path


def _file(value: Any) -> Rendered:  # noqa: ANN401 - a path or a value
    return files.file(Path(value)) if isinstance(value, os.PathLike) else rendered(value, files.MOST)


def _image(value: Any, name: str) -> Rendered:  # noqa: ANN401 - a path or a value
    if isinstance(value, os.PathLike):
        made = files.file(Path(value))
        if made.kind != "picture":
            what = f"'{visible(name)[:80]}' is no picture that models take."
            raise OptionError(what, hint="give a PNG, JPEG, GIF or WebP; a text goes with --file")
        return made
    found = picture(value)
    if found is None:
        what = f"'{visible(name)[:80]}' is no picture, but {kind_of(value)}."
        raise OptionError(what, hint="give a figure, a PIL image, an array of pixels, or the path of a PNG or JPEG")
    return Rendered("picture", (found[0],), note=found[1])


def _together(made: Iterable[tuple[str, Rendered]]) -> Expansion:
    parts: list[Any] = []
    items: list[Item] = []
    for name, each in made:
        parts += each.parts
        items.append(item_of(name, each))
    return Expansion(joined(parts), tuple(items))


def _name(value: object) -> str:
    return str(value) if isinstance(value, (str, os.PathLike)) else kind_of(value)
