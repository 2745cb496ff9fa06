"""The form that brings a model into the session: its server is asked for what it offers, its key is a reference."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from byom_magics import finding
from byom_magics.catalog import presets, secrets
from byom_magics.catalog.registration import cautions
from byom_magics.errors import ByomError, RegistrationError
from byom_magics.plain import one_line
from byom_magics.widgets.notices import problem_html, said_html
from byom_magics.widgets.typed_model import TypedModel, check_key, is_secret, key_line, offer_of, register

if TYPE_CHECKING:
    from byom_magics.catalog.found import Found
    from byom_magics.session import Session
    from byom_magics.widgets.controls import Controls

__all__ = ["RegisterForm"]

_MOST_SUGGESTED = 1_000
_MOST_NAMED = 8
_NO_SERVER = "No model server answers on the known ports of this machine."


class RegisterForm:
    """
    A form. No key is ever typed into it: what a widget holds is sent around, and may be saved.

    Args:
        controls: Makes the widgets.
        lock: Held while they are changed, and never while a model is registered.
        session: Where models are registered.

    Attributes:
        box: The widget to show.
    """

    def __init__(self, controls: Controls, lock: AbstractContextManager[Any], session: Session) -> None:
        self._controls = controls
        self._lock = lock
        self._session = session
        self._fields: dict[str, Any] = {}
        self._found: list[Found] = []
        self._number = 0
        self._thread: threading.Thread | None = None
        self._changing = False
        self.box = self._build()

    def discover(self) -> None:
        """Ask the server that was typed what it offers; without one, the known ports of this machine."""
        typed = self._typed()
        if typed.url or typed.preset:
            where = f"--preset {typed.preset}" if typed.preset and not typed.url else typed.url
            command = f"%byom_discover {where} --api-key ask"
            self._begin(lambda: self._look(typed, command), f"Asking {typed.url or typed.preset} for its models …")
        else:
            self._begin(self._scan, "Asking the known ports of this machine …")

    def register(self) -> None:
        """Bring the model into the session."""
        typed, save, found = self._typed(), bool(self._save.value), tuple(self._found)
        self._begin(lambda: self._register(typed, found, save=save), "Registering …")

    def join(self, seconds: float) -> None:
        """Wait until what was begun has ended."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _build(self) -> Any:  # noqa: ANN401 - a widget
        make = self._controls
        self._fields = {
            "preset": make.suggesting("Preset", self._suggest, tuple(presets.all()), hint="such as ollama or openai"),
            "url": make.suggesting("URL", self._suggest, hint="such as http://localhost:11434/v1"),
            "api_key": make.reference("API key from", self._check_key, hint="env:NAME, keyring:NAME, file:PATH, ask"),
            "model": make.suggesting("Model", self._suggest, hint="as its server calls it; Discover lists them"),
            "key": make.text("Call it", self._suggest, hint="the word after %%byom; or its name", is_long=True),
        }
        self._save = make.switch("keep it for the next session (byom.toml)", lambda: None)
        discover = make.button(
            "Discover models", self.discover, tip="Ask the server what it offers; nothing is registered"
        )
        add = make.button("Register", self.register, tip="Bring this model into the session")
        self._key_help, self._told = make.html(), make.html()
        self._suggest()
        rows = (list(self._fields.values()), [discover, add, self._save])
        return make.box(
            [*(make.box(row, "byom-picker-row") for row in rows), self._told, self._key_help], "byom-picker-panel"
        )

    def _typed(self) -> TypedModel:
        return TypedModel(**{name: str(field.value or "").strip() for name, field in self._fields.items()})

    def _suggest(self) -> None:
        """Say what follows from what was typed: the usual key of a service, and how one is typed."""
        if self._changing:
            return
        typed = self._typed()
        try:
            preset = presets.find(typed.preset) if typed.preset else None
        except RegistrationError:
            preset = None
        usual = ""
        if preset is not None:
            usual = f"{preset.title}: {preset.example or preset.url}, key from {preset.api_key or 'none needed'}"
        line = "" if typed.api_key.startswith(("env:", "file:", "command:")) else key_line(typed)
        told = "No key is typed here. To keep one for this model, run this in a cell; then give keyring:NAME above."
        self._key_help.value = said_html(usual, told if line else "", command=line)

    def _check_key(self) -> None:
        if self._changing:
            return
        self._told.value = ""
        try:
            check_key(self._typed().api_key)
        except ByomError as problem:
            self._fail(problem)
        self._suggest()

    def _fail(self, problem: ByomError) -> None:
        typed = self._typed()
        if is_secret(typed.api_key):
            self._set("api_key", "")
            self._told.value = problem_html(problem, key_line(self._typed()))
        else:
            self._told.value = problem_html(problem)

    def _begin(self, work: Callable[[], str], doing: str) -> None:
        """Do something in a thread; it returns what to say then."""
        try:
            check_key(self._typed().api_key)
        except ByomError as problem:
            self._fail(problem)
            return
        self._told.value = said_html(doing)
        self._number += 1
        self._thread = threading.Thread(
            target=self._work, args=(work, self._number), name="byom-picker-form", daemon=True
        )
        self._thread.start()

    def _work(self, work: Callable[[], str], number: int) -> None:
        try:
            said = work()
        except ByomError as problem:
            said = problem_html(problem)
        except Exception as problem:  # noqa: BLE001 - nobody else would hear of it
            what = f"{type(problem).__name__}: {problem}"
            said = problem_html(ByomError(what, hint="try %byom_discover and %byom_register in a cell"))
        with self._lock:
            if number == self._number and self._told.comm is not None:
                self._told.value = said

    def _look(self, typed: TypedModel, command: str) -> str:
        typed.check()
        typed.check_can_be_asked(command)
        found = finding.look(
            self._session, typed.url or None, preset=typed.preset or None, api_key=typed.api_key or None
        )
        return self._take([found], [])

    def _scan(self) -> str:
        return self._take(*finding.discover(self._session))

    def _take(self, found: Sequence[Found], notes: Sequence[str]) -> str:
        """Offer what was found in the fields, and say what it is."""
        names = [offer.id for server in found for offer in server.models]
        with self._lock:
            if self._told.comm is None:
                return ""
            self._found = list(found)
            self._fields["model"].options = tuple(dict.fromkeys(names))[:_MOST_SUGGESTED]
            self._fields["url"].options = tuple(server.url for server in found)
            if len(found) == 1 and found[0].models:
                self._set("url", found[0].url)
        lines = [_server_line(server) for server in found] or [_NO_SERVER]
        step = "Choose one in the field Model, then press Register." if names else ""
        return said_html(*lines, *notes, step)

    def _register(self, typed: TypedModel, found: Sequence[Found], *, save: bool) -> str:
        before = set(self._session.models)
        spec, path = register(self._session, typed, found, save=save)
        verb = "Replaced" if spec.key in before and offer_of(found, typed) is None else "Registered"
        lines = [f"{verb} {spec.key}: {spec.model} at {spec.url}. Ask it with %%byom {spec.key}"]
        lines += [f"Saved in {path}: the next session knows it."] if path else []
        key = secrets.describe(spec.api_key)
        command = ""
        if typed.api_key.startswith("keyring:") and not key.is_set:
            lines.append("If its key is not kept yet, type it, unseen:")
            command = key_line(typed)
        elif key.is_set is False:
            lines.append(f"Its key comes from {key}.")
        with self._lock:
            if self._told.comm is not None:
                self._set("model", "")
                self._set("key", "")
        return said_html(*lines, *cautions(spec), command=command)

    def _set(self, name: str, value: str) -> None:
        self._changing = True
        self._fields[name].value = value
        self._changing = False
        self._suggest()


def _server_line(server: Found) -> str:
    some = ", ".join(one_line(offer.id, 60) for offer in server.models[:_MOST_NAMED])
    more = len(server.models) - _MOST_NAMED
    names = f": {some}{f' and {more:,} more' if more > 0 else ''}" if some else ""
    note = f" {server.note}" if server.note else ""
    return f"{server.title} at {server.url} offers {len(server.models):,} models{names}.{note}"
