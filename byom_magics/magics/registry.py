"""``%byom_register`` and its kin: who can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.catalog.registration import cautions
from byom_magics.errors import OptionError
from byom_magics.magics import configuration, options
from byom_magics.magics.arguments import Table
from byom_magics.magics.manual import manual

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.catalog.spec import ModelSpec, Transformer
    from byom_magics.session import Session

__all__ = ["RegistryMagics"]

_REGISTER = """
Bring a model into the session. Nothing is sent (but see --test).

    %byom_register KEY --url URL [--model NAME] [options]
    %byom_register KEY --preset NAME [--model NAME] [options]       a service or server that is known
    %byom_register KEY --endpoint NAME [--model NAME] [options]     another model of a server that is registered
    %byom_register --file byom.toml [--trust]                       all models of a file

Examples:

    %byom_register llama --url http://localhost:11434/v1 --model llama3.2
    %byom_register gpt --url https://api.openai.com/v1 --model gpt-4o --api-key env:OPENAI_API_KEY --test
    %byom_register claude --preset anthropic --model claude-sonnet-4-5
    %byom_register ours --url https://llm.example.com/v1 --header 'X-Tenant: a' --api-key ask --timeouts first_token=600
    %byom_register ours-small --endpoint ours --model small
    %byom_register safe --url https://llm.example.com/v1 --ca company.pem --client-cert me.pem --client-key me.key

A key is never written on the line, since the line is saved: --api-key env:NAME names the environment variable that
holds it, keyring:NAME one that %byom_key keeps, and ask lets you type it, unseen, when it is first needed.

Tab completes the names of presets and endpoints. %byom_discover finds what there is to register, %byom_doctor KEY
says what is wrong with a connection, and %byom_models -v KEY shows all that is known of a model.

--save keeps the model for the next session, in your own byom.toml (never a key, only where it is). That file, and one
for everyone on this machine, are read when a session begins; nothing in the working folder is, unless you give --file.
catalog/example.toml of this package shows all that can stand in such a file, and byom.schema.json beside it is its
JSON Schema.
"""
_MODELS = """
Show the registered models: all, or those that every WORD is found in; with -v all that is known of one.

    %byom_models [WORD …] [--tag WORD]
    %byom_models -v KEY
"""
_FORGET = """
Take a model out of the session, or an endpoint.

    %byom_forget KEY
    %byom_forget --endpoint NAME
"""
_DEFAULT = """
Choose the model that a bare %%byom asks; without a key, say which one it is.

    %byom_default [KEY] [--save]
"""
_PICKER = """
Show the model picker: search as you type, filter and sort, and choose the model that a bare %%byom asks.

    %byom_picker

It also tests the chosen model's connection, asks it what was asked last, sets temperature, length and system message
for cells that name no model, marks favourites (which later sessions know too), and registers models. No key is typed
into it: for one that is to be typed it shows the %byom_key line to run.

By keyboard: Enter in the search box takes the first match, then the next; Tab reaches everything, Space and Enter press
what has the focus. JupyterLab keeps arrow keys and letters for itself while the list has the focus; Home, End, Page Up
and Page Down work there.
"""
_TEST_PROMPT = "Say hello in one short sentence."
_TEST_TOKENS = 32


@magics_class
class RegistryMagics(Magics):
    """
    The magics about models.

    Args:
        shell: Where they are typed.
        session: What they change.
    """

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self._session = session

    @no_var_expand
    @line_magic
    def byom_register(self, line: str) -> None:  # noqa: D102 - its manual is set below
        arguments = options.REGISTER.parse(line)
        values = dict(arguments.values)
        if "file" in values:
            for told in configuration.loaded(self._session, arguments.words, values):
                self._say(told)
            return
        test, save = values.pop("test", False), values.pop("save", False)
        if values.pop("trust", False):
            message = "%byom_register: --trust is about a file, and there is none."
            raise OptionError(message, hint="write %byom_register --file byom.toml --trust, or leave it out")
        if not arguments.words or not {"url", "preset", "endpoint"} & values.keys():
            missing = "the key and the address" if not arguments.words else "--url"
            message = f"%byom_register: {missing} is missing."
            hint = "write %byom_register KEY --url http://localhost:11434/v1 --model NAME, or --preset or --endpoint"
            raise OptionError(message, hint=hint)
        if "headers" in values:
            values["headers"] = dict(values["headers"])
        values["extra_body"] = dict(values.pop("extra", ()))
        timeout = values.pop("timeout", None)
        values["timeouts"] = {**values.get("timeouts", {}), **({"total": timeout} if timeout else {})}
        for what in ("request_transformer", "response_transformer"):
            if what in values:
                values[what] = self._transformer(values[what])
        key = arguments.words[0]
        replaced = key in self._session.models
        spec = self._session.register(key, **values)
        self._say(
            f"{'Replaced' if replaced else 'Registered'} {key}: {spec.model} at {spec.url}. Ask it with %%byom {key}"
        )
        for note in (*cautions(spec), *_preset_notes(spec, values.get("preset"))):
            self._say(note)
        if save:
            self._say(configuration.saved(self._session, key, values))
        if test:
            self._test(key)

    byom_register.__doc__ = manual(_REGISTER, options.REGISTER)

    @no_var_expand
    @line_magic
    def byom_models(self, line: str) -> None:  # noqa: D102 - its manual is set below
        from byom_magics.magics.tables import (  # noqa: PLC0415 - the renderer is only loaded when needed
            show_models,
            show_particulars,
        )

        arguments = options.MODELS.parse(line)
        if arguments.verbose:
            if not arguments.words:
                message = "%byom_models -v: the key is missing."
                raise OptionError(message, hint="write %byom_models -v KEY; %byom_models shows all keys")
            show_particulars(self._session, arguments.words)
        else:
            show_models(self._session, [], words=arguments.words, tags=arguments.tags or ())

    byom_models.__doc__ = manual(_MODELS, options.MODELS)

    @no_var_expand
    @line_magic
    def byom_forget(self, line: str) -> None:  # noqa: D102 - its manual is set below
        arguments = options.FORGET.parse(line)
        words, endpoint = arguments.words, arguments.endpoint
        if bool(words) == bool(endpoint):
            message = f"%byom_forget: {'a key and an endpoint are too much' if words else 'the key is missing'}."
            hint = "write %byom_forget KEY, or %byom_forget --endpoint NAME; %byom_models shows all keys"
            raise OptionError(message, hint=hint)
        if endpoint:
            self._session.models.forget_endpoint(endpoint)
        else:
            self._session.models.forget(words[0])
        self._say(f"Forgot {endpoint or words[0]}.")

    byom_forget.__doc__ = manual(_FORGET, options.FORGET)

    @no_var_expand
    @line_magic
    def byom_default(self, line: str) -> None:  # noqa: D102 - its manual is set below
        arguments = options.DEFAULT.parse(line)
        words, models = arguments.words, self._session.models
        if words:
            models.set_default(words[0])
            self._say(f"A bare %%byom now asks {words[0]}.")
            if arguments.save:
                for told in configuration.saved_default(self._session, words[0]):
                    self._say(told)
        elif arguments.save:
            message = "%byom_default: the key is missing."
            raise OptionError(message, hint="write %byom_default KEY --save; %byom_models shows all keys")
        elif models.default is None:
            self._say("There is no default model. Choose one: %byom_default KEY, or %byom_picker")
        else:
            self._say(f"A bare %%byom asks {models.default}.")

    byom_default.__doc__ = manual(_DEFAULT, options.DEFAULT)

    @no_var_expand
    @line_magic
    def byom_picker(self, line: str) -> None:  # noqa: D102 - its manual is set below
        from byom_magics.widgets.picker import show_picker  # noqa: PLC0415 - ipywidgets is only loaded when needed

        self._words("%byom_picker", line, 0)
        show_picker(self._session)

    byom_picker.__doc__ = manual(_PICKER)

    def _test(self, key: str) -> None:
        reply = self._session.ask(key, _TEST_PROMPT, max_tokens=_TEST_TOKENS)
        served = f" as {reply.served_model}" if reply.served_model else ""
        said = " ".join((reply.text or reply.reasoning).split())[:80] or "no text"
        took = f"{reply.duration_s:.1f} s" if reply.duration_s is not None else "unknown time"
        self._say(f"{key} answered{served} in {took} ({reply.state_text}): {said}")

    def _transformer(self, name: str) -> Transformer | str:
        if name in self._session.transformers.names():
            return name
        found: Any = self.shell.user_ns.get(name) if self.shell is not None else None
        if callable(found):
            transformer: Transformer = found
            return transformer
        return self._session.transformers.find(name)

    def _words(self, magic: str, line: str, most: int) -> tuple[str, ...]:
        return Table(magic, (), words=most).parse(line).words

    def _say(self, text: str) -> None:
        from byom_magics.plain import visible  # noqa: PLC0415 - with the rest that shows

        print(visible(text))  # noqa: T201 - a line for the person who typed the magic


def _preset_notes(spec: ModelSpec, name: str | None) -> list[str]:
    if name is None:
        return []
    from byom_magics.catalog import presets, secrets  # noqa: PLC0415 - only where a preset was named

    preset = presets.find(name)
    notes = []
    if not preset.verified:
        notes.append(
            f"The preset {preset.name} is not verified: check it with --test, and give what is wrong yourself."
        )
    if preset.note:
        notes.append(f"{preset.title}: {preset.note}.")
    key = secrets.describe(spec.api_key)
    if key.is_set is False:
        notes.append(f"Its key comes from {key}.")
    return notes
