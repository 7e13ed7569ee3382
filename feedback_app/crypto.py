"""What is kept unreadable at rest: source secrets (sealed) and addresses of the suppression list (keyed hash)."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet


class Vault:
    """Seals and hashes with keys drawn from FEEDBACK_SECRET_KEY; `secret_keys`: newest last."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key, "seal")) for key in reversed(secret_keys)])
        # The oldest key, so that the suppression list still matches after a new one was put in front.
        self._hash_key = _derived(secret_keys[0], "address")

    def seal(self, secret: str) -> str:
        """The secret encrypted; only this installation's keys open it."""
        return self._fernet.encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The secret again; raises cryptography's InvalidToken if another key sealed it."""
        return self._fernet.decrypt(sealed.encode()).decode()

    def address_hash(self, address_key: str) -> str:
        """64 hex digits that stand for a normalised address and cannot be turned back into it."""
        return hmac.new(self._hash_key, address_key.encode(), sha256).hexdigest()


def _derived(key: str, purpose: str) -> bytes:
    return urlsafe_b64encode(hmac.new(key.encode(), f"feedback.{purpose}.1".encode(), sha256).digest())


def token_hash(token: str) -> str:
    """SHA-256 of a random token (sign-in links, API keys): what the database keeps instead of it."""
    return sha256(token.encode()).hexdigest()
