"""Members of a tenant, changed one by one."""

from dataclasses import replace

import pytest

from tenants.errors import InvalidError
from tenants.lifetimes import Lifetimes
from tenants.spec import TenantSpec
from tenants.updates import TenantMembers, updated

SPEC = TenantSpec(
    "acme",
    "Acme",
    tier="gold",
    hosts=("a.test", "b.test"),
    issuer="https://a.test",
    audience=("x", "y"),
    metadata={"crm": "1", "plan": "2"},
)


@pytest.mark.parametrize(
    ("members", "after"),
    [
        ({}, SPEC),
        ({"name": "New"}, replace(SPEC, name="New")),
        ({"tier": None}, replace(SPEC, tier=None)),
        ({"hosts": ["c.test"]}, replace(SPEC, hosts=("c.test",))),
        ({"hosts": "c.test"}, replace(SPEC, hosts=("c.test",))),
        (
            {"remove_hosts": "a.test", "audience": "z"},
            replace(SPEC, hosts=("b.test",), audience=("z",)),
        ),
        ({"hosts": []}, replace(SPEC, hosts=())),
        ({"add_hosts": ["c.test"]}, replace(SPEC, hosts=("a.test", "b.test", "c.test"))),
        ({"add_hosts": ["A.test."]}, SPEC),
        ({"remove_hosts": ["A.test"]}, replace(SPEC, hosts=("b.test",))),
        (
            {"metadata": {"crm": "9", "z": "3"}},
            replace(SPEC, metadata={"crm": "9", "plan": "2", "z": "3"}),
        ),
        ({"remove_metadata": ["crm"]}, replace(SPEC, metadata={"plan": "2"})),
        ({"leeway_s": 5}, replace(SPEC, lifetimes=Lifetimes(leeway_s=5))),
        ({"guard": "1/minute"}, replace(SPEC, guard="1/minute")),
    ],
    ids=repr,
)
def test_what_is_given_is_changed_and_nothing_else(
    members: TenantMembers, after: TenantSpec
) -> None:
    assert updated(SPEC, members) == after


def test_all_that_is_not_there_to_be_removed_is_told() -> None:
    with pytest.raises(InvalidError) as caught:
        updated(SPEC, {"remove_hosts": ["c.test", "-x"], "remove_metadata": ["nothing"]})
    assert len(caught.value.problems) == 3
