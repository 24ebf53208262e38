"""The keys that an issuer has now, each with everything that keeps it from being used."""

import json

import pytest

from tenantauth.errors import IssuerUnavailableError
from tenantauth.jwk import read_jwks
from tenantauth.outbound.connect import Connector
from tenantauth.outbound.fetch import Fetcher
from tenantauth.outbound.networks import NamedNetwork, Reach
from tenants.issuer_keys import IssuerKeys, fetch_keys
from tenants.values import IssuerSpec
from tests.servers.documents import document, saying, serving
from tests.tenantauth.tokens.key_documents import jwk, key_set

FETCHER = Fetcher(Connector(Reach([NamedNetwork.parse("127.0.0.1")])))
TWICE = "an earlier key of the set has the same kid"


def fetched(body: bytes, *headers: bytes, algorithms: tuple[str, ...] = ("ES256",)) -> IssuerKeys:
    with serving(saying(document(body, *headers))) as server:
        uri = f"http://127.0.0.1:{server.port}/jwks"
        spec = IssuerSpec("https://idp.test", jwks_uri=uri, algorithms=algorithms)
        return fetch_keys(spec, FETCHER)


def test_a_good_key_is_used_and_told_with_how_long_it_is_kept() -> None:
    found = fetched(key_set(jwk()), b"Cache-Control: max-age=600")
    (key,) = found.keys
    assert (key.kid, key.kty, key.crv, key.alg, key.use) == ("k1", "EC", "P-256", "ES256", "sig")
    assert (key.algorithm, key.problems) == ("ES256", ())
    assert (found.max_age_s, found.fresh_for_s) == (600, 600)


@pytest.mark.parametrize(
    ("key", "problems"),
    [
        (jwk(use="enc"), ["its use is not sig"]),
        (jwk(kid=None), ["its kid is missing, or not 1 to 255 printable characters"]),
        (jwk(d="secret"), ["it holds private or symmetric members, and a public key is due"]),
        (jwk(x="AA"), ["its x is missing or of another length"]),
        ("text", ["a key is a JSON object"]),
        (
            {"kty": "oct", "k": "secret", "use": "enc"},
            [
                "its kid is missing, or not 1 to 255 printable characters",
                "its use is not sig",
            ],
        ),
        (
            jwk(kid=5, use="enc", key_ops=["sign"], alg="RS512", x="AA"),
            [
                "its kid is missing, or not 1 to 255 printable characters",
                "its use is not sig",
                "its alg is none of a key of this kind (ES256)",
                "its x is missing or of another length",
            ],
        ),
    ],
    ids=["use", "kid", "private", "x", "text", "symmetric", "everything"],
)
def test_every_reason_against_a_key_is_told(key: object, problems: list[str]) -> None:
    (found,) = fetched(key_set(key)).keys
    assert (found.algorithm, [*found.problems]) == (None, problems)
    assert "secret" not in repr(found)


def test_an_algorithm_that_is_not_allowed_does_not_hide_a_malformed_key() -> None:
    (found,) = fetched(key_set(jwk(x="AA")), algorithms=("RS256",)).keys
    assert len(found.problems) == 2


def test_what_is_used_is_what_a_worker_uses() -> None:
    written = [jwk("a", use="enc"), jwk("a"), jwk("a"), jwk("b"), *(jwk(f"{n}") for n in range(99))]
    found = fetched(key_set(*written))
    used = [key.kid for key in found.keys if key.algorithm]
    assert used == [key.kid for key in read_jwks(json.loads(key_set(*written)))[0]]
    assert (found.keys[2].problems, found.unread) == ((TWICE,), 3)


def test_given_keys_are_told_without_a_fetch() -> None:
    found = fetch_keys(IssuerSpec("x", jwks={"keys": [jwk()]}), FETCHER)
    assert ([key.algorithm for key in found.keys], found.address) == (["ES256"], None)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (document(b"{}"), "what it answers is no key set"),
        (document(b"", status=b"404 Not Found"), "it answers 404"),
        (b"", "hangs up before it has answered"),
    ],
)
def test_an_answer_that_is_no_key_set_is_a_sentence(answer: bytes, said: str) -> None:
    with serving(saying(answer)) as server:
        uri = f"http://127.0.0.1:{server.port}/jwks"
        with pytest.raises(IssuerUnavailableError, match=f"cannot be had from {uri}: .*{said}"):
            fetch_keys(IssuerSpec("x", jwks_uri=uri), FETCHER)
