"""What the scripts of all stages share: running commands and printing one line per item."""

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Short(Exception):
    """An item that falls short, with the reason."""


def run(command, *, cwd=ROOT, env=None, code=0, limit=1800):
    """Runs a command to its end; returns its stdout and the seconds it took. Another exit code falls short."""
    begin = time.monotonic()
    try:
        ran = subprocess.run(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=limit,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Short(str(error)) from error
    seconds = time.monotonic() - begin
    if ran.returncode != code:
        sys.stderr.write(ran.stdout[-8000:])
        raise Short(f"`{' '.join(map(str, command))}` ended with {ran.returncode} instead of {code}")
    return ran.stdout, seconds


def tests(*programs, names=(), at_least=1):
    """Runs test programs (or the tests in them whose path contains one of `names`) and returns how many passed and the
    figures that they print. Fewer than `at_least` fall short, so a renamed test cannot pass by not being there."""
    command = ["cargo", "test", "--locked", "--workspace"]
    for program in programs:
        command += ["--test", program] if program != "--lib" else ["--lib"]
    output, _ = run([*command, "--", "--nocapture", *names])
    passed = sum(int(n) for n in re.findall(r"^test result: ok\. (\d+) passed", output, re.M))
    if passed < at_least:
        raise Short(f"{passed} tests where at least {at_least} are expected")
    return passed, re.findall(r"^figure: (.*)$", output, re.M)


def prove(items):
    """Proves (title, function) pairs in order; a function returns its figure or raises `Short`. Ends the program."""
    short = 0
    for number, (title, function) in enumerate(items, 1):
        begin = time.monotonic()
        try:
            result, figure = "ok", function()
        except Short as reason:
            result, figure = "FAILED", str(reason)
            short += 1
        seconds = time.monotonic() - begin
        print(f"{number}  {result:6}  {title}: {figure} [{seconds:.0f} s]", flush=True)
    print(f"{len(items) - short} of {len(items)} items proven", flush=True)
    sys.exit(1 if short else 0)
