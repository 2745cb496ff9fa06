"""What ``%load_ext byom_magics`` adds to a shell, and ``%unload_ext`` takes away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from traitlets import TraitError

from byom_magics import session as sessions
from byom_magics.magics import completion, questions
from byom_magics.magics.ask import AskMagics
from byom_magics.magics.cache import CacheMagics
from byom_magics.magics.chat import ChatMagics
from byom_magics.magics.compare import CompareMagics
from byom_magics.magics.config import Byom
from byom_magics.magics.discover import DiscoverMagics
from byom_magics.magics.doctor import DoctorMagics
from byom_magics.magics.failures import Failures
from byom_magics.magics.fix import FixMagics
from byom_magics.magics.history import ConversationMagics
from byom_magics.magics.keys import KeyMagics
from byom_magics.magics.leaderboard import LeaderboardMagics
from byom_magics.magics.registry import RegistryMagics
from byom_magics.magics.running import Running
from byom_magics.plain import visible
from byom_magics.widgets.opened import OPENED

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.magic import Magics

    from byom_magics.events import Reply

__all__ = ["load", "unload"]

_LAST = "_byom"
_MEND = "Next: mend it in ipython_config.py, or with %config Byom"

_loaded: WeakKeyDictionary[InteractiveShell, list[Callable[[], None]]] = WeakKeyDictionary()


def load(shell: InteractiveShell) -> None:
    """Add the magics, their completion and their settings to a shell. What is registered stays as it is."""
    if shell in _loaded:
        return
    undo: list[Callable[[], None]] = []
    _loaded[shell] = undo
    session = sessions.current()
    for notice in session.layers.told():
        print(visible(f"byom_magics: {notice}"))  # noqa: T201 - a line for the person; loading goes on
    config = _configured(shell, session)
    configurables: list[Any] = shell.configurables
    configurables.append(config)
    undo += [config.close, lambda: _drop(configurables, config)]
    running, failures = Running(shell, session, config), Failures(shell)
    undo.append(failures.install())
    for magics in (
        AskMagics(shell, session, running),
        RegistryMagics(shell, session),
        KeyMagics(shell, session),
        DiscoverMagics(shell, session),
        DoctorMagics(shell, session),
        ConversationMagics(shell, session),
        CacheMagics(shell, session),
        LeaderboardMagics(shell, session),
        ChatMagics(shell, session),
        FixMagics(shell, session, running, failures),
        CompareMagics(shell, session, running, config),
    ):
        shell.register_magics(magics)
        undo.append(_unregister(shell, magics))
    undo += [completion.install(shell, session.models, session.conversation_names), questions.install(shell)]
    undo += [_show_replies(shell), _remember(shell, session), OPENED.close_all]


def unload(shell: InteractiveShell) -> None:
    """Take away everything that `load` added. The session stays, for the next load."""
    for step in reversed(_loaded.pop(shell, [])):
        step()


def _configured(shell: InteractiveShell, session: sessions.Session) -> Byom:
    try:
        return Byom(session, parent=shell)
    except TraitError:
        pass
    config = Byom(session)
    for name, value in shell.config.get("Byom", {}).items():
        try:
            if config.has_trait(name):
                setattr(config, name, value)
        except TraitError as problem:  # noqa: PERF203 - a few settings, once
            config.refuse_calls(name, problem)
            print(visible(f"byom_magics: a setting is not used: {problem}\n{_MEND}"))  # noqa: T201 - a line for the person; loading goes on
    return config


def _unregister(shell: InteractiveShell, magics: Magics) -> Callable[[], None]:
    def undo() -> None:
        manager = shell.magics_manager
        for kind, names in magics.magics.items():
            for name in names:
                manager.magics[kind].pop(name, None)
        manager.registry.pop(type(magics).__name__, None)
        _drop(shell.configurables, magics)

    return undo


def _show_replies(shell: InteractiveShell) -> Callable[[], None]:
    """Let a reply display as its answer."""
    from byom_magics.show import views  # noqa: PLC0415 - light: the renderer itself is loaded when used

    views.install(shell)
    return lambda: views.uninstall(shell)


def _remember(shell: InteractiveShell, session: sessions.Session) -> Callable[[], None]:
    """Keep the last reply under a name of the notebook."""

    def keep(reply: Reply) -> None:
        shell.user_ns[_LAST] = reply

    session.on_reply.append(keep)
    if session.last_reply is not None:
        keep(session.last_reply)

    def undo() -> None:
        _drop(session.on_reply, keep)
        shell.user_ns.pop(_LAST, None)

    return undo


def _drop(collection: list[Any], item: object) -> None:
    collection[:] = [each for each in collection if each is not item]
