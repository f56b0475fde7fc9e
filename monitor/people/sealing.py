"""Sealing of small secrets that must be read again, such as keys of second factors. Pure."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken


class Sealer:
    """Seals and opens texts with a key made from the secret of the installation and a purpose."""

    def __init__(self, secret: str, purpose: str) -> None:
        """Derive the key."""
        digest = sha256(f"{purpose}\0{secret}".encode()).digest()
        self._box = Fernet(urlsafe_b64encode(digest))

    def seal(self, text: str) -> str:
        """Return a text that only this key opens."""
        return self._box.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Return the text, or None if it was sealed with another key or changed."""
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None
