"""The caller's address, anonymised before anything sees or stores it (docs/contract/model.md 7).

Crypto-PAn: a keyed, prefix-preserving permutation of addresses, so that two callers of one network still look like
neighbours while nobody without the key learns who they were. The result is a valid address of the same version.

Of an IPv6 address only the network counts, its first 64 bits: whoever has one address there has them all.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from quart import Request

UNKNOWN = "127.0.0.1"
"""Stands for a caller without an address, such as one on a Unix socket."""
HOST_BITS = (1 << 64) - 1
"""The bits of an IPv6 address that its owner chooses at will."""
WIDER_PREFIX = {4: 24, 6: 48}
"""By version: the length, in bits, of the range that one customer of a network may easily have several addresses of."""
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+):\d+")
"""How some proxies write an address: `[2001:db8::1]:443`, `192.0.2.1:443`."""


class AddressAnonymiser:
    """Anonymises addresses with one key of 32 bytes: 16 for the cipher, 16 for its padding."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("the key must have 32 bytes")
        self._key = key[:16]
        self._pad = int.from_bytes(self._encrypt(key[16:]))
        self.anonymise = lru_cache(maxsize=8192)(self._anonymise)

    def _encrypt(self, blocks: bytes) -> bytes:
        # Single blocks under a secret key serve as a pseudo-random function here; no message is encrypted.
        encryptor = Cipher(algorithms.AES(self._key), modes.ECB()).encryptor()
        return encryptor.update(blocks) + encryptor.finalize()

    def _anonymise(self, text: str) -> str:
        address = _parse(text)
        bits = address.max_prefixlen
        number = int(address)
        prefixes = (self._block(number, length, bits) for length in range(bits))
        stream = self._encrypt(b"".join(prefixes))
        flips = 0
        for length in range(bits):
            flips = flips << 1 | stream[16 * length] >> 7
        return str(type(address)(number ^ flips))

    def _block(self, number: int, length: int, bits: int) -> bytes:
        """The first `length` bits of the address, followed by the padding's remaining ones."""
        rest = 128 - length
        head = number >> (bits - length) << rest
        return (head | self._pad & ((1 << rest) - 1)).to_bytes(16)


def _parse(text: str) -> IPv4Address | IPv6Address:
    """The address by which a caller is told from others; UNKNOWN for what is none."""
    ported = WITH_PORT.fullmatch(text)
    bare = (ported["v6"] or ported["v4"]) if ported else text
    try:
        address = ip_address(bare.split("%")[0])
    except ValueError:
        return IPv4Address(UNKNOWN)
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address) & ~HOST_BITS)


def wider_range(address: str) -> str:
    """The range around an anonymised address, `192.0.2.0/24`: prefixes survive anonymisation."""
    return str(ip_network(f"{address}/{WIDER_PREFIX[ip_address(address).version]}", strict=False))


def peer_address(request: Request, trusted_proxies: int) -> str:
    """The caller's own address: that of the peer, or the one that the outermost trusted proxy has seen."""
    if trusted_proxies:
        hops = [hop.strip() for hop in ",".join(request.headers.getlist("X-Forwarded-For")).split(",") if hop.strip()]
        if hops:
            return hops[-min(trusted_proxies, len(hops))]
    return request.remote_addr or UNKNOWN
