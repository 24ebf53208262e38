"""The issuer that was probably meant."""

import pytest

from tenants.near_issuer import nearest_issuer

LOGIN = "https://login.partner.test"
KNOWN = ("http://acme.localhost:8000", LOGIN)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"{LOGIN}/", f"'{LOGIN}' (a slash at the end differs)"),
        ("http://login.partner.test", f"'{LOGIN}' (http or https differs)"),
        ("http://login.partner.test/", f"'{LOGIN}' (http or https and a slash at the end differ)"),
        (f"{LOGIN}:443", f"'{LOGIN}' (the port differs)"),
        ("https://Login.Partner.test", f"'{LOGIN}' (upper or lower case differs)"),
        (f" {LOGIN}\n", f"'{LOGIN}' (white space differs)"),
        ("https://login.partners.test", f"'{LOGIN}'"),
        ("https://acme.localhost:8000/", "'http://acme.localhost:8000' (http or https and"),
        ("nobody", None),
        ("", None),
        ("x" * 100_000, None),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_differs_is_told_where_it_is_a_spelling(said: str, told: str | None) -> None:
    """Threat 38: an issuer that is nearly ours is told as another, never taken."""
    found = nearest_issuer(said, KNOWN)
    assert found is None if told is None else str(found).startswith(told)
