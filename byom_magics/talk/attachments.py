"""What goes with a prompt: files and pictures, by their paths or as values of the notebook."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError, SetupError
from byom_magics.messages import Text
from byom_magics.plain import visible
from byom_magics.talk import files
from byom_magics.talk.expansion import Expansion, Item, Rendered, item_of, joined
from byom_magics.talk.fence import fenced
from byom_magics.talk.lineage import kind_of
from byom_magics.talk.pictures import of_array, picture, shown_picture
from byom_magics.talk.values import rendered

if TYPE_CHECKING:
    from byom_magics.messages import Image, Part
    from byom_magics.talk.scaling import Picture

__all__ = ["files_of", "named_files", "named_images", "pictures_of"]

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]+://|data:)", re.IGNORECASE)
_PATH_LIKE = re.compile(r"[/\\~]|\.\w{1,5}$")
_MOST = 100  # files, and pictures, of one prompt


def named_files(given: Iterable[str], evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> Expansion:
    """
    What ``--file`` names: paths, or expressions of the notebook. A path wins where there is such a file.

    Args:
        given: What was typed.
        evaluate: Evaluates an expression in the notebook's namespace.
        names: The names that there are.

    Raises:
        OptionError: One of them is neither, or cannot be sent.
        MissingPackageError: One is a PDF file, and pypdf is not installed.
    """
    return _together((text, _file(_found("--file", text, evaluate, names), text)) for text in given)


def named_images(given: Iterable[str], evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> Expansion:
    """
    What ``--image`` names: paths, or figures, images and arrays of the notebook; arguments as in `named_files`.

    Raises:
        OptionError: One of them is no picture.
    """
    return _together((text, _images(_found("--image", text, evaluate, names), text)) for text in given)


def files_of(given: Any) -> Expansion:  # noqa: ANN401 - any value, or several
    """
    Files for a prompt from Python.

    Args:
        given: A path (a text is a path) or a value, or several in a list.

    Raises:
        OptionError: One of them cannot be sent.
        MissingPackageError: One is a PDF file, and pypdf is not installed.
    """
    return _together((_name(each), _file(_local(each), _name(each))) for each in _several(given, "files"))


def pictures_of(given: Any) -> tuple[Image, ...]:  # noqa: ANN401 - any value, or several
    """
    Pictures for a prompt from Python.

    Args:
        given: A path (a text is a path), figure, image of any package, array of pixels or bytes of an image file, or
            several in a list.

    Raises:
        OptionError: One of them is no picture.
    """
    return _together((_name(each), _images(_local(each), _name(each))) for each in _several(given, "images")).images


def _several(given: Any, what: str) -> list[Any]:  # noqa: ANN401 - whatever was given
    if not isinstance(given, (list, tuple)):
        return [given]
    if len(given) > _MOST:
        raise OptionError(f"{what} has {len(given):,} entries; {_MOST} can be sent.", hint="choose some of them")
    return list(given)


def _local(value: Any) -> Any:  # noqa: ANN401 - any value
    """A text as the path that it is; any other value as it is."""
    if not isinstance(value, str):
        return value
    if _ADDRESS.match(value):
        what = f"'{visible(value)[:80]}' is an address, and nothing is fetched."
        raise OptionError(what, hint="read it yourself, save it as a file, and give its path")
    try:
        return Path(value).expanduser()
    except RuntimeError:  # nobody's home is known
        return Path(value)


def _found(option: str, text: str, evaluate: Callable[[str], Any], names: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """A path if there is such a file, else what the expression stands for."""
    path = files.found(text)
    if path is not None:
        return path
    local = _local(text)
    try:
        return evaluate(text)
    except (SyntaxError, NameError) as problem:
        if _PATH_LIKE.search(text) and text.partition(".")[0] not in names:
            return local  # there is no such file, and reading it says which are near
        why: Exception = problem
    except Exception as problem:  # noqa: BLE001 - the person's own expression may raise anything
        why = problem
    what = f"{option} '{visible(text)[:80]}' is no file here, and as an expression it failed: {_words(why)}"
    raise OptionError(what, hint="give a path, or a name of the notebook") from None


def _words(problem: Exception) -> str:
    try:
        return f"{kind_of(problem)}: {visible(str(problem))[:200]}"
    except Exception:  # noqa: BLE001 - an error of the person's own
        return kind_of(problem)


def _file(value: Any, name: str) -> Rendered:  # noqa: ANN401 - a path or a value
    if isinstance(value, os.PathLike):
        return files.file(Path(value))
    told = _tried(lambda: rendered(value, files.MOST), name)
    lead = f"{name}:\n"
    if told.kind == "text":
        return Rendered("text", (Text(f"{lead}{fenced(told.text)}"),), block=True)
    return Rendered(told.kind, (Text(lead), *told.parts), told.note, told.cut, told.block)


def _images(value: Any, name: str) -> Rendered:  # noqa: ANN401 - a path or a value
    several = value if type(value) in (list, tuple) and value else [value]
    found = [_tried(lambda each=each: _image(each, name), name) for each in several[:_MOST]]  # type: ignore[misc]
    notes = list(dict.fromkeys(each.note for each in found if each.note))
    if len(several) > _MOST:
        notes.insert(0, f"{_MOST} of {len(several):,} pictures")
    kind = "picture" if len(found) == 1 else f"{len(found)} pictures"
    return Rendered(kind, tuple(each.image for each in found), "; ".join(notes), cut=len(several) > _MOST)


def _image(value: Any, name: str) -> Picture:  # noqa: ANN401 - a path or a value
    if isinstance(value, os.PathLike):
        return files.file_picture(Path(value))
    found = picture(value) or of_array(value) or shown_picture(value)
    if found is None:
        what = f"'{visible(name)[:80]}' is no picture, but {kind_of(value)}."
        hint = "give a figure, an image of PIL, an array of pixels, or the path of a PNG, JPEG, GIF or WebP"
        # A model may have written the text of a variable: it says nothing about which files are read.
        raise OptionError(what, hint=f"{hint}; a path in a variable: Path({name})" if type(value) is str else hint)
    return found


def _tried(make: Callable[[], Any], name: str) -> Any:  # noqa: ANN401 - what is made
    """What is made of a value; what the value itself raises meanwhile is told in our words."""
    try:
        return make()
    except SetupError:
        raise
    except Exception as problem:  # noqa: BLE001 - a value may fail in any way when it is looked at
        what = f"'{visible(name)[:80]}' cannot be shown: {_words(problem)}"
        raise OptionError(what, hint="send what you need of it, such as {{ str(value) }}") from None


def _together(made: Iterable[tuple[str, Rendered]]) -> Expansion:
    parts: list[Part] = []
    items: list[Item] = []
    for name, each in made:
        if parts and isinstance(parts[-1], Text) and each.parts and isinstance(each.parts[0], Text):
            parts.append(Text("\n\n"))
        parts += each.parts
        items.append(item_of(name, each))
    return Expansion(joined(parts), tuple(items))


def _name(value: object) -> str:
    return visible(str(value))[:200] if isinstance(value, (str, os.PathLike)) else kind_of(value)
