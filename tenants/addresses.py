"""Where a tenant lives, and what its tokens are issued as."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tenantauth.hosts import address_of, is_loopback, normalise_host
from tenantauth.settings import Settings
from tenantauth.tokens.claim_values import MAX_ISSUER_CHARS

MAX_URL = MAX_ISSUER_CHARS  # The longest URL that a token may name is an issuer.


def address(slug: str, hosts: Sequence[str], settings: Settings) -> str:
    """Return where a tenant lives: at its first own host, else below the base host.

    Below it is ``<slug>.<base host>``, or ``<base>/t/<slug>`` in path mode.
    """
    base = urlsplit(settings.base_url)
    port = "" if base.port is None else f":{base.port}"
    host, path = _host_and_path(slug, hosts, settings)
    return f"{base.scheme}://{host}{port}{path}"


def host_addresses(slug: str, hosts: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Return everywhere that a tenant answers by its host: at its own hosts, or below the base."""
    if "host" not in settings.resolve:
        return ()
    base = urlsplit(settings.base_url)
    port = "" if base.port is None else f":{base.port}"
    return tuple(
        f"{base.scheme}://{host}{port}" for host in hosts or (f"{slug}.{settings.base_host}",)
    )


def default_issuer(slug: str, hosts: Sequence[str], settings: Settings) -> str:
    """Return the issuer of a tenant that names none: its own address.

    Tokens are refused over plain http outside loopback, so an own host there is meant as https,
    whatever the base URL of this machine says.
    """
    host, path = _host_and_path(slug, hosts, settings)
    url = address(slug, hosts, settings)
    if url.startswith("https:") or settings.allow_http or is_loopback(host):
        return url
    return f"https://{host}{path}"


def read_host(text: str) -> str:
    """Return one own host of a tenant, normalised.

    Raises:
        ValueError: when it is no host name. An IP address is none: it is the machine's, not a
            tenant's, and health checks ask for it.
    """
    try:
        host = normalise_host(text)
    except ValueError as error:
        raise ValueError(f"{text[:80]!r} is {error}") from None
    if address_of(host) is not None:
        raise ValueError(f"{text!r} is an IP address, which cannot name a tenant")
    return host


def issuer_problems(issuer: str, *, allow_http: bool) -> Iterator[str]:
    """Yield a sentence when this is no issuer identifier (RFC 8414 section 2)."""
    try:
        parts = urlsplit(issuer)
        host = normalise_host(parts.netloc)
    except ValueError:
        yield f"issuer {issuer!r} is not a URL with a host (write https://api.example.com)"
        return
    if not issuer.isascii() or not issuer.isprintable() or len(issuer) > MAX_URL or " " in issuer:
        yield f"issuer {issuer[:80]!r} holds characters that no URL has, or is too long"
    if parts.query or parts.fragment or "?" in issuer or "#" in issuer:
        yield f"issuer {issuer!r} has a query or fragment"
    if parts.scheme == "http" and not (allow_http or is_loopback(host)):
        yield f"issuer {issuer!r} must be https outside loopback"
    elif parts.scheme not in ("http", "https"):
        yield f"issuer {issuer!r} must be https"


def _host_and_path(slug: str, hosts: Sequence[str], settings: Settings) -> tuple[str, str]:
    # Where hosts name nobody, an own one is no address either.
    if settings.lives_at_paths and not (hosts and "host" in settings.resolve):
        return settings.base_host, f"/t/{slug}"
    return (hosts[0] if hosts else f"{slug}.{settings.base_host}"), ""
