from __future__ import annotations

import gc
import weakref

import pytest

from bridge.analysis.collecting import no_collection


def test_the_collector_stands_still_inside_and_goes_on_behind() -> None:
    assert gc.isenabled()
    with no_collection():
        assert not gc.isenabled()
        with no_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_goes_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), no_collection():
        1 / 0  # noqa: B018 - raises
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_was_made_meanwhile_is_old_at_once() -> None:
    with no_collection():
        made: list[list[int]] = [[] for _ in range(5000)]
    young = {id(each) for each in gc.get_objects(generation=0)}
    assert not any(id(each) in young for each in made[:4000])


def test_what_somebody_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with no_collection():
            pass
        assert gc.get_freeze_count() > 0.9 * frozen  # what is frozen may still end by its last reference
    finally:
        gc.unfreeze()


def test_garbage_that_was_made_meanwhile_is_collected_later() -> None:
    class Node:
        pass

    with no_collection():
        node = Node()
        node.self = node  # type: ignore[attr-defined] # a circle
        alive = weakref.ref(node)
        del node
    gc.collect()
    assert alive() is None
