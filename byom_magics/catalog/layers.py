"""
The files that a session is made of: for everyone on this machine, for the person, and those that were asked for.

Later files win over earlier ones, entry by entry, except over what a file for everyone locked. Policies are never won
over: those of all files hold together. Nothing is read from the working folder unless asked.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byom_magics.errors import RegistrationError

if TYPE_CHECKING:
    from byom_magics.catalog.document import Document
    from byom_magics.catalog.entries import Describe, Entries, Layer
    from byom_magics.catalog.favourites import Favourites
    from byom_magics.catalog.listed import Hold
    from byom_magics.catalog.registry import Registry
    from byom_magics.catalog.spec import Policy

__all__ = ["Layers", "Loaded", "found", "user_file"]

_APP = "byom_magics"
_NAMES = ("byom.json", "byom.toml")
_TRUST = "if you trust whoever wrote it, add --trust (trust=True in Python); nothing was registered"


@dataclass(frozen=True)
class Loaded:
    """
    What came of a file that was asked for.

    Attributes:
        source: Its path.
        models: The keys of its models.
        replaced: Those among them that were there before.
        endpoints: The names of its endpoints.
        default: The key that it makes the default, or None.
        uses: Which key goes where, one line for each.
        warnings: What the person should know.
        policy: Its rules, which hold from now on, or None.
    """

    source: str
    models: tuple[str, ...]
    replaced: tuple[str, ...]
    endpoints: tuple[str, ...]
    default: str | None
    uses: tuple[str, ...]
    warnings: tuple[str, ...]
    policy: Policy | None


class Layers:
    """
    Reads files into a registry.

    Args:
        registry: What they fill.
        describe: Makes a spec of a key and the arguments of a registration.
        hold: Keeps a key that stands in a file of the list form, for the session.
        origin: Scheme, host and port of a URL.
    """

    def __init__(self, registry: Registry, describe: Describe, hold: Hold, origin: Callable[[str], str]) -> None:
        self._registry, self._describe, self._hold, self._origin = registry, describe, hold, origin
        self._policies: dict[str, Policy] = {}
        self._broken: dict[Path, tuple[Layer, object]] = {}
        self._notices: list[str] = []
        self._lock = threading.RLock()
        self.default = ""

    @functools.cached_property
    def favourites(self) -> Favourites:
        """The models that the person likes best; read when first asked for."""
        from byom_magics.catalog.favourites import Favourites  # noqa: PLC0415 - not needed to load

        return Favourites(user_file().with_name("favourites.json"))

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All rules that hold. A file that forbade everything because it was broken is read again once it changes."""
        if self._broken:
            with self._lock:
                for path, (layer, seen) in list(self._broken.items()):
                    if _seen(path) != seen:
                        self._read(path, layer)
        return tuple(self._policies.values())

    def read(self) -> None:
        """Read the files that are there for everyone, and for the person. What is wrong is a notice, and no error."""
        for path, layer in found():
            with self._lock:
                self._read(path, layer)

    def told(self) -> tuple[str, ...]:
        """What the person should be told of these files, one line each; it is told once."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def load(self, path: str | os.PathLike[str], *, trust: bool = False) -> Loaded:
        """
        Read a file that was asked for.

        Args:
            path: The file.
            trust: Whether it may also run programs and read files for keys, send a well-known service's key elsewhere,
                and weaken a connection. Without it its rules only forbid: they allow nothing that is refused without
                them.

        Raises:
            RegistrationError: It cannot be read, something in it is wrong, or it asks for more trust than it has.
                Nothing of it is registered then.
            SecretError: A key stands in it as itself.
        """
        from byom_magics.catalog import consent  # noqa: PLC0415 - only when a file is asked for

        with self._lock:
            entries = self._entries(Path(path).expanduser(), "project")
            if entries.document.error is not None:
                raise entries.document.error
            if not trust:
                self._check(entries)
            keys = tuple(spec.key for spec in entries.models)
            replaced = tuple(key for key in keys if key in self._registry)
            if not trust:
                entries = replace(entries, document=_only_forbidding(entries.document))
            self._register(entries)
        document = entries.document
        warnings = (*document.warnings, *entries.notes)
        if document.default is not None and document.default not in self._registry:
            warnings = (*warnings, f"its default {document.default} is not registered")
        return Loaded(
            source=document.source,
            models=keys,
            replaced=replaced,
            endpoints=tuple(each.name for each in entries.endpoints),
            default=document.default if document.default in self._registry else None,
            uses=consent.uses(entries, self._origin),
            warnings=warnings,
            policy=document.policy,
        )

    def save(self, key: str, given: Mapping[str, Any]) -> Path:
        """
        Put a model that is registered into the person's own file, so that the next session knows it.

        Args:
            key: Its key.
            given: The arguments of its registration, as they were given: a preset stays a preset.

        Returns:
            The file.

        Raises:
            RegistrationError: Something of it cannot be said in a file, or the file cannot be written.
            SecretError: Its key is only known to this session. No key is ever saved.
        """
        from byom_magics.catalog.saving import saved_entries  # noqa: PLC0415 - only when something is saved
        from byom_magics.catalog.writing import write_entries  # noqa: PLC0415 - with it

        lasting = {str(path) for path, _ in found()}
        known = {name for name, endpoint in self._registry.endpoints.items() if endpoint.source in lasting}
        path = user_file()
        write_entries(path, saved_entries(key, given, self._registry, known))
        return path

    def save_default(self, key: str) -> Path:
        """
        Make a model the default in the person's own file.

        Raises:
            UnknownModelError: There is no such model.
            RegistrationError: The file cannot be written.
        """
        from byom_magics.catalog.writing import write_default  # noqa: PLC0415 - only when something is saved

        path = user_file()
        write_default(path, self._registry[key].key)
        return path

    def keeps(self, key: str) -> bool:
        """Whether the next session will know a model: it comes with the package, or stands in a file that is read."""
        document = None
        for path, _ in found():
            if self._registry[key].source == str(path):
                return True
            if path == user_file():
                from byom_magics.catalog.files import examine  # noqa: PLC0415 - only when something is saved

                document = examine(path)
        return self._registry[key].builtin or (document is not None and key in document.models)

    def _check(self, entries: Entries) -> None:
        from byom_magics.catalog import consent, presets  # noqa: PLC0415 - only when a file is asked for

        doubts = consent.doubts(entries, self._registry, presets.all(), self._origin)
        if doubts:
            more = [f"  … and {len(doubts) - 20} more"] if len(doubts) > 20 else []
            what = "\n".join(
                [f"{entries.document.source} asks for trust:", *(f"  {each}" for each in doubts[:20]), *more]
            )
            raise RegistrationError(what, hint=_TRUST)

    def _read(self, path: Path, layer: Layer) -> None:
        seen = _seen(path)
        entries = self._entries(path, layer)
        document = entries.document
        if document.error is None:
            self._broken.pop(path, None)
            self._register(entries)
            self._notices += [f"{document.source}: {each}" for each in _few((*document.warnings, *entries.notes))]
            return
        self._notices.append(_in_one_line(document))
        if document.guards and seen is not None:
            self._broken[path] = (layer, seen)
            self._policies[document.source] = _closed(document)
        else:
            self._broken.pop(path, None)
            self._policies.pop(document.source, None)

    def _entries(self, path: Path, layer: Layer) -> Entries:
        from byom_magics.catalog.entries import Entries, entries_of  # noqa: PLC0415 - only when there is a file
        from byom_magics.catalog.files import examine  # noqa: PLC0415 - only when there is a file

        document = examine(path, hold=self._hold)
        return (
            Entries(document) if document.problem_count else entries_of(document, self._registry, self._describe, layer)
        )

    def _register(self, entries: Entries) -> None:
        document = entries.document
        for endpoint in entries.endpoints:
            self._registry.register_endpoint(endpoint)
        self._registry.register_all(entries.models)
        self._policies.pop(document.source, None)
        if document.policy is not None:
            self._policies[document.source] = document.policy
        if document.default is not None:
            self.default = document.default
            if document.default in self._registry:
                self._registry.set_default(document.default)


def found() -> list[tuple[Path, Layer]]:
    """The files that are there, the least important first: those for everyone, then the person's."""
    places: dict[Path, Layer] = {}
    folders = _folders()
    for folder in folders.site:
        for name in _NAMES:
            path = folder / name
            if _is_there(path, doubtful=True):
                places[path] = "site"
    for name in _NAMES:
        path = folders.user / name
        if path not in places and _is_there(path, doubtful=False):
            places[path] = "user"
    return list(places.items())


def user_file() -> Path:
    """The person's own file, there or not: what is saved goes into it."""
    return _folders().user / "byom.toml"


@dataclass(frozen=True)
class _Folders:
    site: tuple[Path, ...]
    user: Path


def _folders() -> _Folders:
    import platformdirs  # noqa: PLC0415 - only when files are looked for

    dirs = platformdirs.PlatformDirs(_APP, appauthor=False, multipath=True)
    site = [Path(each) for each in dirs.site_config_dir.split(os.pathsep)]
    # The first of them is the most important one. A relative one would be the working folder's.
    return _Folders(tuple(reversed([each for each in site if each.is_absolute()])), Path(dirs.user_config_dir))


def _is_there(path: Path, *, doubtful: bool) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return doubtful and _leads_nowhere(path)
    except NotADirectoryError:
        return False
    except OSError:
        return doubtful
    return True


def _leads_nowhere(path: Path) -> bool:
    """Whether a file is missing behind a link: what that leads to may come back, such as a folder of the network."""
    return path.is_symlink() or (path.parent.is_symlink() and not path.parent.exists())


def _seen(path: Path) -> object:
    """What changes when a file does; None if it is not there."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as problem:
        return problem.errno if _leads_nowhere(path) else None
    except OSError as problem:
        return problem.errno
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode


def _only_forbidding(document: Document) -> Document:
    policy = document.policy
    return document if policy is None else replace(document, policy=replace(policy, only_forbids=True))


def _closed(document: Document) -> Policy:
    from byom_magics.catalog.spec import Policy  # noqa: PLC0415 - with the rest that reads files

    # Whatever asks for one of these finds that nothing is allowed, also where nobody looks at ``broken``.
    return Policy(
        source=document.source,
        hosts=(),
        networks=(),
        ports=(),
        regions=(),
        air_gapped=True,
        keys_over_http=False,
        broken=str(document.problems[0]),
    )


def _in_one_line(document: Document) -> str:
    more = f" (and {document.problem_count - 1:,} more)" if document.problem_count > 1 else ""
    closed = "; since it may set rules, nothing may be called until it is mended" if document.guards else ""
    return f"{document.source} is not used: {document.problems[0]}{more}{closed}"


def _few(notices: tuple[str, ...]) -> list[str]:
    more = [f"… and {len(notices) - 5} more"] if len(notices) > 5 else []
    return [*notices[:5], *more]
