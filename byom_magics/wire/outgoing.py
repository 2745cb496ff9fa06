"""One call's request as it goes out, and what can be done otherwise when the server refuses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Union

from byom_magics.catalog.secrets import Secret
from byom_magics.errors import ByomError, OptionError
from byom_magics.events import State
from byom_magics.wire import policy
from byom_magics.wire.body import compose, encode, laid
from byom_magics.wire.learning import MOST, Learnt, adjusted, learn

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Ended
    from byom_magics.messages import Call
    from byom_magics.wire.dialects.dialect import Dialect
    from byom_magics.wire.learning import Adjustment
    from byom_magics.wire.refusal import Refusal

__all__ = ["Outgoing"]

_ANSWERED = (State.COMPLETE, State.LENGTH, State.CONTENT_FILTER, State.TOOL_CALLS)
Headers = Mapping[str, Union[str, Secret]]


class Outgoing:
    """
    A call's request: what each attempt sends, which differs when a refusal taught something in between.

    Args:
        dialect: How the server speaks.
        spec: The model.
        call: What to ask it.
        headers: Headers beyond the client's own.
        learnt: What is known of servers in this session.
        may_carry: Raises an error where a key may not go to this request's address.

    Raises:
        OptionError: The request cannot be written.
        PolicyError: A key is not for this address.
    """

    def __init__(
        self,
        dialect: Dialect,
        spec: ModelSpec,
        call: Call,
        headers: Headers,
        *,
        learnt: Learnt,
        may_carry: Callable[[Secret, str], None],
    ) -> None:
        self._dialect = dialect
        self._spec = spec
        self._call = call
        self._learnt = learnt
        self._may_carry = may_carry
        self._place = (policy.origin(spec.endpoint.url), spec.model)
        self._adjustments = learnt.of(self._place)
        self._found: tuple[Adjustment, ...] = ()
        self._renewed = False
        self._request = compose(dialect, spec, call, self._adjustments)
        self.content = encode(self._request.body, spec.key)
        self.url = policy.join(spec.endpoint.url, self._request.path)
        taken = {name.lower() for name in headers}
        own = {name: value for name, value in dialect.headers.items() if name.lower() not in taken}
        self.headers: dict[str, str | Secret] = {**own, **headers}
        for secret in self.secrets():
            may_carry(secret, self.url)

    def secrets(self) -> tuple[Secret, ...]:
        """The keys in the headers."""
        return tuple(value for value in self.headers.values() if isinstance(value, Secret))

    def relearn(self, status: int, _headers: Mapping[str, str], refusal: Refusal | None) -> str | None:
        """A remedy: the same request without what the server refuses; None if nothing is known to help."""
        if refusal is None or len(self._found) >= MOST:
            return None
        quirks = adjusted(self._spec.endpoint.quirks, self._adjustments)
        kept = self._call.sampling.extra_body.keys()
        found = learn(status, refusal, self._request.body, quirks, known=self._adjustments, kept=kept)
        if found is None:
            return None
        adjustments = (*self._adjustments, found)
        try:
            request = compose(self._dialect, self._spec, self._call, adjustments)
            content = encode(request.body, self._spec.key)
        except OptionError:
            return None  # the call cannot be said in that way
        if content == self.content:
            return None
        self._request, self.content = request, content
        self._adjustments, self._found = adjustments, (*self._found, found)
        return found.note

    def renewing(self, stopped: Callable[[], bool]) -> Callable[[int, Mapping[str, str], Refusal | None], str | None]:
        """
        Give a remedy: keys that can be renewed are, once in a call, when the server says 401.

        Args:
            stopped: Whether the call was stopped meanwhile.
        """

        def renew(status: int, _headers: Mapping[str, str], _refusal: Refusal | None) -> str | None:
            if status != 401 or self._renewed:
                return None
            self._renewed = True
            return self._renew(stopped)

        return renew

    def _renew(self, stopped: Callable[[], bool]) -> str | None:
        newer: dict[str, Secret] = {}
        for name, value in self.headers.items():
            if not isinstance(value, Secret):
                continue
            try:
                secret = value.renewed(stopped)
                if secret is not None:
                    self._may_carry(secret, self.url)
                    newer[name] = secret
            except ByomError:
                continue  # the server's refusal says more than that there is no newer key
        if not newer:
            return None
        self.headers.update(newer)
        return f"401: the key from {', '.join(sorted({each.source for each in newer.values()}))} was renewed"

    def _notes(self) -> tuple[str, ...]:
        """What is done otherwise than asked: by the dialect, and for each thing learnt that matters to this call."""
        learnt = (each.note for each in self._adjustments if each in self._found or self._matters(each))
        return (*self._request.notes, *learnt)

    def settle(self, ended: Ended) -> Ended:
        """The call is over. What was learnt is true if the server has answered; what was done otherwise is told."""
        if self._found and ended.state in _ANSWERED:
            self._learnt.add(self._place, self._found)
        notes = self._notes()
        return replace(ended, warnings=(*notes, *ended.warnings)) if notes else ended

    def _matters(self, adjustment: Adjustment) -> bool:
        others = tuple(each for each in self._adjustments if each != adjustment)
        try:
            bodies = [laid(self._dialect, self._spec, self._call, each).body for each in (self._adjustments, others)]
        except OptionError:
            return True
        return bodies[0] != bodies[1]
