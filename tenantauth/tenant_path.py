"""Tenants below ``/t/<slug>``: these segments name the tenant, and are moved to ``SCRIPT_NAME``."""

import re
from dataclasses import dataclass, replace
from wsgiref.types import WSGIEnvironment

from tenantauth.errors import UnresolvedError
from tenantauth.paths import rooted, routed_path
from tenantauth.ports import TenantKey
from tenantauth.request import RequestFacts
from tenantauth.slugs import SLUG

_SLUG = f"(?P<slug>{SLUG.pattern})"
_BELOW = re.compile(rf"/t/{_SLUG}(?P<rest>/.*)?", re.ASCII | re.DOTALL)
# Well-known addresses put their own segments before the path of the issuer (RFC 8414 section 3.1,
# RFC 9728 section 3.1).
_WELL_KNOWN = re.compile(
    rf"(?P<rest>/\.well-known/oauth-(?:authorization-server|protected-resource))/t/{_SLUG}",
    re.ASCII,
)
_OURS = re.compile(r"/t(?:/.*)?", re.DOTALL)
_DOT_SEGMENT = re.compile(r"/\.{1,2}(?:/|$)")


@dataclass(frozen=True, slots=True)
class TenantPath:
    """A path that names a tenant; ``rest`` is what the app sees, as WSGI has it."""

    slug: str
    rest: str

    @property
    def key(self) -> TenantKey:
        """The key of the tenant that is named."""
        return TenantKey("slug", self.slug)

    @classmethod
    def read(cls, environ: WSGIEnvironment) -> "TenantPath | None":
        """Return what the path of a request names, read as routing reads it, or ``None``."""
        path = _path_of(environ)
        match = _BELOW.fullmatch(path) or _WELL_KNOWN.fullmatch(path)
        return None if match is None else cls(match["slug"], match["rest"] or "/")

    def move(self, environ: WSGIEnvironment, request: RequestFacts) -> RequestFacts:
        """Make the prefix a part of the app's address; return the request as it is then.

        Raises:
            UnresolvedError: when the rest has a dot segment: whoever resolves it on the way, as
                proxies do, finds another tenant there.
        """
        if _DOT_SEGMENT.search(self.rest):
            detail = "The path has a dot segment."
            raise UnresolvedError("invalid_request", "dot_segment", detail)
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '').rstrip('/')}/t/{self.slug}"
        environ["PATH_INFO"] = self.rest
        return replace(request, path=routed_path(self.rest))


class ByPath:
    """The tenant of ``/t/<slug>/…``, on the base host alone."""

    def __init__(self, base_host: str) -> None:
        self._base_host = base_host

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> TenantKey | None:
        """Return the slug in the path as a key.

        Raises:
            UnresolvedError: when what stands there is no slug.
        """
        if request.host != self._base_host:
            return None
        path = TenantPath.read(environ)
        if path is not None:
            return path.key
        if _OURS.fullmatch(_path_of(environ)):
            raise UnresolvedError("unknown_tenant", "path_without_slug")
        return None


def _path_of(environ: WSGIEnvironment) -> str:
    # Not decoded: what names a tenant is ASCII, and the rest goes back into the environ.
    return rooted(environ.get("PATH_INFO", ""))
