"""What the tests of refusal sentences share: why a token is refused, said as a sentence."""

from tenantauth.policy import TenantPolicy
from tenantauth.ports import KeySource
from tenants.issue.evidence import KeysOf, no_keys
from tenants.issue.inspection import inspect
from tests.support import NOW


def reason_of(
    token: str,
    policy: TenantPolicy,
    key_source: KeySource | None = None,
    keys_of: KeysOf = no_keys,
) -> str:
    """Return the sentence for the check that really fails."""
    found = inspect(token, lambda _key: policy, NOW, "acme", key_source, keys_of=keys_of)
    assert found.reason is not None
    return found.reason
