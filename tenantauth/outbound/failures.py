"""What an operator is told of a document that cannot be had: whose fault, in plain words."""

import errno
import socket
import ssl
from http.client import HTTPException

from tenantauth.outbound.target import Target

_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})


def sentence_of(error: Exception, target: Target, deadline_s: float) -> str:
    """Return one line without foreign text; what it names is the policy's own.

    Of the errors that a name, a connection, TLS or an answer can end in each has its sentence.
    """
    if isinstance(error, TimeoutError):
        return f"no complete answer within {deadline_s:g} s"
    if isinstance(error, socket.gaierror):
        return _of_name(error, target)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"{target.authority} speaks no TLS that is accepted here"
    if isinstance(error, OverflowError):
        return "the answer is too large"
    return _of_connection(error, target)


def _of_name(error: socket.gaierror, target: Target) -> str:
    if error.errno == socket.EAI_AGAIN:
        return f"the name {target.host} cannot be looked up now"
    return f"the name {target.host} is not known"


def _of_connection(error: Exception, target: Target) -> str:
    place = f"{target.host} port {target.port}"
    if isinstance(error, ConnectionRefusedError):
        return f"nobody listens at {place}"
    if isinstance(error, OSError) and error.errno in _NO_WAY:
        return f"there is no way from here to {place}"
    # `RemoteDisconnected`, an end without an answer, is of both of the library's families.
    if isinstance(error, ConnectionError):
        return f"{place} hangs up before it has answered"
    if isinstance(error, UnicodeError):  # A name that has no form in ASCII.
        return f"the name {target.host} is not known"
    if isinstance(error, HTTPException | ValueError):
        return f"what {place} answers is no HTTP that can be read"
    return f"no connection to {place} can be made"
