"""Counting checks, and waiting for what becomes true a moment later."""

import contextlib
import sys
import time
import traceback


class Failed(Exception):
    """A check that did not hold."""


class Checks:
    """What was looked at, and what of it did not hold."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed: list[str] = []

    def that(self, what: str, holds: bool, seen: object = "") -> None:
        """One check: a sentence, and whether it is true."""
        if holds:
            self.passed += 1
            print(f"  ok    {what}")
        else:
            self.failed.append(what)
            print(f"  FAIL  {what}: {seen}")
        sys.stdout.flush()

    def same(self, what: str, seen: object, wanted: object) -> None:
        """A check that two things are equal."""
        self.that(what, seen == wanted, f"{seen!r}, not {wanted!r}")

    @contextlib.contextmanager
    def part(self, name: str):
        """A part of the run; an error in it is a failed check and ends only this part."""
        print(f"\n{name}")
        begun = time.monotonic()
        try:
            yield
        except Exception as error:  # noqa: BLE001
            self.failed.append(f"{name}: {error}")
            print(f"  FAIL  {name}: {error}")
            if not isinstance(error, Failed):
                traceback.print_exc()
        print(f"        ({time.monotonic() - begun:.1f} s)")


def until(what: str, look, seconds: float = 300, every: float = 0.1):
    """Looks again and again until there is something; fails with what was there last."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise Failed(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(every)
