"""The forms of key files."""

import pytest

from tenants.key_files import needs_password, read_members
from tests.tenants.key_forms import P256, private_pem


def test_only_an_encrypted_block_needs_a_password() -> None:
    assert needs_password(private_pem(P256, password=b"x"))
    assert needs_password(b"-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n")
    assert not needs_password(private_pem(P256))


def test_a_certificate_beside_the_key_is_left_alone() -> None:
    beside = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    assert read_members(beside + private_pem(P256), kid="a", is_secret=False)["crv"] == "P-256"


def test_threat_106_a_block_that_cannot_be_read_is_not_repeated() -> None:
    data = b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0LW1hdGVyaWFs\n-----END PRIVATE KEY-----\n"
    with pytest.raises(ValueError, match="cannot be read as a key") as caught:
        read_members(data, kid="a", is_secret=False)
    assert caught.value.__cause__ is None
    assert "c2Vj" not in str(caught.value)
