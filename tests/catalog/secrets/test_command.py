from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from byom_magics.catalog.secrets import check_reference, command, resolve
from byom_magics.catalog.secrets.command import output_of
from byom_magics.catalog.secrets.secret import StoppedError
from byom_magics.errors import SecretError

ORIGIN = "https://api.example.com:443"
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and process groups")


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def fails(arguments: tuple[str, ...]) -> str:
    with pytest.raises(SecretError) as caught:
        output_of(arguments)
    return str(caught.value)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended and was not waited for by whoever inherited it is there in name only.
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def appears(path: Path) -> int:
    until = time.monotonic() + 20
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return int(path.read_text())


def is_gone(pid: int) -> bool:
    until = time.monotonic() + 20
    while is_running(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


# What it prints


def test_what_a_program_prints_is_the_key() -> None:
    assert output_of(python("print('  a-key-0123456789 ')")) == "a-key-0123456789"


def test_arguments_reach_the_program_as_they_are_and_no_shell_reads_them() -> None:
    words = ("$HOME", "a b", "`id`", "; echo no", "*", "'")
    code = "import sys, json; print(json.dumps(sys.argv[1:]))"
    assert output_of((*python(code), *words)) == '["$HOME", "a b", "`id`", "; echo no", "*", "\'"]'


def test_a_program_gets_no_input() -> None:
    assert output_of(python("import sys; print(repr(sys.stdin.read()))")) == "''"


def test_the_environment_is_the_persons_own_and_holds_no_key_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYOM_TEST_REGION", "eu")
    resolve(lambda: "canary-0123456789", origin=ORIGIN)
    said = output_of(python("import os; print(dict(os.environ))"))
    assert "'BYOM_TEST_REGION': 'eu'" in said
    assert "canary" not in said


def test_a_byte_order_mark_is_no_part_of_the_key() -> None:
    code = "import sys; sys.stdout.buffer.write(b'\\xef\\xbb\\xbfa-key\\r\\n')"
    assert output_of(python(code)) == "a-key"


# What goes wrong


def test_a_program_that_fails_is_told_with_its_last_words() -> None:
    code = "import sys; sys.stderr.write('forgotten\\ntwo\\nthree\\nplease log in\\n'); sys.exit(3)"
    said = fails(python(code))
    assert "ended with code 3" in said
    assert "two\nthree\nplease log in" in said
    assert "forgotten" not in said


def test_its_last_words_hold_neither_a_known_key_nor_what_it_printed_nor_controls() -> None:
    resolve(lambda: "known-canary-0123", origin=ORIGIN)
    code = (
        "import sys; print('printed-canary-0123'); sys.stdout.flush();"
        "sys.stderr.write('bad known-canary-0123 and printed-canary-0123 \\x1b[2J'); sys.exit(1)"
    )
    said = fails(python(code))
    assert "bad" in said
    assert "canary" not in said
    assert "\x1b" not in said


def test_a_program_that_prints_nothing_is_told() -> None:
    assert "printed nothing" in fails(python("import sys; sys.stderr.write('not logged in')"))
    assert "not logged in" in fails(python("import sys; sys.stderr.write('not logged in')"))


def test_a_program_that_prints_no_text_is_told() -> None:
    assert "no text" in fails(python("import sys; sys.stdout.buffer.write(b'\\xff\\xfe\\xfa')"))


def test_a_program_that_prints_without_end_is_ended() -> None:
    assert "printed more than" in fails(python("while True: print('x' * 10000)"))


def test_a_program_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_TIMEOUT_S", 0.2)
    assert "did not end within 0.2 s" in fails(python("import time; time.sleep(600)"))


@pytest.mark.parametrize("program", ["byom-there-is-no-such-program", "/no/such/program", "~/no/such/program"])
def test_a_program_that_is_not_there_is_told(program: str) -> None:
    assert "There is no program" in fails((program,))


@POSIX
def test_a_program_in_the_working_folder_is_not_run_by_its_bare_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "give-key"
    program.write_text("#!/bin/sh\necho a-key-of-the-folder\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    assert "stands in the working folder" in fails(("give-key",))
    assert output_of((str(program),)) == "a-key-of-the-folder"


# Ending it early


@POSIX
def test_a_program_and_what_it_started_end_when_the_call_is_stopped(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"open({str(pid)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    stopped = threading.Event()
    caught: list[BaseException] = []

    def work() -> None:
        try:
            output_of(python(code), stopped.is_set)
        except SecretError as problem:
            caught.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    child = appears(pid)
    stopped.set()
    thread.join(20)
    assert isinstance(caught[0], StoppedError)
    assert is_gone(child)


@POSIX
def test_an_interrupt_ends_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = tmp_path / "pid"

    def interrupt() -> bool:
        appears(pid)
        raise KeyboardInterrupt

    code = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    with pytest.raises(KeyboardInterrupt):
        output_of(python(code), interrupt)
    assert is_gone(int(pid.read_text()))


@POSIX
def test_a_program_that_leaves_another_behind_is_not_waited_for() -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3)']); print('a-key-01')"
    assert output_of(python(code)) == "a-key-01"


def test_sec_20_a_program_does_not_get_the_keys_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "sk-canary-0123456789abcdef")
    monkeypatch.setenv("VAULT_ADDR", "https://vault.example.com")
    code = "import os; print(os.environ.get('CANARY'), os.environ['VAULT_ADDR'])"
    check_reference("env:CANARY")  # as every registration does
    assert output_of(python(code)) == "None https://vault.example.com"


def test_sec_20_what_a_program_says_of_a_token_is_not_repeated() -> None:
    said = fails(python("import sys; sys.exit('the token sk-canary-0123456789abcdef has expired')"))
    assert "the token [key hidden] has expired" in said
    assert "canary" not in said
