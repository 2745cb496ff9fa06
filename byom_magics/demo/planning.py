"""Which tools are to be called next, with which arguments: one look at what is asked and at what has been done."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from byom_magics.demo.arguments import Filling, filled
from byom_magics.demo.checking import fits
from byom_magics.demo.clauses import Clause, clauses
from byom_magics.demo.matching import Matcher
from byom_magics.demo.parameters import parameters_of
from byom_magics.demo.pieces import Asked
from byom_magics.demo.schema import Schema, SchemaProblem
from byom_magics.demo.shaping import shaped

if TYPE_CHECKING:
    from byom_magics.demo.conversation import Conversation, Done
    from byom_magics.demo.functions import Function, Offer
    from byom_magics.demo.material import Material

__all__ = ["Lack", "Plan", "failed", "plan"]

_MOST_CALLS = 16
_REMEMBERED = 3
_FAILURE = re.compile(
    r"\s*(?:(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Iteration|Warning|Failure|Timeout)\b\s*(?::|\(|$)"
    r"|error\b|the arguments do not fit\b|there is no tool\b|traceback\b|\{\s*\"error\")",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\s*(?:and|what about|how about|now|also|or|then)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Lack:
    """A function that is meant, and the parameters for which nothing was said."""

    function: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """
    What is to be done.

    Attributes:
        calls: The tools to call now; none if it is time to answer.
        lacks: What is meant and cannot be called.
        why: What tells it, in sentences.
    """

    calls: tuple[Asked, ...] = ()
    lacks: tuple[Lack, ...] = ()
    why: tuple[str, ...] = ()


def plan(conversation: Conversation, offer: Offer, material: Material) -> Plan:
    """
    Plan the next step.

    The whole plan is made anew from the question each time, and what is done already is left out of it. So a tool is
    never called twice with the same arguments for one question, and a turn always ends.

    Args:
        conversation: What is asked, and what has been called for it.
        offer: The tools.
        material: What else there is, for arguments that have to be there and are not told.
    """
    if not offer.functions:
        return Plan()
    planning = _Planning(conversation, offer)
    planning.go()
    calls = planning.calls
    if not calls and offer.must and not conversation.done:
        calls = [_forced(conversation, offer, material, planning.why)]
    if not offer.parallel:
        calls = calls[:1]
    return Plan(tuple(calls), tuple(planning.lacks), tuple(planning.why))


def failed(result: str) -> bool:
    """Whether a result tells that the tool did not do its work."""
    return _FAILURE.match(result) is not None


class _Planning:
    def __init__(self, conversation: Conversation, offer: Offer) -> None:
        self._conversation = conversation
        self._functions = offer.functions
        self._matcher = Matcher(offer.functions)
        self._earlier: list[Done] = []
        self._pending = False
        self.calls: list[Asked] = []
        self.lacks: list[Lack] = []
        self.why: list[str] = []

    def go(self) -> None:
        question = self._conversation.question
        steps = clauses(question, self._matcher) or self._gone_on(question)
        if not steps:
            names = ", ".join(f"`{function.name}`" for function in self._functions)
            self.why.append(f"No tool fits: none of the words that tell {names} occurs.")
        for step in steps:
            self._take(step, question)
        if self._earlier and not self.calls:
            self.why.append("All that can be called for it has been called.")

    def _gone_on(self, question: str) -> list[Clause]:
        """A question that goes on from the one before, as "And in Bergen?" does, means the same function."""
        if self._conversation.before and _GOES_ON.match(question):
            name = self._conversation.before[-1].name
            for match in self._matcher.matches(question):
                if match.function.name == name:
                    return [Clause(question, replace(match, words=("it was called for the question before",)))]
        return []

    def _take(self, step: Clause, question: str) -> None:
        function = step.match.function
        self.why.append(f"`{function.name}` fits: {', '.join(step.match.words) or 'its name'}.")
        results = [done.result for done in self._earlier if not failed(done.result)]
        filling = filled(function, step.text, results)
        if len(results) < len(self._earlier) and not self._pending and self._waits(function, filling, question):
            self.why.append(f"`{function.name}` needs a result that an earlier call did not give.")
            return
        if filling.missing or (self._pending and (filling.refers or filling.used)):
            if self._pending and (filling.refers or filling.used or self._waits(function, filling, question)):
                self.why.append(f"`{function.name}` waits for a result.")
                return
            filling = _merged(function, filling, filled(function, question, results))
            if filling.missing and filling.refers:
                # "How many people live there?" is about the city of the question before.
                earlier = [json.dumps(done.arguments) for done in self._conversation.before[-_REMEMBERED:]]
                filling = _merged(function, filling, filled(function, question, earlier))
        if filling.missing:
            self.lacks.append(Lack(function.name, filling.missing))
            self.why.append(f"`{function.name}` lacks {', '.join(filling.missing)}.")
            return
        if filling.used:
            self.why.append("A result of an earlier call goes into its arguments.")
        for arguments in filling.calls:
            self._call(function, arguments)

    def _waits(self, function: Function, filling: Filling, question: str) -> bool:
        if filling.refers and not filling.used:
            return True
        if not filling.missing:
            return False
        kinds = {each.name: each for each in parameters_of(function)}
        if all(kinds[name].named for name in filling.missing if name in kinds):
            return bool(filled(function, question).missing)
        return True

    def _call(self, function: Function, arguments: Mapping[str, Any]) -> None:
        done = next((each for each in self._conversation.done if each.name == function.name
                     and _same(each.arguments, arguments)), None)  # fmt: skip
        said = ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)[:60]}" for name, value in arguments.items())
        if done is not None:
            self._earlier.append(done)
            return
        if len(self.calls) + len(self._conversation.done) >= _MOST_CALLS:
            return
        call = Asked(function.name, arguments)
        if call not in self.calls:
            self.calls.append(call)
            self.why.append(f"I call `{function.name}`" + (f" with {said}." if said else "."))
        self._pending = True


def _merged(function: Function, part: Filling, whole: Filling) -> Filling:
    """What a clause says, and for what it does not say the whole question."""
    calls = tuple({**whole.calls[0], **arguments} for arguments in part.calls)
    if part.missing and len(whole.calls) > 1 and not set(part.calls[0]) - set(whole.calls[0]):
        calls = tuple({**arguments, **part.calls[0]} for arguments in whole.calls)
    order = [each.name for each in parameters_of(function)]
    calls = tuple({name: arguments[name] for name in order if name in arguments} for arguments in calls)
    missing = tuple(name for name in part.missing if name in whole.missing)
    return Filling(calls, missing, part.used or whole.used, part.refers)


def _forced(conversation: Conversation, offer: Offer, material: Material, why: list[str]) -> Asked:
    """The likeliest function with the likeliest arguments, where one has to be called."""
    question = conversation.question
    function = max(Matcher(offer.functions).matches(question), key=lambda match: match.score).function
    arguments = filled(function, question).calls[0]
    why.append(f"A tool has to be called: `{function.name}` is the likeliest.")
    whole: Sequence[Mapping[str, Any]] = (arguments,)
    if not fits(arguments, function.parameters, Schema(function.parameters)):
        try:
            whole = (shaped(function.parameters, replace(material, given=arguments)),)
        except SchemaProblem:
            why.append("I found no arguments that fit it.")
    return Asked(function.name, whole[0])


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
