"""Waiting for a condition: the only thing that tests wait for."""

import select
import time

DEADLINE = 30.0  # seconds until a condition that does not come true fails the test


def wait_for(condition, what="the condition", deadline=DEADLINE):
    """The first true value of `condition`, asked again and again."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {deadline} s")
        select.select([], [], [], 0.01)  # a pause between two looks
