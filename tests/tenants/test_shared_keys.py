"""Keys that several tenants have."""

from tenants.check import check
from tenants.registry import Registry
from tenants.shared_keys import shared_keys
from tests.tenants.key_forms import P256, private_pem


def shared(registry: Registry) -> list[tuple[tuple[str, str], ...]]:
    with registry.begin() as session:
        return [*shared_keys(session)]


def test_a_key_that_two_tenants_took_is_found(registry: Registry) -> None:
    """Whoever steals it signs for both."""
    for slug in ("acme", "globex", "other"):
        registry.tenants.create(slug)
    registry.keys.import_key("acme", private_pem(P256), kid="a", state="pending")
    assert shared(registry) == []
    registry.keys.import_key("globex", private_pem(P256), kid="b")
    assert shared(registry) == [(("acme", "a"), ("globex", "b"))]
    (finding,) = (each for each in check(registry) if each.id == "TA405")
    assert (finding.severity, finding.place) == ("warning", "tenant acme, key a")
    assert finding.text == "the same key is that of: globex"
    registry.keys.compromise("globex", "b")
    assert shared(registry) == []
