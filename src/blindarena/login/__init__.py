"""Asks an identity provider who somebody is, by OpenID Connect."""
