"""What tests of the tenants file share."""

from tenants.declare.declared import read_declared
from tenants.declare.findings import FileFinding, FindingsError
from tenants.declare.text import FileText, from_bytes
from tenants.registry import Registry

WHOLE = """\
version: 1
tiers:
  gold: {limits: [{name: tenant, rate: 5000/minute, by: tenant}]}
tenants:
  - slug: acme
    name: Acme Corp
    status: active
    tier: gold
    metadata: {crm: "4711"}
    guard: 30/minute
    hosts: [api.acme.test]
    issuer: https://api.acme.test
    audience: [https://api.example.test]
    tokens: {algorithm: EdDSA, access_ttl: 15m, max_ttl: 24h, leeway: 30s, rotate_every: 90d,
             publish_ahead: 2h}
    cors:
      - path: /
        origins: ["https://app.acme.test", "https://*.apps.acme.test"]
        methods: [GET, POST]
        allow_headers: [Authorization]
        expose_headers: [X-Total-Count]
        credentials: true
        max_age: 5m
    limits:
      - {name: user, rate: 100/minute, burst: 20, by: subject}
      - {name: export, rate: 10/hour, by: subject, paths: [/export], methods: [POST], cost: 2,
         on_outage: open, mode: shadow}
    roles:
      viewer: {permissions: ["reports:read"]}
      analyst: {inherits: [viewer], permissions: ["reports:write"]}
    trusted_issuers:
      - issuer: https://login.partner.test
        jwks_uri: https://login.partner.test/jwks
        audience: [https://api.example.test]
        algorithms: [RS256, ES256]
        typ: [at+jwt]
        match: {org_id: org_123}
        subject_claim: sub
        subject_prefix: "partner:"
        roles_claim: realm_access.roles
        role_map: {partner-admin: analyst}
        requires_any_role: [analyst]
"""


def file(text: str | bytes, name: str = "tenants.yaml") -> FileText:
    """Return a text as a tenants file of this name."""
    return from_bytes(name, text.encode() if isinstance(text, str) else text)


def tenants(body: str) -> FileText:
    """Return a file with these tenants, each begun by a hyphen at the line's start."""
    return file(f"version: 1\ntenants:\n{body}")


def findings_of(source: FileText) -> list[FileFinding]:
    """Return what is wrong with a file by itself, whatever the registry holds."""
    try:
        read_declared(source).refuse()
    except FindingsError as error:
        return list(error.findings)
    return []


def ids(source: FileText) -> list[str]:
    """Return the ids of the same, in the order of the file."""
    return [finding.id for finding in findings_of(source)]


def exported(registry: Registry) -> str:
    """Return the whole registry as a file."""
    return "".join(registry.tenants_file.export())


def refusals(registry: Registry, source: FileText, *, prune: bool = False) -> list[FileFinding]:
    """Return what a registry has against a file; it must have something."""
    try:
        registry.tenants_file.apply(source, prune=prune)
    except FindingsError as error:
        return list(error.findings)
    raise AssertionError("the file was applied")
