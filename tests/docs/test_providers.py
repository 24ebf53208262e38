"""docs/providers.md: each recipe is a tenants file, and takes the token that it shows."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tenantauth.errors import TokenError
from tenantauth.ports import TenantKey
from tenantauth.settings import Settings
from tenantauth.testing.tokens import REMOVED
from tenantauth.tokens.claims import VerifiedClaims
from tenantauth.tokens.verifier import verify
from tenants import StaticSource
from tenants.keys import published
from tests.partners import KEY, partner_token
from tests.tenants.declare.kit import file, findings_of

PAGE = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")
NOW_S = 1_800_000_000
SECTIONS = {text.split("\n", 1)[0]: text for text in PAGE.split("\n## ")[1:]}
TAKEN = [name for name in SECTIONS if name != "Amazon Cognito"]


def block(name: str, kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", SECTIONS[name], re.MULTILINE | re.DOTALL)
    return str(found)


def asked(folder: Path, name: str, header: dict[str, Any], **changed: Any) -> VerifiedClaims:
    """Verify the token of a recipe with its keys given in place of fetched ones."""
    keys = json.dumps(published([KEY.verification_key()]))
    path = folder / "tenants.yaml"
    path.write_text(re.sub(r"jwks_uri: \S+", f"jwks: {keys}", block(name, "yaml")))
    policy = StaticSource.from_file(str(path), settings=Settings()).get(TenantKey("slug", "acme"))
    claims = {**json.loads(block(name, "json")), "iat": NOW_S, "exp": NOW_S + 600, **changed}
    said = {"aud": REMOVED, **claims}
    return verify(partner_token(header={"typ": REMOVED, **header}, **said), policy, NOW_S)


@pytest.mark.parametrize("name", SECTIONS)
def test_each_recipe_is_a_tenants_file(name: str) -> None:
    assert findings_of(file(block(name, "yaml"))) == []


@pytest.mark.parametrize("name", TAKEN)
def test_the_token_that_is_shown_passes_with_its_role(tmp_path: Path, name: str) -> None:
    assert asked(tmp_path, name, {"typ": "JWT"}).roles == {"analyst"}


@pytest.mark.parametrize("name", TAKEN)
def test_the_slash_at_the_end_of_an_issuer_counts(tmp_path: Path, name: str) -> None:
    issuer = json.loads(block(name, "json"))["iss"]
    other = issuer.rstrip("/") if issuer.endswith("/") else f"{issuer}/"
    with pytest.raises(TokenError):
        asked(tmp_path, name, {"typ": "JWT"}, iss=other)


@pytest.mark.parametrize(
    ("header", "changed", "reason"),
    [
        ({}, {"aud": "https://api.example.test"}, "wrong_type"),
        ({"typ": "JWT"}, {}, "audience"),
    ],
    ids=["no typ", "no aud"],
)
def test_cognitos_access_tokens_are_refused_as_the_page_says(
    tmp_path: Path, header: dict[str, str], changed: dict[str, str], reason: str
) -> None:
    with pytest.raises(TokenError, match=reason):
        asked(tmp_path, "Amazon Cognito", header, **changed)
