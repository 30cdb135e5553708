"""Reads an EMV card through PC/SC with pyscard, knowing nothing of tapcard.

Prints one JSON object: the reader, the ATR, and every C-APDU with its R-APDU: SELECT PPSE, SELECT of the application found
there, GET DATA of what the arguments name as P1-P2 in hexadecimal, and every record of SFI 1 to 10.
"""

import json
import sys

from smartcard.System import readers
from smartcard.util import toBytes, toHexString

PPSE = list(b"2PAY.SYS.DDF01")


def hexadecimal(octets):
    return toHexString(octets).replace(" ", "")


def find(octets, wanted):
    """The value of the first object with that tag, depth first; short enough objects only, which is all a FCI has."""
    at = 0
    while at < len(octets):
        size = 2 if octets[at] & 0x1F == 0x1F else 1
        tag = octets[at : at + size]
        length, header = octets[at + size], size + 1
        if length == 0x81:
            length, header = octets[at + size + 1], size + 2
        value = octets[at + header : at + header + length]
        if tag == wanted:
            return value
        if tag[0] & 0x20:
            inner = find(value, wanted)
            if inner is not None:
                return inner
        at += header + length
    return None


def main():
    reader = next(r for r in readers() if str(r).endswith("00 00"))
    connection = reader.createConnection()
    connection.connect()
    exchanges = []

    def send(command):
        data, sw1, sw2 = connection.transmit(command)
        exchanges.append({"c": hexadecimal(command), "r": hexadecimal(data + [sw1, sw2])})
        return data, (sw1, sw2)

    directory, _ = send([0x00, 0xA4, 0x04, 0x00, len(PPSE)] + PPSE + [0x00])
    aid = find(directory, [0x4F])
    send([0x00, 0xA4, 0x04, 0x00, len(aid)] + aid + [0x00])
    for tag in sys.argv[1:]:
        send([0x80, 0xCA] + toBytes(tag) + [0x00])
    for sfi in range(1, 11):
        for record in range(1, 17):
            _, status = send([0x00, 0xB2, record, sfi << 3 | 4, 0x00])
            if status != (0x90, 0x00):
                break
    print(json.dumps({"reader": str(reader), "atr": hexadecimal(connection.getATR()), "exchanges": exchanges}))


main()
