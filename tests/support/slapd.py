"""A real LDAP directory, where the machine has OpenLDAP's `slapd` (Debian's package of that name)."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.support.openid import free_port

BASE = "dc=bees,dc=example"
READER, READER_PASSWORD = f"cn=reader,{BASE}", "only-reads"
SCHEMAS = Path("/etc/ldap/schema")
PATIENCE_S = 20
ENTRIES = f"""\
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Bees
dc: bees

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people
"""


def program() -> str | None:
    """It is where ordinary users do not look."""
    return shutil.which("slapd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/libexec"]))


def missing() -> str | None:
    """Why there is no directory here that could be asked; None if there is."""
    if find_spec("bonsai") is None:
        return "there is no bonsai here, which takes a compiler: pip install 'workbee[ldap]'"
    if program() is None:
        return "there is no slapd here"
    return None if (SCHEMAS / "inetorgperson.schema").exists() else f"there are no schemas in {SCHEMAS}"


def person(cn: str, password: str = "", **values: str) -> str:
    """An entry of somebody, whose names need no escape in a DN."""
    fields = {"sn": "Bee", "givenName": cn} | values
    lines = [f"dn: uid={fields.get('uid', cn)},ou=people,{BASE}", "objectClass: inetOrgPerson", f"cn: {cn}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\n".join(lines + ([f"userPassword: {password}"] if password else [])) + "\n"


@contextmanager
def running_slapd(folder: Path, people: list[str]) -> Iterator[int]:
    """The directory with these people: its port."""
    data = folder / "data"
    data.mkdir()
    lines = [f"include {SCHEMAS}/{name}.schema" for name in ("core", "cosine", "inetorgperson")]
    lines += [f"pidfile {folder}/slapd.pid", "modulepath /usr/lib/ldap", "moduleload back_mdb", "sizelimit 100"]
    lines += ["database mdb", f'suffix "{BASE}"', f'rootdn "{READER}"', f"rootpw {READER_PASSWORD}"]
    lines += [f"directory {data}", "access to attrs=userPassword by * auth", "access to * by * none"]
    configuration = folder / "slapd.conf"
    configuration.write_text("\n".join([*lines, ""]))
    ldif = folder / "people.ldif"
    ldif.write_text("\n".join([ENTRIES, *people]))
    slapd = program()
    assert slapd is not None
    # One program under several names.
    subprocess.run([slapd, "-Tadd", "-f", str(configuration), "-l", str(ldif)], check=True, capture_output=True)
    port = free_port()
    log = folder / "slapd.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [slapd, "-f", str(configuration), "-h", f"ldap://127.0.0.1:{port}", "-d", "0"],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not _answers(port):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
