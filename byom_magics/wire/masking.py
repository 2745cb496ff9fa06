"""A server may answer with the key it was sent: every key of the session is masked, however it is cut."""

from __future__ import annotations

from dataclasses import replace

from byom_magics.catalog.secrets import Masker, mask, masker
from byom_magics.events import Ended, Event, Opened, ReasoningDelta, Reclassified, TextDelta, ToolCallDelta

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
        self._tool = 0

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
            before = self._tools() if event.index != self._tool else []
            self._tool = event.index
            number, name = (text and mask(text) for text in (event.id, event.name))
            return [*before, replace(event, id=number, name=name, arguments=self._arguments.feed(event.arguments))]
        if isinstance(event, Opened):
            names = (event.served_model, event.request_id, event.system_fingerprint)
            return [Opened(*(name and mask(name) for name in names))]
        if isinstance(event, Reclassified):
            return [*self._texts(), event]
        if isinstance(event, Ended):
            held = self._reasoning.flush()
            thought: list[Event] = [ReasoningDelta(held)] if held else []
            return [*thought, *self._texts(), *self._tools(), event]
        return [event]

    def _texts(self) -> list[Event]:
        held = self._text.flush()
        return [TextDelta(held)] if held else []

    def _tools(self) -> list[Event]:
        held = self._arguments.flush()
        return [ToolCallDelta(self._tool, arguments=held)] if held else []
