"""
Writing the person's own file: whole or not at all, for their eyes only, and with all that stands in it kept.

Several kernels may save at once: each reads and writes under a lock, so that none loses what another has saved.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byom_magics.catalog.files import examine, parse
from byom_magics.catalog.own_file import alone
from byom_magics.errors import RegistrationError
from byom_magics.whole_file import replace_whole

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

__all__ = ["entered", "write_default", "write_entries"]

_BOM = "\ufeff"


def write_entries(path: Path, entries: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """
    Put tables into a file; one of the same name is replaced in its place.

    Args:
        path: The file. It is made if it is not there; a link stays one.
        entries: Tables by section and name.

    Raises:
        RegistrationError: The file cannot be read or written, or something in it is wrong. It stays as it is.
    """

    def enter(document: Any) -> None:  # noqa: ANN401 - a document of tomlkit
        for section, tables in entries.items():
            for name, table in tables.items():
                entered(document, section, name, table)

    _change(path, enter)


def write_default(path: Path, key: str) -> None:
    """
    Make a model the default in a file.

    Raises:
        RegistrationError: As for `write_entries`.
    """

    def enter(document: Any) -> None:  # noqa: ANN401 - a document of tomlkit
        document["default"] = key

    _change(path, enter)


def entered(document: Any, section: str, name: str, table: Mapping[str, Any]) -> None:  # noqa: ANN401 - of tomlkit
    """Put a table into a document, and leave what has not changed as it is written."""
    import tomlkit  # noqa: PLC0415 - only when something is saved
    from tomlkit.items import InlineTable  # noqa: PLC0415 - with it

    if section not in document:
        document[section] = tomlkit.table(is_super_table=True)
    tables = document[section]
    if name in tables:
        _update(tables[name], table)
        return
    if isinstance(tables, InlineTable):
        tables[name] = _item(table)
        return
    fresh = tomlkit.table()
    for field, value in table.items():
        fresh[field] = _item(value)
    tables[name] = fresh


def _update(there: Any, table: Mapping[str, Any]) -> None:  # noqa: ANN401 - a table of tomlkit
    for field in [field for field in there if field not in table]:
        del there[field]
    for field, value in table.items():
        if field not in there:
            _add(there, field, _item(value))
        elif isinstance(value, Mapping) and isinstance(there[field], Mapping):
            _update(there[field], value)
        elif there[field] != value or isinstance(there[field], bool) != isinstance(value, bool):
            there[field] = _item(value)


def _add(there: Any, field: str, item: Any) -> None:  # noqa: ANN401 - a table of tomlkit
    """Put a field behind the last one of its table: comments that follow may belong to what comes next."""
    from tomlkit.items import Table  # noqa: PLC0415 - only when something is saved

    fields = (
        [key for key, each in there.value.body if key is not None and not isinstance(each, Table)]
        if isinstance(there, Table)
        else []
    )
    if fields and hasattr(there.value, "_insert_after"):
        there.value._insert_after(fields[-1], field, item)  # noqa: SLF001 - there is no public way
    else:
        there[field] = item


def _item(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    import tomlkit  # noqa: PLC0415 - only when something is saved

    if not isinstance(value, Mapping):
        return value
    inline = tomlkit.inline_table()
    for name, each in value.items():
        inline[name] = _item(each)
    return inline


def _change(path: Path, enter: Callable[[Any], None]) -> None:
    target = Path(os.path.realpath(path))  # what a link leads to is replaced, not the link
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(target):
            text = _text(path, target)
            changed = _changed(path, text, enter)
            if changed != text:
                replace_whole(target, changed.encode("utf-8"), private=True)
    except OSError as problem:
        message = f"{path} cannot be written: {problem.strerror or type(problem).__name__}."
        raise RegistrationError(message, hint="mend that, and save again; the model itself is registered") from None


def _text(path: Path, target: Path) -> str:
    if not target.exists():
        return ""
    document = examine(target)
    if document.error is not None:
        message = f"{path} has something wrong in it, so nothing is written into it: {document.problems[0]}"
        raise RegistrationError(message, hint="mend the file, and save again; the model itself is registered")
    return target.read_bytes().decode("utf-8")


def _changed(path: Path, text: str, enter: Callable[[Any], None]) -> str:
    import tomlkit  # noqa: PLC0415 - only when something is saved
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - with it

    bare = text.removeprefix(_BOM)
    wanted = parse(bare)
    if isinstance(wanted.get("models"), list):
        message = f"{path} has its models as a list, which %byom_register --save does not add to."
        raise RegistrationError(message, hint="write them as tables, [models.KEY], and save again")
    try:
        document: TOMLDocument = tomlkit.parse(bare)
        enter(document)
        changed = tomlkit.dumps(document)
    except (TOMLKitError, TypeError, ValueError, KeyError) as problem:
        raise _unsuitable(path) from problem
    if "\r\n" in bare:
        changed = changed.replace("\r\n", "\n").replace("\n", "\r\n")
    plain = tomlkit.document()
    plain.update(wanted)
    enter(plain)
    if parse(changed) != plain.unwrap():
        raise _unsuitable(path)
    return (_BOM if text.startswith(_BOM) else "") + changed


def _unsuitable(path: Path) -> RegistrationError:
    message = f"{path} is written in a way that cannot be added to without harm; it stays as it is."
    return RegistrationError(message, hint="write its models as tables, [models.KEY], and save again")
