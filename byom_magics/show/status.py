"""The line under an answer and the line before it: what was asked, how it ended, what it took. HTML and plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape as escape_html
from math import ceil

from byom_magics.errors import ShapeError
from byom_magics.events import Held, Progress, Reply, Retrying, State, Usage
from byom_magics.plain import bounded, one_line, visible
from byom_magics.show.sheet import BAD, LINE, ODD, QUIET, note_html

__all__ = [
    "BAD",
    "ODD",
    "QUIET",
    "Wait",
    "asked_again",
    "badge",
    "facts",
    "note_html",
    "notes_lines",
    "problem",
    "problem_html",
    "problem_plain",
    "seconds_words",
    "status_html",
    "status_plain",
    "waiting",
    "waiting_html",
]

_MOST_NOTES = 10

_BADGES = {
    State.LENGTH: ("CUT OFF: length limit reached", "raise --max-tokens, or ask it to go on"),
    State.CONTENT_FILTER: ("STOPPED by the content filter", "rephrase the prompt, or ask another model"),
    State.CANCELLED: ("CANCELLED", "what had come is kept; run the cell again for a whole answer"),
    State.INCOMPLETE: ("INCOMPLETE: the answer broke off", "run the cell again"),
    State.STALLED: ("STALLED: no more came", "run the cell again, or raise the timeouts"),
    State.ERROR: ("FAILED", "see the message, then run the cell again"),
}
_WRONG_SHAPE = ("WRONG SHAPE: the answer does not fit", "its text is kept; ask again, or simplify the schema")
_REASONS = {
    "eof": "the connection closed before the server said that it was done",
    "connection": "the connection was lost",
    "empty": "the server sent nothing",
    "connect": "no connection in time",
    "first_byte": "no response in time",
    "first_token": "no first token in time",
    "idle": "nothing came for too long",
    "content_idle": "no content came for too long",
    "total": "the total time ran out",
}


def badge(reply: Reply) -> str:
    """Say in words what is wrong with how a reply ended; empty if it is complete, and as it was asked for."""
    return _badge(reply)[0]


def _badge(reply: Reply) -> tuple[str, str]:
    """Give the badge, and the next step."""
    if reply.state in _BADGES:
        return _BADGES[reply.state]
    if reply.error is None:
        return "", ""
    return _WRONG_SHAPE if isinstance(reply.error, ShapeError) else _BADGES[State.ERROR]


def facts(reply: Reply) -> list[str]:
    """Give what is known about a reply, each as a few words; what is unknown is left out."""
    known = [one_line(reply.model or "", 80), reply.state_text]
    if reply.served_model and reply.served_model != reply.model:
        known[0] = f"{known[0]} ({one_line(reply.served_model, 80)})" if known[0] else one_line(reply.served_model, 80)
    if reply.cached:
        known.append("from the cache, nothing was sent")
    if reply.rounds > 1:
        known.append(f"{reply.rounds:,} calls")
    known += _tokens(reply.usage)
    if reply.first_token_s is not None:
        known.append(f"first token {seconds_words(reply.first_token_s)}")
    if reply.tokens_per_s is not None:
        known.append(f"{_three_digits(reply.tokens_per_s)} tokens/s")
    elif reply.duration_s is not None:
        known.append(f"total {seconds_words(reply.duration_s)}")
    if reply.cost is not None and not (reply.cached and float(reply.cost) == 0):
        known.append(visible(str(reply.cost)))
    if reply.attempts > 1:
        known.append(f"{reply.attempts} attempts")
    return [fact for fact in known if fact]


def _tokens(usage: Usage) -> list[str]:
    counts = (
        (usage.input_tokens, "in", usage.cached_input_tokens, "cached"),
        (usage.output_tokens, "out", usage.reasoning_tokens, "reasoning"),
    )
    tokens = [
        f"{count:,} {word}" + (f" ({part:,} {kind})" if part else "")
        for count, word, part, kind in counts
        if count is not None
    ]
    if tokens:
        return ["tokens " + ", ".join(tokens)]
    return [f"tokens {usage.total_tokens:,}"] if usage.total_tokens is not None else []


def problem(reply: Reply) -> tuple[str, str, str]:
    """Say what is not as it should be: a badge, what happened, what next. All empty if the reply is as asked for."""
    words, step = _badge(reply)
    if not words:
        return "", "", ""
    if reply.error is not None:
        return words, bounded(visible(reply.error.what), 4_000), visible(reply.error.hint or step)
    return words, _REASONS.get(reply.reason or "", one_line(reply.reason or "")), step


def problem_html(reply: Reply) -> str:
    """The problem as a box, to stand outside the answer's element; empty if there is none."""
    words, what, step = problem(reply)
    if not words:
        return ""
    colour = BAD if reply.state.failed or reply.state not in _BADGES else ODD
    red = f' style="color:{BAD}"'
    text = f"<br>{escape_html(what)}".replace("\n", "<br>") if what else ""
    return (
        f'<div role="alert" style="border-left:4px solid {colour};padding:.2em .8em;margin:.5em 0">'
        f"<strong{red if colour == BAD else ''}>⚠ {escape_html(words)}</strong>{text}"
        f'<br><span style="{QUIET}">Next: {escape_html(step)}</span></div>\n'
    )


def status_html(reply: Reply, notes: Sequence[str] = ()) -> str:
    """The quiet line, to stand outside the answer's element, and below it what was said before sending."""
    below = [*notes_lines(notes), *(f"Note: {one_line(warning, 300)}" for warning in reply.warnings[:5])]
    lines = "".join(f"<br>{escape_html(line)}" for line in below)
    return f'<div style="{LINE}">{escape_html(" · ".join(facts(reply)))}{lines}</div>\n'


def problem_plain(reply: Reply) -> str:
    """The problem in lines of text; empty if there is none."""
    words, what, step = problem(reply)
    if not words:
        return ""
    return "\n".join(line for line in (f"[!] {words}", what, f"Next: {step}") if line) + "\n"


def status_plain(reply: Reply, notes: Sequence[str] = ()) -> str:
    """The quiet line as text, in brackets, and below it what was said before sending."""
    below = [*notes_lines(notes), *(f"note: {one_line(warning, 300)}" for warning in reply.warnings[:5])]
    lines = "".join(f"\n[{line}]" for line in below)
    return f"[{' · '.join(facts(reply))}]{lines}\n"


def notes_lines(notes: Sequence[str]) -> list[str]:
    """Give what is said before sending as visible lines, as many as fit below another."""
    return [one_line(note, 300) for note in notes[:_MOST_NOTES]]


@dataclass
class Wait:
    """
    What is known of a call before anything has come.

    Attributes:
        model: The key of the model.
        address: Where it is asked.
        begun: When the call began, in seconds on the clock that all these times are of.
        stage: The last that was heard.
        since: When that was.
    """

    model: str
    address: str
    begun: float
    stage: Progress | Retrying | Held | None = None
    since: float = 0.0

    def heard(self, stage: Progress | Retrying | Held, now: float) -> None:
        """Note what is going on."""
        self.stage, self.since = stage, now


def waiting(wait: Wait, now: float) -> str:
    """Say what is going on: model, elapsed time, and the stage."""
    stage = wait.stage
    place = f" to {one_line(wait.address, 80)}" if wait.address else ""
    if isinstance(stage, Retrying):
        left = stage.wait_s - (now - wait.since)
        # Rounded up: "in 0 s" would be a lie for the whole last second.
        going_on = f"retrying in {ceil(left)} s: {one_line(stage.why, 120)}" if left > 0 else "trying again"
    elif isinstance(stage, Held):
        going_on = _held(stage, now - wait.since)
    elif stage is None or stage.stage == "connecting":
        going_on = f"connecting{place}"
    else:
        going_on = "waiting for the first token"
    attempt = f" (attempt {stage.attempt})" if isinstance(stage, Progress) and stage.attempt > 1 else ""
    return f"{one_line(wait.model, 80)} · {int(now - wait.begun)} s · {going_on}{attempt}"


def _held(stage: Held, for_s: float) -> str:
    why = one_line(stage.why, 120)
    if stage.wait_s is None:
        return why
    left = ceil(stage.wait_s - for_s)
    return f"held back for {left} s: {why}" if left > 0 else f"held back: {why}"


def waiting_html(line: str, notes: Sequence[str] = ()) -> str:
    """The waiting line as HTML, and below it what was said before sending."""
    below = "".join(f"<br>{escape_html(note)}" for note in notes_lines(notes))
    return f'<div style="{LINE}">◌ {escape_html(line)}{below}</div>'


def asked_again(problem: str, number: int, most: int | None = None) -> str:
    """Say that an answer did not fit, and which try the next one is, of how many if that is known."""
    of = f" of {most:,}" if most else ""
    why = one_line(problem, 300)
    return f"The answer did not fit: {why}{'' if why.endswith('.') else '.'} Asked again ({number:,}{of})."


def seconds_words(seconds: float) -> str:
    """Say how long something took, to three digits or so."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def _three_digits(number: float) -> str:
    return f"{number:.1f}" if number < 100 else f"{number:,.0f}"
