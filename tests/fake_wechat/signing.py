"""Signatures and AES of the callback protocol, written from its description alone."""

import base64
import hashlib
import os
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PADDING = 32


def signature(*parts: str) -> str:
    """Give the hex SHA-1 over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def new_nonce() -> str:
    """Give a nonce as the platform sends it: up to ten digits."""
    return str(secrets.randbelow(10**10))


class Envelope:
    """Encrypts and decrypts for one account.

    Args:
        aes_key: EncodingAESKey, 43 characters.
        receive_id: AppID of an official account, CorpID of WeCom.
    """

    def __init__(self, aes_key: str, receive_id: str) -> None:
        """Decode the key."""
        self._key = base64.b64decode(aes_key + "=")
        self._receive_id = receive_id.encode()

    def encrypt(self, text: str) -> str:
        """Give base64 of random 16 bytes, length, message and receive id, padded to 32 bytes."""
        raw = text.encode()
        plain = os.urandom(16) + struct.pack(">I", len(raw)) + raw + self._receive_id
        n_pad = PADDING - len(plain) % PADDING
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([n_pad]) * n_pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def decrypt(self, sealed: str) -> str:
        """Give the message, or raise ValueError when it is not for this account or broken."""
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
        n_pad = plain[-1]
        if not 1 <= n_pad <= PADDING or plain[-n_pad:] != bytes([n_pad]) * n_pad:
            raise ValueError("bad padding")
        body = plain[16:-n_pad]
        (length,) = struct.unpack(">I", body[:4])
        if body[4 + length :] != self._receive_id:
            raise ValueError("receive id differs")
        return body[4 : 4 + length].decode()

    def _cipher(self) -> "Cipher[modes.CBC]":
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
