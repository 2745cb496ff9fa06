"""What can be configured: ``c.Byom.…`` in ``ipython_config.py``, and ``%config Byom`` in a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, Float, TraitError, Unicode, observe, validate
from traitlets.config import Configurable

from byom_magics.catalog.registration import checked_timeouts
from byom_magics.catalog.spec import Policy
from byom_magics.errors import OptionError

if TYPE_CHECKING:
    from byom_magics.session import Session

__all__ = ["Byom"]


class Byom(Configurable):
    """The settings of byom_magics."""

    default_model = Unicode("", help="The key of the model that a bare %%byom asks.").tag(config=True)
    refresh_rate = Float(
        9.0, help="How many times a second a streaming answer is painted anew, at most (1 to 30)."
    ).tag(config=True)
    timeouts = Dict(
        help="Timers for all models that do not set them, in seconds by name: connect, first_byte, first_token, idle, "
        "content_idle, total. None switches one off."
    ).tag(config=True)
    builtin_models = Bool(True, help="Whether the built-in models (demo/…) are registered.").tag(config=True)
    policy = Dict(
        help="Rules that every request keeps, beside those of files: hosts, networks, ports, regions, air_gapped, "
        "keys_over_http, require_prices."
    ).tag(config=True)
    air_gapped = Bool(
        False, help="Look up and connect to nothing but this machine and what the policy's hosts and networks list."
    ).tag(config=True)

    cache = Bool(
        False, help="Whether what was asked before is answered from the cache, at no cost (--cache, %byom_cache)."
    ).tag(config=True)
    history = Unicode(
        "drop-oldest",
        help="What goes when a conversation grows too long for its model: drop-oldest, keep-ends, or summarise:MODEL.",
    ).tag(config=True)

    _loaded = False  # while the settings are read, they change nothing

    def __init__(self, session: Session, **traits: Any) -> None:
        self._session = session
        super().__init__(**traits)
        self._loaded = True
        self._unwatch = session.models.watch(self._follow)
        if not (self.builtin_models and any(spec.builtin for spec in session.models.values())):
            self._builtin_changed(None)  # of those that are there, some may have been forgotten
        self._timeouts_changed(None)
        self._answers_changed(None)
        self._policy_changed(None)
        chosen, of_files = session.models.default, session.layers.default
        if chosen is not None and chosen != of_files:
            self.default_model = chosen  # what was chosen meanwhile stands
        elif not self.default_model:
            self.default_model = of_files
        self._default_changed(None)

    def close(self) -> None:
        """Stop following the session; its calls wait as long as by default."""
        self._unwatch()
        self._session.timeouts = {}
        self._session.caches, self._session.history = False, None
        self._session.wanted_default = ""

    def refuse_calls(self, name: str, problem: TraitError) -> None:
        """Rules that were meant and cannot be read forbid everything, until they are mended."""
        if name in ("policy", "air_gapped"):
            self._session.policy = Policy(f"c.Byom.{name}", broken=str(problem))

    @validate("refresh_rate")
    def _check_refresh_rate(self, proposal: Any) -> float:  # noqa: ANN401 - traitlets' bunch
        rate: float = proposal["value"]
        if not 1 <= rate <= 30:
            message = f"Byom.refresh_rate cannot be {rate!r}: give 1 to 30 paints a second"
            raise TraitError(message)
        return rate

    @validate("timeouts")
    def _check_timeouts(self, proposal: Any) -> dict[str, float | None]:  # noqa: ANN401 - traitlets' bunch
        try:
            return checked_timeouts(proposal["value"])
        except OptionError as problem:
            message = f"Byom.timeouts: {problem.what} {problem.hint}"
            raise TraitError(message) from None

    @validate("policy")
    def _check_policy(self, proposal: Any) -> dict[str, Any]:  # noqa: ANN401 - traitlets' bunch
        given: dict[str, Any] = proposal["value"]
        if not given:
            return given
        from byom_magics.catalog.document import Findings, checked  # noqa: PLC0415 - few set rules here

        findings = Findings()
        # A tuple is as good as the list that a file would have.
        rules = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
        checked("policy", rules, ("policy",), Path(), findings)
        if findings.count:
            message = f"Byom.{findings.kept[0]}"
            raise TraitError(message)
        return given

    @validate("history")
    def _check_history(self, proposal: Any) -> str:  # noqa: ANN401 - traitlets' bunch
        given: str = proposal["value"]
        if given != self.traits()["history"].default_value:
            from byom_magics.talk.window import strategy_of  # noqa: PLC0415 - few change it

            try:
                strategy_of(given)
            except OptionError as problem:
                message = f"Byom.history: {problem.what} {problem.hint}"
                raise TraitError(message) from None
        return given

    @observe("cache", "history")
    def _answers_changed(self, _: object) -> None:
        if self._loaded:
            self._session.caches, self._session.history = self.cache, self.history

    @observe("policy", "air_gapped")
    def _policy_changed(self, _: object) -> None:
        if not self._loaded:
            return
        rules: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in self.policy.items()
        }
        if rules or self.air_gapped:
            rules["air_gapped"] = self.air_gapped or rules.get("air_gapped", False)
            self._session.policy = Policy("c.Byom.policy", **rules)
        else:
            self._session.policy = None

    @observe("timeouts")
    def _timeouts_changed(self, _: object) -> None:
        if self._loaded:
            self._session.timeouts = dict(self.timeouts)

    @observe("builtin_models")
    def _builtin_changed(self, _: object) -> None:
        if not self._loaded:
            return
        if self.builtin_models:
            self._session.register_builtin()
        else:
            self._session.forget_builtin()

    @observe("default_model")
    def _default_changed(self, _: object) -> None:
        models = self._session.models
        self._session.wanted_default = self.default_model
        # A model that is not registered yet is waited for; no other one is asked in its place.
        wanted = self.default_model if self.default_model in models else None
        if self._loaded and wanted != models.default:
            models.set_default(wanted)

    def _follow(self, change: str, key: str) -> None:
        """Follow the registry. A default that was configured before its model was registered holds from then on."""
        models = self._session.models
        if change == "forgotten" and key == self.default_model:
            self.default_model = ""
        elif change == "default" and (key or self.default_model in models):
            self.default_model = key
        elif change == "registered" and self.default_model != models.default and self.default_model in models:
            models.set_default(self.default_model)
