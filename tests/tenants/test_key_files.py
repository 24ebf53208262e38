"""The forms of key files."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization as form

from tenants.key_files import MAX_FILE_BYTES, needs_password, read_members
from tests.tenants.key_forms import ED25519, P256, P384, RSA, private_pem, public_pem


def test_only_an_encrypted_block_needs_a_password() -> None:
    assert needs_password(private_pem(P256, password=b"x"))
    assert needs_password(b"-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n")
    assert not needs_password(private_pem(P256))


@pytest.mark.parametrize("label", ["EC PARAMETERS", "CERTIFICATE", "TRUSTED CERTIFICATE"])
def test_what_is_kept_beside_the_key_is_left_alone(label: str) -> None:
    beside = f"-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n".encode()
    assert read_members(beside + private_pem(P256), kid="a", is_secret=False)["crv"] == "P-256"


def test_a_file_has_a_largest_size() -> None:
    secret = b"\0" * MAX_FILE_BYTES
    assert read_members(secret, kid="a", is_secret=True)["kty"] == "oct"
    with pytest.raises(ValueError, match="larger than 256 KiB"):
        read_members(secret + b"\0", kid="a", is_secret=True)


def test_a_jwk_may_have_a_byte_order_mark_and_space_before_it() -> None:
    assert read_members(b'\xef\xbb\xbf \n{\n"kty": "x"}', kid="a", is_secret=True) == {"kty": "x"}


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (b"ssh-ed25519 AAAA", "ssh-keygen -e"),
        (b"\necdsa-sha2-nistp256 AAAA", "ssh-keygen -e"),
        (b"---- BEGIN SSH2 PUBLIC KEY ----", "ssh-keygen -e"),
        (private_pem(ED25519, form.PrivateFormat.OpenSSH), "ssh-keygen -p"),
    ],
    ids=["ssh", "ecdsa", "SSH2", "private"],
)
def test_an_ssh_key_is_told_with_what_converts_it(data: bytes, command: str) -> None:
    with pytest.raises(ValueError, match=f"^it is an ssh key; convert .*{command}"):
        read_members(data, kid="a", is_secret=False)


@pytest.mark.parametrize(
    ("data", "password", "problem"),
    [
        (private_pem(P256, password=b"x"), b"y", "^its PEM block cannot be read with"),
        (private_pem(P256, password=b"x"), None, "^its PEM block is encrypted"),
        (b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", None, "^its PEM .* as a key$"),
    ],
    ids=["wrong password", "no password", "no key"],
)
def test_a_block_that_cannot_be_read_says_why(
    data: bytes, password: bytes | None, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        read_members(data, kid="a", is_secret=False, password=password)


def test_numbers_have_the_length_that_their_kind_has() -> None:
    for pair, size in ((P256, 43), (P384, 64), (ED25519, 43)):
        assert len(str(read_members(private_pem(pair), kid="a", is_secret=False)["d"])) == size
    members = read_members(public_pem(RSA), kid="a", is_secret=False)
    assert (len(str(members["n"])), members["e"]) == (342, "AQAB")


def test_what_is_no_key_in_a_set_is_passed_over() -> None:
    jwks = b'{"keys": ["a", {"kid": "b"}, {"kid": "a", "kty": "x"}]}'
    assert read_members(jwks, kid="a", is_secret=False)["kty"] == "x"


@pytest.mark.parametrize(
    ("data", "secret"),
    [(b" ~\n", b" ~"), (b"a\r\n", b"a"), (b"\x1f\n", b"\x1f\n"), (b"\x7f\n", b"\x7f\n")],
    ids=repr,
)
def test_a_line_end_is_taken_from_printable_texts_only(data: bytes, secret: bytes) -> None:
    members = read_members(data, kid="a", is_secret=True)
    assert base64.urlsafe_b64decode(str(members["k"]) + "==") == secret


def test_threat_106_a_block_that_cannot_be_read_is_not_repeated() -> None:
    data = b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0LW1hdGVyaWFs\n-----END PRIVATE KEY-----\n"
    with pytest.raises(ValueError, match="cannot be read as a key") as caught:
        read_members(data, kid="a", is_secret=False)
    assert caught.value.__cause__ is None
    assert "c2Vj" not in str(caught.value)
