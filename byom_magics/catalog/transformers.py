"""Functions that models name: they change a request's body, or the chunks of an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from byom_magics.catalog import checks, plugins
from byom_magics.errors import OptionError, RegistrationError

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec, Transformer

__all__ = ["Transformers"]


class Transformers:
    """The functions of one session by their names, and after them those of plug-ins."""

    def __init__(self) -> None:
        self._own: dict[str, Transformer] = {}

    def register(self, name: str, transformer: object) -> None:
        """
        Add a function, or replace the one of that name.

        Raises:
            RegistrationError: The name is no word, or it is no function.
        """
        if not checks.word(name):
            message = f"A transformer's name cannot be {checks.shown(name, quoted=True)}."
            raise RegistrationError(message, hint="give one word, such as add_tenant")
        if not callable(transformer):
            message = f"The transformer '{name}' is {type(transformer).__name__}, which cannot be called."
            raise RegistrationError(message, hint="give a function of one argument that returns what it makes of it")
        self._own[name] = transformer

    def names(self) -> tuple[str, ...]:
        """The names of all functions, plug-ins' included."""
        return tuple(dict.fromkeys((*self._own, *plugins.names("transformers"))))

    def find(self, name: str) -> Transformer:
        """
        The function of that name.

        Raises:
            OptionError: There is none.
            RegistrationError: It is a plug-in's, which cannot be loaded.
        """
        if name in self._own:
            return self._own[name]
        found: Any = plugins.find("transformers", name)
        shown = checks.shown(name)
        if found is None:
            near = checks.nearest("transformers", name, self.names())
            hint = f"register it: byom_magics.register_transformer('{shown}', FUNCTION)"
            hint = f"{near} Or {hint}" if near.endswith("?") else hint
            raise OptionError(f"No transformer '{shown}' is registered.", hint=hint)
        if not callable(found):
            message = f"The transformer '{shown}' of a plug-in is {type(found).__name__}, which cannot be called."
            raise OptionError(message, hint="update or uninstall the plug-in, or tell who made it")
        transformer: Transformer = found
        return transformer

    def filled_in(self, spec: ModelSpec) -> ModelSpec:
        """
        The model with functions in place of their names.

        Raises:
            OptionError: It names one that there is not.
            RegistrationError: It names a plug-in's, which cannot be loaded.
        """
        request, response = spec.request_transformer, spec.response_transformer
        if not isinstance(request, str) and not isinstance(response, str):
            return spec
        return replace(
            spec,
            request_transformer=self.find(request) if isinstance(request, str) else request,
            response_transformer=self.find(response) if isinstance(response, str) else response,
        )
