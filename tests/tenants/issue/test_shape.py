"""What is wrong with a text that is no token."""

import pytest

from tenantauth.errors import TokenError
from tenantauth.testing import make_policy, make_token
from tenantauth.tokens.verifier import verify
from tenants.issue.shape import explain_shape
from tests.support import NOW

HEADER, CLAIMS, SIGNATURE = make_token(make_policy()).split(".")


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        (f"{HEADER}.{CLAIMS}.", "it is not signed: its third segment is empty"),
        ("opaque", "it is no JWT, which has three segments; an opaque token"),
        (f"{HEADER}.{CLAIMS}", "it is not three segments with a dot between them, but 2"),
        ("a.b.c.d.e", "it has five segments, as an encrypted token has (JWE)"),
        ("x" * 9000, "it has 9000 characters, and the most is 8192"),
        (f"{HEADER}=.{CLAIMS}.{SIGNATURE}", "its header segment is not base64url"),
        (f"{HEADER}.{CLAIMS}.{SIGNATURE}=", "its signature segment is not base64url"),
        (f"{HEADER}.e30x.{SIGNATURE}", "its claims segment is not strict JSON"),
        (f"{HEADER}.W10.{SIGNATURE}", "its claims segment is not a JSON object"),
        (f"{HEADER}.e31.{SIGNATURE}", "its claims segment is base64url in another"),
    ],
    # Segments of a token that is made anew in each process are no names of tests.
    ids=[
        "unsigned",
        "opaque",
        "two",
        "five",
        "long",
        "header",
        "signature",
        "json",
        "list",
        "form",
    ],
)
def test_the_segment_that_cannot_be_read_is_named(token: str, sentence: str) -> None:
    with pytest.raises(TokenError) as caught:
        verify(token, make_policy(), NOW)
    assert explain_shape(caught.value.reason, token).startswith(sentence)
