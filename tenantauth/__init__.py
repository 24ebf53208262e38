"""A pluggable middleware stack for multi-tenant APIs.

The request path without Flask is here; the Flask extension is `tenantauth.flask`. What these names
are is promised; the modules below are where they live today.
"""

from typing import TYPE_CHECKING

from tenantauth.lazy import exports

if TYPE_CHECKING:
    from tenantauth.context import RequestContext
    from tenantauth.defaults import default_layers
    from tenantauth.environ import grant_of
    from tenantauth.errors import (
        RegistryUnavailableError,
        SettingsError,
        StackError,
        TenantAuthError,
        TokenError,
        UnknownTenantError,
        UnresolvedError,
    )
    from tenantauth.hosts import is_loopback
    from tenantauth.identity import Grant, Identity, Tenant
    from tenantauth.layer import Layer
    from tenantauth.layers.guard import Guard
    from tenantauth.limit import Limit
    from tenantauth.live_source import LiveSource
    from tenantauth.policy import TenantPolicy
    from tenantauth.ports import KeySource, PolicySource, TenantKey
    from tenantauth.reply import Answer, Refusal, bearer_challenge
    from tenantauth.requirement import Require
    from tenantauth.resolve import ByHost, Resolver, resolve_by
    from tenantauth.roles import RoleDefinition
    from tenantauth.route import RouteFacts
    from tenantauth.settings import Settings
    from tenantauth.stack import Stack
    from tenantauth.trusted_issuer import TrustedIssuer
    from tenantauth.units import Rate
    from tenantauth.wiring import layers_from, source_from, stack_from
else:
    __getattr__ = exports(
        __name__,
        {
            "Answer": "tenantauth.reply",
            "ByHost": "tenantauth.resolve",
            "Grant": "tenantauth.identity",
            "Guard": "tenantauth.layers.guard",
            "Identity": "tenantauth.identity",
            "KeySource": "tenantauth.ports",
            "Layer": "tenantauth.layer",
            "Limit": "tenantauth.limit",
            "LiveSource": "tenantauth.live_source",
            "PolicySource": "tenantauth.ports",
            "Rate": "tenantauth.units",
            "Refusal": "tenantauth.reply",
            "RegistryUnavailableError": "tenantauth.errors",
            "RequestContext": "tenantauth.context",
            "Require": "tenantauth.requirement",
            "Resolver": "tenantauth.resolve",
            "RoleDefinition": "tenantauth.roles",
            "RouteFacts": "tenantauth.route",
            "Settings": "tenantauth.settings",
            "SettingsError": "tenantauth.errors",
            "Stack": "tenantauth.stack",
            "StackError": "tenantauth.errors",
            "Tenant": "tenantauth.identity",
            "TenantAuthError": "tenantauth.errors",
            "TenantKey": "tenantauth.ports",
            "TenantPolicy": "tenantauth.policy",
            "TokenError": "tenantauth.errors",
            "TrustedIssuer": "tenantauth.trusted_issuer",
            "UnknownTenantError": "tenantauth.errors",
            "UnresolvedError": "tenantauth.errors",
            "bearer_challenge": "tenantauth.reply",
            "default_layers": "tenantauth.defaults",
            "grant_of": "tenantauth.environ",
            "is_loopback": "tenantauth.hosts",
            "layers_from": "tenantauth.wiring",
            "resolve_by": "tenantauth.resolve",
            "source_from": "tenantauth.wiring",
            "stack_from": "tenantauth.wiring",
        },
    )

__all__ = [
    "Answer",
    "ByHost",
    "Grant",
    "Guard",
    "Identity",
    "KeySource",
    "Layer",
    "Limit",
    "LiveSource",
    "PolicySource",
    "Rate",
    "Refusal",
    "RegistryUnavailableError",
    "RequestContext",
    "Require",
    "Resolver",
    "RoleDefinition",
    "RouteFacts",
    "Settings",
    "SettingsError",
    "Stack",
    "StackError",
    "Tenant",
    "TenantAuthError",
    "TenantKey",
    "TenantPolicy",
    "TokenError",
    "TrustedIssuer",
    "UnknownTenantError",
    "UnresolvedError",
    "bearer_challenge",
    "default_layers",
    "grant_of",
    "is_loopback",
    "layers_from",
    "resolve_by",
    "source_from",
    "stack_from",
]
