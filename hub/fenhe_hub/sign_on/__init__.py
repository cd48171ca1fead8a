"""Signing in by another's service (OpenID Connect: authorisation code with PKCE). Start at `flow`.

settings   the provider as the operator names it
id_token   what a provider signed, judged; pure
provider   what is fetched of it: its addresses, its keys, a token for a code
flow       one sign-in from its beginning to the name that it proves
"""
