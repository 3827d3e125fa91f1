# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition instead of sleeping for a guess."""

import time


def wait_until(predicate, timeout=20, what="", every=0.02):
    """The predicate's first true value; AssertionError with `what` when time is up.

    An exception of the predicate counts as "not yet" and is told at the end: servers that are being
    killed and started refuse connections meanwhile."""
    end = time.monotonic() + timeout
    last = None
    while True:
        try:
            value = predicate()
            if value:
                return value
            last = repr(value)
        except Exception as error:  # pylint: disable=broad-except
            if type(error).__name__ == "TestTookTooLong":
                raise
            last = repr(error)
        if time.monotonic() > end:
            raise AssertionError("waited %g s for %s; last: %s" % (
                timeout, what or getattr(predicate, "__name__", "it"), last))
        time.sleep(every)
