"""Wake-ups of an event loop from other threads."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

from bridge.executors.mailbox import ThreadMailbox


class CountingLoop:
    """Counts how often a loop is woken; calls nothing until told to."""

    def __init__(self) -> None:
        self.scheduled: list[object] = []

    def call_soon_threadsafe(self, callback: object) -> None:
        self.scheduled.append(callback)

    def run(self) -> None:
        callbacks, self.scheduled = self.scheduled, []
        for callback in callbacks:
            callback()  # type: ignore[operator]


def test_many_letters_are_one_wake_up() -> None:
    loop = CountingLoop()
    mailbox = ThreadMailbox(loop)  # type: ignore[arg-type]
    seen: list[int] = []
    for number in range(5):
        mailbox.post(lambda number=number: seen.append(number))  # type: ignore[misc]
    assert len(loop.scheduled) == 1
    loop.run()
    assert seen == [0, 1, 2, 3, 4]


def test_a_letter_posted_by_a_letter_waits_for_the_next_turn() -> None:
    loop = CountingLoop()
    mailbox = ThreadMailbox(loop)  # type: ignore[arg-type]
    seen: list[str] = []

    def first() -> None:
        seen.append("first")
        mailbox.post(lambda: seen.append("second"))

    mailbox.post(first)
    loop.run()
    assert seen == ["first"]
    loop.run()
    assert seen == ["first", "second"]


async def test_letters_from_many_threads_all_arrive() -> None:
    mailbox = ThreadMailbox(asyncio.get_running_loop())
    arrived = 0
    everything = asyncio.Event()

    def letter() -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 4000:
            everything.set()

    def post_many() -> None:
        for _ in range(1000):
            mailbox.post(letter)

    threads = [threading.Thread(target=post_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    await asyncio.wait_for(everything.wait(), 20)
    for thread in threads:
        thread.join()
    assert arrived == 4000


def test_letters_to_a_closed_loop_are_dropped() -> None:
    loop = asyncio.new_event_loop()
    mailbox = ThreadMailbox(loop)
    loop.close()
    mailbox.post(lambda: None)


def test_a_mailbox_does_not_keep_its_loop() -> None:
    loop = asyncio.new_event_loop()
    mailbox, gone = ThreadMailbox(loop), weakref.ref(loop)
    loop.close()
    del loop
    gc.collect()
    assert gone() is None
    mailbox.post(lambda: None)
