"""What the server was told: settings that contradict each other or are dangerous, no owner, no
backup, a certificate that ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient
from hubbub.credentials.tls.examined import doubts, examined
from hubbub.domain.directory import DIRECTORY
from hubbub.domain.rules import Role
from hubbub.storage.backup import naming
from hubbub.storage.backup.daily import concern
from hubbub.storage.backup.errors import BackupFailed
from hubbub.storage.backup.places import place_of

DAY_MS = 86_400_000
CERTIFICATE_DAYS = 14  # before its end: those that renew themselves have done so by then


def owner(patient: Patient) -> Iterator[Finding]:
    """Whether somebody owns the server."""
    try:
        with patient.reading(patient.database) as connection:
            roles = patient.facts(connection, DIRECTORY.key).roles
    except sqlite3.DatabaseError:
        return  # that is told of the database
    if Role.OWNER in roles.values():
        yield _found(Level.OK, "owner", "Somebody owns this server.")
    else:
        yield _found(Level.WARNING, "owner", "Nobody owns this server.", "hubbub admin owner NAME")


def settings(patient: Patient) -> Iterator[Finding]:
    """Whether they go together."""
    told = patient.settings
    bad = list(_exposed(patient))
    if told.sessions_per_address == 0 and not told.trusted_proxies and _is_open(patient):
        bad.append(
            _found(
                Level.WARNING,
                "settings",
                "sessions-per-address is 0, so that no client has limits of its own, and there "
                "are no trusted-proxies that would say who connects.",
                "Set trusted-proxies to the proxy's address, and leave sessions-per-address as "
                "it is by default.",
            )
        )
    if told.free_disk_bytes >= told.disk_warning_bytes > 0:
        bad.append(
            _found(
                Level.WARNING,
                "settings",
                "disk-warning-bytes is not above free-disk-bytes: the warning comes too late.",
                "Set disk-warning-bytes to a few times free-disk-bytes.",
            )
        )
    names = told.tls_domain or (told.allowed_hosts if told.trusted_proxies else ())
    if names and not told.public_url:
        bad.append(
            _found(
                Level.NOTE,
                "settings",
                "There is no public-url, so that links which administrators make have an address "
                "that may not be right for others.",
                f"public-url = https://{names[0]}",
            )
        )
    yield from bad
    if not bad:
        yield _found(Level.OK, "settings", "They go together.")


def _exposed(patient: Patient) -> Iterator[Finding]:
    told = patient.settings
    if not _is_open(patient):
        return
    encrypted = told.tls in ("on", "auto", "required") or (
        told.tls == "default" and bool(told.tls_cert or told.tls_domain)
    )
    if not encrypted:
        yield _found(
            Level.WARNING,
            "settings",
            f"Others can connect ({', '.join(told.host)}), and nothing is encrypted on the way.",
            "tls = auto, or tls-domain, or tls-cert and tls-key; or a proxy that speaks TLS, and "
            "host = 127.0.0.1. docs/hosting.md tells how.",
        )
    if told.registration == "open" and (told.tls_domain or told.public_url):
        yield _found(
            Level.NOTE,
            "settings",
            "Everybody who finds this server on the internet can make an account.",
            "registration = invite, and hubbub admin invite",
        )


def _is_open(patient: Patient) -> bool:
    """Whether other computers reach it."""
    for host in patient.settings.host:
        try:
            if not ip_address(host.partition("%")[0]).is_loopback:
                return True
        except ValueError:
            if host != "localhost":
                return True
    return False


def backups(patient: Patient) -> Iterator[Finding]:
    """Whether there are any, and new ones."""
    place = patient.settings.backup_to
    if not place:
        yield _found(
            Level.WARNING,
            "backups",
            "No backup is made each day.",
            "backup-to = FOLDER, best on another disk; hubbub admin backup FOLDER makes one now.",
        )
        return
    if patient.running is not None and patient.running.backups is not None:
        yield _found(Level.ERROR, "backups", patient.running.backups, "hubbub admin backups")
        return
    try:
        with patient.reading(patient.database) as connection:
            (log,) = connection.execute("SELECT value FROM meta WHERE key = 'log_id'").fetchone()
        stored = place_of(place).stored()
    except (BackupFailed, sqlite3.DatabaseError) as error:
        yield _found(Level.ERROR, "backups", str(error), "See the setting backup-to.")
        return
    mine = [one for one in stored if one.log == log[: naming.ID_CHARS]]
    wrong = concern(place, mine[0] if mine else None, patient.now)
    if wrong is not None:
        yield _found(Level.WARNING, "backups", wrong, "hubbub admin backup makes one now.")
    else:
        yield _found(Level.OK, "backups", f"The newest is {mine[0].name}.")


def certificate(patient: Patient) -> Iterator[Finding]:
    """For how long, and for which names, it is good: the one in the files, or that is in use."""
    told = patient.settings
    if told.tls == "off":
        return
    try:
        found = examined(patient.folder, given=told.tls_cert, domains=told.tls_domain)
    except ValueError as error:
        yield _found(Level.ERROR, "certificate", f"It cannot be read: {error}.")
        return
    if found is not None:
        now = datetime.fromtimestamp(patient.now / 1000, UTC)
        bad = doubts(found, now, names=told.tls_domain)
        over = now >= found.facts.ends or now < found.facts.begins
        for sentence in bad:
            yield _found(Level.ERROR if over else Level.WARNING, "certificate", sentence)
        if not bad:
            yield _found(Level.OK, "certificate", f"It is good until {found.facts.ends:%d %B %Y}.")
    ends = None if patient.running is None else patient.running.ends
    if ends is not None and (found is None or ends < patient.now):
        yield from _in_use(patient, ends)


def _in_use(patient: Patient, ends: int) -> Iterator[Finding]:
    """What is said of the certificate that the server has in memory, good until then."""
    days = (ends - patient.now) // DAY_MS
    if days >= CERTIFICATE_DAYS:
        yield _found(Level.OK, "certificate", f"It is good for {days} days.")
        return
    over = days < 0
    said = "It has ended: clients refuse it." if over else f"It ends in {days} days."
    cure = "Renew it; the server's log says why it was not renewed by itself."
    yield _found(Level.ERROR if over else Level.WARNING, "certificate", said, cure)


def saving(patient: Patient) -> Iterator[Finding]:
    """Whether the server that runs saves what is said."""
    if patient.running is not None and not patient.running.healthy:
        cure = "Its log says why. It goes on by itself when it can."
        yield _found(Level.ERROR, "server", "It cannot save what is said.", cure)


def bus(patient: Patient) -> Iterator[Finding]:
    """Whether the server that runs hears the others at once."""
    if patient.running is None or not patient.settings.bus:
        return
    if patient.running.bus is not None:
        cure = "Start NATS, or see the setting bus."
        yield _found(Level.WARNING, "bus", patient.running.bus, cure)
    else:
        yield _found(Level.OK, "bus", "It is connected.")


def _found(level: Level, about: str, said: str, cure: str = "") -> Finding:
    return Finding(level=level, about=about, said=said, cure=cure)
