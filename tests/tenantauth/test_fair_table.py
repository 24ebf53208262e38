import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantauth.fair_table import FairTable


def used(size: int, *uses: tuple[str, str]) -> FairTable[str, list[int]]:
    """Return a table with a new list for each key, to which each use adds one."""
    table: FairTable[str, list[int]] = FairTable(size)
    for tenant, key in uses:
        table.put(tenant, key, [*(table.get(tenant, key) or []), 1])
    return table


def test_an_entry_is_replaced_and_found_again() -> None:
    table = used(9, ("acme", "a"), ("acme", "a"))
    assert table.get("acme", "a") == [1, 1]
    assert len(table) == 1


@pytest.mark.parametrize(("tenant", "key"), [("acme", "b"), ("globex", "a")])
def test_looking_makes_nothing(tenant: str, key: str) -> None:
    table = used(9, ("acme", "a"))
    assert table.get(tenant, key) is None
    assert len(table) == 1


def test_the_entry_unused_for_longest_is_forgotten() -> None:
    table = used(2, ("acme", "a"), ("acme", "b"), ("acme", "a"), ("acme", "c"))
    assert [table.get("acme", key) for key in "abc"] == [[1, 1], None, [1]]


def test_a_flood_at_one_tenant_takes_nothing_from_another() -> None:
    """Threat 75, threat 102."""
    flood = [("acme", str(number)) for number in range(1000)]
    table = used(10, ("globex", "a"), ("globex", "b"), ("initech", "a"), *flood)
    assert len(table) == 10
    assert table.get("globex", "a") == table.get("globex", "b") == table.get("initech", "a") == [1]


def test_of_tenants_alike_the_one_unused_for_longest_loses() -> None:
    table = used(2, ("acme", "a"), ("globex", "a"), ("acme", "a"), ("initech", "a"))
    assert [table.get(tenant, "a") for tenant in ("acme", "globex", "initech")] == [
        [1, 1],
        None,
        [1],
    ]


def test_tenants_alike_share_the_room() -> None:
    uses = [(tenant, str(number)) for number in range(50) for tenant in ("acme", "globex")]
    table = used(10, *uses)
    kept = {
        tenant: sum(table.get(tenant, key) is not None for key in map(str, range(50)))
        for tenant in ("acme", "globex")
    }
    assert kept == {"acme": 5, "globex": 5}


def test_more_tenants_than_room_leave_no_trace() -> None:
    """Threat 77: also of the tenants themselves."""
    table = used(3, *((str(number), "a") for number in range(100)))
    assert len(table) == len(table._entries) == 3
    assert [len(peers) for peers in table._tenants_by_count.values()] == [3]


puts = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("123456")), max_size=60)


@given(size=st.integers(1, 8), puts=puts)
def test_it_keeps_what_looking_at_all_entries_would_keep(
    size: int, puts: list[tuple[str, str]]
) -> None:
    """Threats 75 and 77: of the tenants with the most the one idle for longest loses its oldest."""
    table: FairTable[str, int] = FairTable(size)
    kept: list[tuple[str, str]] = []
    tenants: list[str] = []
    for number, (tenant, key) in enumerate(puts):
        if (tenant, key) not in kept and len(kept) == size:
            most = max(_count(kept, each) for each in tenants)
            loser = next(each for each in tenants if _count(kept, each) == most)
            kept.remove(next(entry for entry in kept if entry[0] == loser))
            # To have lost one counts as a turn: the next of those alike is another's.
            tenants.sort(key=loser.__eq__)
        kept = [entry for entry in kept if entry != (tenant, key)] + [(tenant, key)]
        tenants = [each for each in tenants if each != tenant] + [tenant]
        table.put(tenant, key, number)
    everything = [(tenant, key) for tenant in "abcd" for key in "123456"]
    assert {entry for entry in everything if table.get(*entry) is not None} == set(kept)


def _count(entries: list[tuple[str, str]], tenant: str) -> int:
    return sum(each == tenant for each, _ in entries)
