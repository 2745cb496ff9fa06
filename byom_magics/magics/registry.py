"""``%byom_register`` and its kin: who can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.errors import OptionError
from byom_magics.magics import options
from byom_magics.magics.arguments import Table
from byom_magics.magics.manual import manual

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.session import Session

__all__ = ["RegistryMagics"]

_REGISTER = """
Bring a model into the session. Nothing is sent (but see --test).

    %byom_register KEY --url URL [--model NAME] [options]

Examples:

    %byom_register llama --url http://localhost:11434/v1 --model llama3.2
    %byom_register gpt --url https://api.openai.com/v1 --model gpt-4o --api-key env:OPENAI_API_KEY --test
    %byom_register ours --url https://llm.example.com/v1 --header 'X-Tenant: a' --api-key ask --timeouts first_token=600

A key is never written on the line, since the line is saved: --api-key env:NAME names the environment variable that
holds it, and --api-key ask lets you type it, unseen, when it is first needed.
"""
_MODELS = "Show all registered models.\n\n    %byom_models\n"
_FORGET = "Take a model out of the session.\n\n    %byom_forget KEY\n"
_DEFAULT = "Choose the model that a bare %%byom asks; without a key, say which one it is.\n\n    %byom_default [KEY]\n"
_PICKER = "Show the model picker: search as you type, and choose the default model.\n\n    %byom_picker\n"
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
        test = values.pop("test", False)
        if not arguments.words or "url" not in values:
            missing = "the key and the address" if not arguments.words else "--url"
            message = f"%byom_register: {missing} is missing."
            raise OptionError(message, hint="write %byom_register KEY --url http://localhost:11434/v1 --model NAME")
        if "headers" in values:
            values["headers"] = dict(values["headers"])
        values["extra_body"] = dict(values.pop("extra", ()))
        timeout = values.pop("timeout", None)
        values["timeouts"] = {**values.get("timeouts", {}), **({"total": timeout} if timeout else {})}
        key = arguments.words[0]
        replaced = key in self._session.models
        spec = self._session.register(key, **values)
        self._say(
            f"{'Replaced' if replaced else 'Registered'} {key}: {spec.model} at {spec.url}. Ask it with %%byom {key}"
        )
        if test:
            self._test(key)

    byom_register.__doc__ = manual(_REGISTER, options.REGISTER)

    @no_var_expand
    @line_magic
    def byom_models(self, line: str) -> None:  # noqa: D102 - its manual is set below
        from byom_magics.magics.tables import show_models  # noqa: PLC0415 - the renderer is only loaded when needed

        self._words("%byom_models", line, 0)
        show_models(self._session, [])

    byom_models.__doc__ = _MODELS

    @no_var_expand
    @line_magic
    def byom_forget(self, line: str) -> None:  # noqa: D102 - its manual is set below
        words = self._words("%byom_forget", line, 1)
        if not words:
            message = "%byom_forget: the key is missing."
            raise OptionError(message, hint="write %byom_forget KEY; %byom_models shows all keys")
        self._session.models.forget(words[0])
        self._say(f"Forgot {words[0]}.")

    byom_forget.__doc__ = _FORGET

    @no_var_expand
    @line_magic
    def byom_default(self, line: str) -> None:  # noqa: D102 - its manual is set below
        words = self._words("%byom_default", line, 1)
        models = self._session.models
        if words:
            models.set_default(words[0])
            self._say(f"A bare %%byom now asks {words[0]}.")
        elif models.default is None:
            self._say("There is no default model. Choose one: %byom_default KEY, or %byom_picker")
        else:
            self._say(f"A bare %%byom asks {models.default}.")

    byom_default.__doc__ = _DEFAULT

    @no_var_expand
    @line_magic
    def byom_picker(self, line: str) -> None:  # noqa: D102 - its manual is set below
        from byom_magics.widgets.picker import show_picker  # noqa: PLC0415 - ipywidgets is only loaded when needed

        self._words("%byom_picker", line, 0)
        show_picker(self._session.models)

    byom_picker.__doc__ = _PICKER

    def _test(self, key: str) -> None:
        reply = self._session.ask(key, _TEST_PROMPT, max_tokens=_TEST_TOKENS)
        served = f" as {reply.served_model}" if reply.served_model else ""
        said = " ".join((reply.text or reply.reasoning).split())[:80] or "no text"
        took = f"{reply.duration_s:.1f} s" if reply.duration_s is not None else "unknown time"
        self._say(f"{key} answered{served} in {took} ({reply.state_text}): {said}")

    def _words(self, magic: str, line: str, most: int) -> tuple[str, ...]:
        return Table(magic, (), words=most).parse(line).words

    def _say(self, text: str) -> None:
        from byom_magics.plain import visible  # noqa: PLC0415 - with the rest that shows

        print(visible(text))  # noqa: T201 - a line for the person who typed the magic
