import threading

from tenantauth.stand_in import stand_in, standing


class Thing:
    """Something with an identity."""


def test_a_thing_stands_for_itself() -> None:
    thing = Thing()
    assert standing(thing) is thing


def test_another_stands_in_until_the_end_of_the_block() -> None:
    thing, other = Thing(), Thing()
    with stand_in(thing, other):
        assert standing(thing) is other
    assert standing(thing) is thing


def test_things_are_told_apart_by_identity() -> None:
    first, equal = [0], [0]
    with stand_in(first, [1]):
        assert standing(equal) is equal


def test_blocks_nest() -> None:
    thing, another, outer, inner = Thing(), Thing(), Thing(), Thing()
    with stand_in(thing, outer), stand_in(another, outer):
        with stand_in(thing, inner):
            assert (standing(thing), standing(another)) == (inner, outer)
        assert standing(thing) is outer


def test_blocks_may_end_in_any_order() -> None:
    """Clients of a test that are closed one after the other leave nothing behind."""
    thing, first, second = Thing(), Thing(), Thing()
    blocks = [stand_in(thing, other) for other in (first, second, first)]
    seen = []
    for block in blocks:
        block.__enter__()
    for block in blocks:
        block.__exit__(None, None, None)
        seen.append(standing(thing))
    assert seen == [first, first, thing]


def test_other_threads_meet_the_original() -> None:
    """A test client in one thread changes nothing for the requests of another."""
    thing, seen = Thing(), list[Thing]()
    with stand_in(thing, Thing()):
        thread = threading.Thread(target=lambda: seen.append(standing(thing)))
        thread.start()
        thread.join()
    assert seen == [thing]
