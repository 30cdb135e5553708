"""Octets of EMV cards: BER-TLV, data object lists, records. Nothing here knows tapcard."""


def tlvs(octets):
    """Every object at this level as (tag, value, whole object); the tag is a number."""
    at = 0
    while at < len(octets):
        if octets[at] in (0x00, 0xFF):  # fill between objects
            at += 1
            continue
        start = at
        tag = octets[at]
        at += 1
        if tag & 0x1F == 0x1F:
            while True:
                tag = tag << 8 | octets[at]
                at += 1
                if not octets[at - 1] & 0x80:
                    break
        length = octets[at]
        at += 1
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(octets[at : at + size], "big")
            at += size
        if at + length > len(octets):
            raise ValueError(f"object {tag:X} is cut off")
        yield tag, octets[at : at + length], octets[start : at + length]
        at += length


def is_constructed(tag):
    first = tag
    while first > 0xFF:
        first >>= 8
    return bool(first & 0x20)


def find(octets, wanted):
    """The value of the first object with that tag, depth first; `None` without one."""
    for tag, value, _ in tlvs(octets):
        if tag == wanted:
            return value
        if is_constructed(tag):
            inner = find(value, wanted)
            if inner is not None:
                return inner
    return None


def collect(octets, into):
    """Puts every primitive object, at any depth, into a dictionary; the first of a tag counts."""
    for tag, value, _ in tlvs(octets):
        if is_constructed(tag):
            collect(value, into)
        else:
            into.setdefault(tag, value)


def dol(octets):
    """The entries (tag, length) of a data object list."""
    at = 0
    while at < len(octets):
        tag = octets[at]
        at += 1
        if tag & 0x1F == 0x1F:
            while True:
                tag = tag << 8 | octets[at]
                at += 1
                if not octets[at - 1] & 0x80:
                    break
        yield tag, octets[at]
        at += 1


# What EMV calls numeric: shortened and padded at the left. Everything else at the right.
NUMERIC = {0x9F02, 0x9F03, 0x9F1A, 0x5F2A, 0x9A, 0x9C, 0x9F21, 0x5F36}


def fill(octets, values):
    """What a terminal sends for a list: its values, zeros for what it does not know."""
    filled = b""
    for tag, length in dol(octets):
        value = values.get(tag, b"")
        if tag in NUMERIC:
            filled += value[-length:].rjust(length, b"\0") if value else bytes(length)
        else:
            filled += value[:length].ljust(length, b"\0")
    return filled


def split(octets, data):
    """Data laid out by a list, as a dictionary."""
    values, at = {}, 0
    for tag, length in dol(octets):
        values[tag] = data[at : at + length]
        at += length
    return values


def n12(amount):
    return bytes.fromhex(f"{amount:012d}")


def from_bcd(octets):
    return int(octets.hex())
