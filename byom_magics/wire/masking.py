"""A server may answer with the key it was sent: every key of the session is masked, however it is cut."""

from __future__ import annotations

import json
from dataclasses import replace

from byom_magics.catalog.secrets import Masker, mask, masker
from byom_magics.events import (
    Ended,
    Event,
    Opened,
    ReasoningDelta,
    Reclassified,
    Retrying,
    Signature,
    TextDelta,
    ToolCallDelta,
)

__all__ = ["Masking", "masking"]


def masking() -> Masking | None:
    """What masks the keys of this session in one call's events; None while none was used."""
    text = masker()
    return Masking(text, text.another(), text.another()) if text else None


class Masking:
    """
    Masks the events of one call.

    Args:
        text: For the text of the answer.
        reasoning: For its reasoning.
        arguments: For the arguments of tools.
    """

    def __init__(self, text: Masker, reasoning: Masker, arguments: Masker) -> None:
        self._text = text
        self._reasoning = reasoning
        self._arguments = arguments
        self._begun: dict[
            int, Masker
        ] = {}  # calls of tools whose arguments end with what may be the beginning of a key

    def apply(self, events: list[Event]) -> list[Event]:
        """Give the same events, masked; the end of a text that may be the beginning of a key is held back."""
        out: list[Event] = []
        for event in events:
            if isinstance(event, TextDelta):
                text = self._text.feed(event.text)
                if text:
                    out.append(event if text is event.text else TextDelta(text))
            elif isinstance(event, ReasoningDelta):
                text = self._reasoning.feed(event.text)
                if text:
                    out.append(event if text is event.text else ReasoningDelta(text))
            else:
                out += self._other(event)
        return out

    def _other(self, event: Event) -> list[Event]:
        if isinstance(event, ToolCallDelta):
            masker = self._begun.pop(event.index, None) or self._arguments.another()
            number, name = (text and mask(text) for text in (event.id, event.name))
            masked = replace(event, id=number, name=name, arguments=masker.feed(event.arguments))
            if masker.holds:
                self._begun[event.index] = masker
            return [masked]
        if isinstance(event, Opened):
            names = (event.served_model, event.request_id, event.system_fingerprint)
            return [Opened(*(name and mask(name) for name in names))]
        if isinstance(event, Reclassified):
            return [*self._texts(), event]
        if isinstance(event, Ended):
            held = self._reasoning.flush()
            thought: list[Event] = [ReasoningDelta(held)] if held else []
            return [*thought, *self._texts(), *self._tools(), _ended(event)]
        if isinstance(event, Retrying):
            return [replace(event, why=mask(event.why))]
        return [_sealed(event)] if isinstance(event, Signature) else [event]

    def _texts(self) -> list[Event]:
        held = self._text.flush()
        return [TextDelta(held)] if held else []

    def _tools(self) -> list[Event]:
        held: list[Event] = [ToolCallDelta(at, arguments=masker.flush()) for at, masker in self._begun.items()]
        self._begun.clear()
        return held


def _ended(event: Ended) -> Ended:
    """A service explains an end in words of its own, which are warnings by now."""
    reason, warnings = event.finish_reason and mask(event.finish_reason), tuple(map(mask, event.warnings))
    same = (reason, warnings) == (event.finish_reason, event.warnings)
    return event if same else replace(event, finish_reason=reason, warnings=warnings)


def _sealed(event: Signature) -> Signature:
    """It goes back to the service as it came, unless a key stands in it: it is kept with the answer."""
    try:
        said = json.dumps(event.data)
        masked = mask(said)
        return event if masked == said else Signature(json.loads(masked))
    except (TypeError, ValueError, RecursionError):
        return Signature({})  # what cannot be read cannot be shown to hold none
