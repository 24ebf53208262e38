"""What an operator is told of a document that cannot be had."""

import errno
import socket
import ssl
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected

import pytest

from tenantauth.outbound.failures import sentence_of
from tenantauth.outbound.target import Target

TARGET = Target.parse("https://idp.test/jwks")
PLACE = "idp.test port 443"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TimeoutError("secret"), "no complete answer within 5 s"),
        (socket.gaierror(socket.EAI_NONAME, "secret"), "the name idp.test is not known"),
        (socket.gaierror(socket.EAI_AGAIN, "secret"), "the name idp.test cannot be looked up now"),
        (UnicodeError("secret"), "the name idp.test is not known"),
        (ConnectionRefusedError("secret"), f"nobody listens at {PLACE}"),
        (OSError(errno.ENETUNREACH, "secret"), f"there is no way from here to {PLACE}"),
        (ConnectionResetError("secret"), f"{PLACE} hangs up before it has answered"),
        (RemoteDisconnected("secret"), f"{PLACE} hangs up before it has answered"),
        (ssl.SSLError(1, "secret"), "idp.test speaks no TLS that is accepted here"),
        (OverflowError("secret"), "the answer is too large"),
        (BadStatusLine("secret"), f"what {PLACE} answers is no HTTP that can be read"),
        (IncompleteRead(b"secret"), f"what {PLACE} answers is no HTTP that can be read"),
        (ValueError("secret"), f"what {PLACE} answers is no HTTP that can be read"),
        (OSError(errno.EMFILE, "secret"), f"no connection to {PLACE} can be made"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_has_a_plain_sentence(error: Exception, sentence: str) -> None:
    """What a stranger or the system says is not repeated."""
    assert sentence_of(error, TARGET, 5.0) == sentence
