from hypothesis import given
from hypothesis import strategies as st

from tenantauth.fair_shares import FairShares
from tests.support import in_threads

tenants = st.sampled_from("abc")


def taken(shares: FairShares, tenant: str, times: int) -> int:
    return sum(shares.take(tenant) for _ in range(times))


def test_one_tenant_takes_half_and_the_next_half_of_the_rest() -> None:
    shares = FairShares(16)
    assert [taken(shares, tenant, 99) for tenant in "abcdef"] == [8, 4, 2, 1, 1, 0]


def test_what_is_given_back_can_be_taken_by_another() -> None:
    shares = FairShares(2)
    taken(shares, "a", 1), taken(shares, "b", 1)
    assert not shares.take("c")
    shares.give_back("a")
    assert shares.take("c")


def test_of_one_thing_whoever_comes_first_takes_it() -> None:
    shares = FairShares(1)
    assert [shares.take(tenant) for tenant in "aba"] == [True, False, False]


@given(count=st.integers(0, 9), steps=st.lists(st.tuples(tenants, st.booleans())))
def test_a_tenant_without_any_is_refused_only_when_nothing_is_left(
    count: int, steps: list[tuple[str, bool]]
) -> None:
    """Threat 114: whatever the others do."""
    shares = FairShares(count)
    held = dict.fromkeys("abc", 0)
    for tenant, gives_back in steps:
        left = count - sum(held.values())
        if gives_back and held[tenant]:
            shares.give_back(tenant)
            held[tenant] -= 1
        elif shares.take(tenant):
            held[tenant] += 1
            assert held[tenant] <= left
        else:
            assert held[tenant] >= left
    assert set(shares._held) == {tenant for tenant, number in held.items() if number}


def test_threads_take_no_more_together() -> None:
    """Threat 80."""
    shares, allowed = FairShares(50), list[bool]()
    in_threads(lambda: allowed.append(shares.take("a")), times=50, threads=8)
    assert sum(allowed) == 25
