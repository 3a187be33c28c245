"""An authenticator in software: what a browser sends for a passkey of its own, made by the rules of WebAuthn (without
attestation), and all the ways to get them wrong."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device with one passkey, at a page of `origin`."""

    origin: str = "http://localhost"
    host: str = "localhost"
    verifies: bool = True
    counter: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    handle: str = ""
    """What the site calls the account."""

    def _client_data(self, kind: str, challenge: str) -> bytes:
        told = {"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _facts(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256(self.host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)

    def _sent(self, response: dict[str, str]) -> str:
        number = bytes_to_base64url(self.id)
        return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": response})

    def make(self, options: dict[str, Any]) -> str:
        """What the browser sends for options of registration."""
        self.handle = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        data = self._facts(HAS_KEY) + bytes(16) + len(self.id).to_bytes(2) + self.id + public
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client_data("create", options["challenge"])
        return self._sent(
            {"clientDataJSON": bytes_to_base64url(client), "attestationObject": bytes_to_base64url(attestation)}
        )

    def sign(self, options: dict[str, Any]) -> str:
        """What the browser sends for options of signing in."""
        self.counter += 1
        client = self._client_data("get", options["challenge"])
        data = self._facts(0)
        signature = self.key.sign(data + sha256(client).digest(), ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        encoded = {name: bytes_to_base64url(value) for name, value in parts.items()}
        return self._sent(encoded | {"userHandle": bytes_to_base64url(base64url_to_bytes(self.handle))})
