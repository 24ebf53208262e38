import pytest

from tenantauth.layers.suspension import Suspension
from tenantauth.reply import Refusal
from tenantauth.route import Authentication
from tenantauth.testing import make_policy
from tests.support import make_context

SUSPENDED = make_policy(suspended=True)


@pytest.mark.parametrize("authentication", ["required", "optional", "ignored"])
@pytest.mark.parametrize("matched", [True, False], ids=["matched", "unmatched"])
def test_a_suspended_tenant_is_not_served(authentication: Authentication, *, matched: bool) -> None:
    """Threat 52: whatever the route, and whatever token is still alive."""
    context = make_context(SUSPENDED, authentication=authentication, matched=matched)
    assert Suspension().admit(context) == Refusal("tenant_suspended")


def test_a_suspended_tenants_keys_stay_published() -> None:
    assert Suspension().admit(make_context(SUSPENDED, published=True)) is None


def test_an_active_tenant_is_served() -> None:
    assert Suspension().admit(make_context(make_policy())) is None
