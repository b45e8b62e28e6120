"""Wake-up calls inside one process: nobody waits on, nobody misses one."""

import threading
import time

from shared.messaging.signals import Signal, signal_for


def test_the_same_name_is_the_same_signal():
    assert signal_for("one") is signal_for("one")
    assert signal_for("one") is not signal_for("other")


def test_every_waiter_wakes():
    signal = Signal()
    seen = signal.count
    woken: list[int] = []
    waiters = [threading.Thread(target=lambda: woken.append(signal.wait(300, seen))) for _ in range(5)]
    for waiter in waiters:
        waiter.start()
    signal.set()
    for waiter in waiters:
        waiter.join()
    assert woken == [seen + 1] * 5


def test_what_happened_before_the_wait_is_not_missed():
    signal = Signal()
    seen = signal.count
    signal.set()
    started = time.monotonic()
    assert signal.wait(300, seen) == seen + 1
    assert time.monotonic() - started < 100


def test_nothing_happens_within_the_timeout():
    signal = Signal()
    assert signal.wait(0.01, signal.count) == 0
