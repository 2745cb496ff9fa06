"""A program of the person's own that prints a key: run by its arguments, without a shell, and ended when time is up."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from byom_magics.catalog.secrets.environment import for_programs
from byom_magics.catalog.secrets.masking import hide
from byom_magics.catalog.secrets.secret import Stopped, StoppedError
from byom_magics.errors import SecretError
from byom_magics.plain import visible

__all__ = ["output_of"]

_TIMEOUT_S = 30.0
_POLL_S = 0.1
_MOST_BYTES = 1024 * 1024
_LINES = 3
_LINE = 300
_POSIX = os.name == "posix"


def output_of(arguments: tuple[str, ...], stopped: Stopped | None = None) -> str:
    """
    What a program prints.

    It gets the environment of the kernel without the variables that are named as keys, no input, and half a minute.
    Whatever ends the waiting, an interrupt included, ends the program too.

    Args:
        arguments: The program, as it is found on the path or by its full path, and its arguments.
        stopped: Whether nobody waits for it any more.

    Raises:
        SecretError: It could not be run, failed (its last words on stderr are told), or took too long.
    """
    program = _found(arguments[0])
    try:
        process = subprocess.Popen(  # noqa: S603 - the person's own program, by a list of arguments
            [program, *arguments[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=for_programs(),
            start_new_session=_POSIX,
        )
    except (OSError, ValueError) as problem:
        raise _failed(arguments[0], f"could not be run: {problem}") from None
    try:
        printed, said = _Reading(process.stdout), _Reading(process.stderr)
        _wait(process, printed, arguments[0], stopped)
    finally:
        _end(process)
    printed.finish()
    said.finish()
    if process.returncode:
        raise _failed(arguments[0], f"ended with code {process.returncode}", printed, said)
    try:
        text = bytes(printed.held).decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise _failed(arguments[0], "printed what is no text") from None
    if not text:
        raise _failed(arguments[0], "printed nothing", printed, said)
    return text


class _Reading(threading.Thread):
    """Reads one pipe of a program to its end, and keeps the beginning and the last part of what came."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        super().__init__(name="byom-command", daemon=True)
        assert pipe is not None  # noqa: S101 - both are piped
        self._pipe = pipe
        self.held = bytearray()
        self.last = b""
        self.too_much = False
        self.start()

    def run(self) -> None:
        with suppress(OSError), self._pipe:
            while chunk := os.read(self._pipe.fileno(), 65536):
                self.last = (self.last + chunk)[-4 * _LINE * _LINES :]
                if len(self.held) + len(chunk) > _MOST_BYTES:
                    self.too_much = True
                else:
                    self.held += chunk

    def finish(self) -> None:
        """Wait for the last of it; a process that the program left behind may hold the pipe open for ever."""
        self.join(1.0)


def _wait(process: subprocess.Popen[bytes], printed: _Reading, program: str, stopped: Stopped | None) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_S)
            return
        if printed.too_much:
            raise _failed(program, f"printed more than {_MOST_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise _failed(program, f"did not end within {_TIMEOUT_S:g} s, and was ended")
        if stopped is not None and stopped():
            message = f"The command {visible(program)} was ended, since the call was stopped."
            raise StoppedError(message)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that still runs, and what it started."""
    if process.poll() is None:
        if _POSIX:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        with suppress(OSError):
            process.kill()
        process.wait()


def _found(program: str) -> str:
    full = str(Path(program).expanduser()) if program.startswith("~") else program
    found = shutil.which(full)
    if found is None:
        message = f"There is no program {visible(program)} that could be run for the key."
        raise SecretError(message, hint="install it, or give its full path")
    # Windows looks into the working folder first, and so does a path with a dot in it: a notebook's folder is foreign.
    if Path(program).name == program and Path(found).resolve().parent == Path.cwd().resolve():
        message = f"The program {visible(program)} stands in the working folder; it is not run by its bare name."
        raise SecretError(message, hint="give its full path if you trust it")
    return found


def _failed(program: str, what: str, printed: _Reading | None = None, said: _Reading | None = None) -> SecretError:
    words = _last_words(printed, said) if printed and said else ""
    message = f"The command {visible(program)} {visible(hide(what))}." + (f" It said: {words}" if words else "")
    return SecretError(message, hint="run it in a terminal, and see what it wants (a login may have run out)")


def _last_words(printed: _Reading, said: _Reading) -> str:
    """The last lines on stderr, without what stands on stdout: that may be the key."""
    text = hide(bytes(said.last).decode("utf-8", "replace"))
    for word in bytes(printed.last).decode("utf-8", "replace").split():
        if len(word) >= 8:
            text = text.replace(word, "[hidden]")
    lines = [visible(line.strip())[:_LINE] for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-_LINES:])
