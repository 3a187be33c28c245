"""The invented people of the demo, and how each of them works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody who answers: quickly or slowly, carefully or not."""

    name: str
    fullname: str
    seconds: float
    """What one answer usually takes."""
    error_rate: float
    appetite: int
    """About how many digits a day."""


@dataclass(frozen=True, slots=True)
class Steward:
    """Somebody who signs in to look after things; the password is told when the demo starts."""

    name: str
    fullname: str
    email_addr: str
    admin: bool


OWNER = Steward("demo", "Demo Owner", "demo@workbee.example", admin=False)
ADMINISTRATOR = Steward("keeper", "Hive Keeper", "keeper@workbee.example", admin=True)
EMAIL_DOMAIN = "volunteers.workbee.example"
"""Below a top-level domain that never exists, so that no mail is ever sent to anybody."""

VOLUNTEERS = (
    Volunteer("meadow", "Meadow Brandt", 2.1, 0.012, 420),
    Volunteer("ottilie", "Ottilie Haas", 2.8, 0.008, 330),
    Volunteer("kenji", "Kenji Ito", 1.7, 0.021, 300),
    Volunteer("amara", "Amara Okafor", 2.4, 0.015, 240),
    Volunteer("tomas", "Tomás Rivera", 3.1, 0.019, 190),
    Volunteer("ingrid", "Ingrid Solheim", 3.6, 0.006, 170),
    Volunteer("yusuf", "Yusuf Demir", 2.0, 0.034, 160),
    Volunteer("clementine", "Clémentine Roux", 2.7, 0.017, 140),
    Volunteer("pavel", "Pavel Novák", 2.2, 0.041, 120),
    Volunteer("anjali", "Anjali Menon", 2.6, 0.011, 110),
    Volunteer("oisin", "Oisín Byrne", 3.3, 0.023, 90),
    Volunteer("linh", "Linh Tran", 1.9, 0.027, 80),
    Volunteer("beatriz", "Beatriz Salgado", 2.9, 0.014, 70),
    Volunteer("matteo", "Matteo Ferri", 3.8, 0.052, 60),
    Volunteer("sanna", "Sanna Korhonen", 2.5, 0.009, 50),
    Volunteer("wanjiru", "Wanjiru Kamau", 3.0, 0.016, 45),
    Volunteer("edith", "Edith Marlowe", 5.2, 0.007, 40),
    Volunteer("rafi", "Rafi Aharon", 1.6, 0.083, 35),
    Volunteer("noor", "Noor Haddad", 2.3, 0.020, 30),
    Volunteer("gwen", "Gwen Prosser", 4.4, 0.030, 20),
)
PASSERS_BY = 16
"""Anonymous volunteers, each of whom does a little."""
