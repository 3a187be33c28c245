"""Which addresses are on the public internet: all but those that IANA's registries set aside for something else.

From the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates), the IPv4 multicast space
(RFC 5771), IPv6 multicast and global unicast (RFC 4291). Python's `is_global` follows older editions, which differ from
one patch release to the next, and calls globally reachable what only leads elsewhere: 6to4, Teredo, translators.

Ranges that the registries call globally reachable but which serve routing or lookups of their own (AS112, AMT, anycast
of PCP and TURN, ORCHIDv2, drone identifiers) are set aside too: no server of anybody's is there.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPECIAL_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # "this network" (RFC 791)
        "10.0.0.0/8",  # private use (RFC 1918)
        "100.64.0.0/10",  # shared address space of carriers (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122)
        "169.254.0.0/16",  # link local (RFC 3927); clouds keep their metadata there
        "172.16.0.0/12",  # private use (RFC 1918)
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.31.196.0/24",  # AS112-v4 (RFC 7535)
        "192.52.193.0/24",  # AMT (RFC 7450)
        "192.88.99.0/24",  # deprecated 6to4 relay anycast (RFC 7526)
        "192.168.0.0/16",  # private use (RFC 1918)
        "192.175.48.0/24",  # direct delegation AS112 service (RFC 7534)
        "198.18.0.0/15",  # benchmarking (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved, and limited broadcast (RFC 1112, RFC 8190)
    )
)
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""What of IPv6 is given to networks at all (RFC 4291); loopback, local translators 64:ff9b:1::/48, mapped
IPv4, discard-only 100::/64, SRv6 5f00::/16, unique local fc00::/7, link local fe80::/10, site local fec0::/10 and
multicast ff00::/8 lie outside of it."""
SPECIAL_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments (RFC 2928), with Teredo, benchmarking, ORCHID, drone identifiers
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4 (RFC 3056): leads to the IPv4 address within
        "2620:4f:8000::/48",  # direct delegation AS112 service (RFC 7534)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
"""Those of the registry within global unicast."""
NAT64 = IPv6Network("64:ff9b::/96")
"""What hosts without IPv4 of their own call the public IPv4 internet by (RFC 6052): globally reachable in the registry,
as far as the IPv4 address at its end is."""


def is_public(address: Address) -> bool:
    """Whether the address may be a server on the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    if address in NAT64 and address.scope_id is None:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.scope_id is not None or address not in GLOBAL_UNICAST:
        return False
    return not any(address in network for network in SPECIAL_IPV6)
