"""Who may speak to the HTTP edge: endpoints that sources post to, and tokens of the API.

A token is shown once, when it is made; what is kept is its hash.
"""

from hashlib import sha256


def token_hash(token: str) -> str:
    """What is kept of a token. Tokens are random and long: there is nothing to guess or to salt."""
    return sha256(token.encode(errors="surrogateescape")).hexdigest()
