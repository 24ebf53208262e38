"""From a tenant's active key to signed access tokens, and back to what is wrong with one."""
