"""Verifies a payment card through PC/SC as its issuer and as a terminal would, with nothing of tapcard.

    verify_card.py PROFILE READER [--ledger FILE] [--ca FILE]

PROFILE is the personalisation of the card, from which only the issuer's master keys, the PIN, the limits and the version of
the cryptogram are taken; everything else the card has to say itself. The ledger is what the issuer remembers of the card
from one run to the next: ATCs and balance. The file of `--ca` has chains with the keys of
certification authorities, of which only the public ones are looked at.

Prints one JSON object with every check. Exit code 0: all passed; 1: some failed; 2: the card could not be tried.
"""

import argparse
import datetime
import json
import secrets
import sys
import time
from pathlib import Path

import emv_issuer
import emv_oda
from emv_data import collect, dol, fill, find, from_bcd, n12, split, tlvs
from smartcard.Exceptions import CardConnectionException, NoCardException
from smartcard.System import readers

# Seconds for a card to appear in the reader.
PATIENCE = 20
PPSE = b"2PAY.SYS.DDF01"
AAC, TC, ARQC = 0x00, 0x40, 0x80
CDA = 0x10
KINDS = {AAC: "AAC", TC: "TC", ARQC: "ARQC"}
# What the upper half of the second octet of the CVR says: second GENERATE AC and first.
ANSWERS = {(ARQC,): 0b1010, (TC,): 0b1001, (AAC,): 0b1000, (ARQC, TC): 0b0110, (ARQC, AAC): 0b0010}
APPROVED = b"00"


class Unexpected(Exception):
    """The card said something after which this transaction cannot go on."""


class Report:
    def __init__(self):
        self.checks = []
        self.transaction = ""

    def that(self, check, passed, detail=""):
        entry = {"check": f"{self.transaction}: {check}", "result": "ok" if passed else "failed"}
        if not passed:
            entry["detail"] = str(detail)
        self.checks.append(entry)
        return passed

    def equal(self, check, found, expected):
        shown = lambda value: value.hex().upper() if isinstance(value, bytes) else value
        return self.that(check, found == expected, f"{shown(found)} instead of {shown(expected)}")


class Card:
    """A card in a reader: whole commands in, data and status word out."""

    def __init__(self, name):
        reader = next(one for one in readers() if str(one) == name)
        self.connection = reader.createConnection()
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.connection.connect()
                return
            except (CardConnectionException, NoCardException):
                # Not there yet, or the one before has just been pulled out and the daemon is about to notice.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def send(self, cla, ins, p1, p2, data=b"", le=True):
        command = bytes([cla, ins, p1, p2]) + (bytes([len(data)]) + data if data else b"") + (b"\0" if le else b"")
        answer, sw1, sw2 = self.connection.transmit(list(command))
        return bytes(answer), sw1 << 8 | sw2

    def must(self, *command, **how):
        answer, status = self.send(*command, **how)
        if status != 0x9000:
            raise Unexpected(f"{command[1]:02X} {command[2]:02X}{command[3]:02X} answers {status:04X}")
        return answer

    def get_data(self, tag):
        """The value of an object; `None` for one that the card does not have."""
        answer, status = self.send(0x80, 0xCA, tag >> 8, tag & 0xFF)
        return find(answer, tag) if status == 0x9000 else None

    def reset(self):
        self.connection.disconnect()
        self.connection.connect()


class Transaction:
    """One transaction from SELECT to its end; every step checks what it can."""

    def __init__(self, verifier, label, amount, kind=0x00, cash=False):
        self.verifier, self.card, self.report = verifier, verifier.card, verifier.report
        self.report.transaction = label
        self.cash = cash
        self.amount = amount
        self.cids = ()
        self.pins = 0  # bits of the CVR about the PIN
        self.authentication_failed = False
        now = datetime.datetime.now()
        currency = verifier.currency
        self.values = {
            0x9F02: n12(amount),
            0x9F03: n12(0),
            0x9F1A: currency,
            0x5F2A: currency,
            0x95: bytes.fromhex("0000008000"),
            0x9A: bytes.fromhex(now.strftime("%y%m%d")),
            0x9F21: bytes.fromhex(now.strftime("%H%M%S")),
            0x9C: bytes([kind]),
            0x9F37: secrets.token_bytes(4),
            0x9F4E: b"FOREIGN VERIFIER".ljust(20),
            0x9F66: bytes.fromhex("36000080"),
            0x9F7A: bytes([cash]),
            0x9F35: b"\x22",
        }
        self.begin()

    # --- up to the records ---

    def begin(self):
        directory = self.card.must(0x00, 0xA4, 0x04, 0x00, PPSE)
        aid = find(directory, 0x4F)
        fci = self.card.must(0x00, 0xA4, 0x04, 0x00, aid)
        before = self.card.get_data(0x9F36)
        self.pdol_data = fill(find(fci, 0x9F38) or b"", self.values)
        options = self.card.must(0x80, 0xA8, 0x00, 0x00, b"\x83" + bytes([len(self.pdol_data)]) + self.pdol_data)
        tag, value, _ = next(tlvs(options))
        if tag == 0x80:
            self.aip, afl = value[:2], value[2:]
        else:
            self.aip, afl = find(value, 0x82), find(value, 0x94)
        self.atc = self.card.get_data(0x9F36)
        self.report.equal("GPO raises the ATC by one", int.from_bytes(self.atc, "big"), int.from_bytes(before, "big") + 1)
        self.verifier.count(self.atc)
        self.fci = fci
        self.objects = {}
        self.static = b""
        for at in range(0, len(afl), 4):
            sfi, first, last, signed = afl[at] >> 3, afl[at + 1], afl[at + 2], afl[at + 3]
            for record in range(first, last + 1):
                octets = self.card.must(0x00, 0xB2, record, sfi << 3 | 4)
                collect(octets, self.objects)
                if record < first + signed:
                    _, content, whole = next(tlvs(octets))
                    self.static += content if sfi <= 10 else whole
        if self.objects.get(0x9F4A) == b"\x82":
            self.static += self.aip
        self.pan = self.objects[0x5A].hex().upper().rstrip("F")
        psn = self.objects.get(0x5F34, b"\0").hex()
        self.issuer = emv_issuer.of_profile(self.verifier.application, self.pan, psn)
        if 0x57 in self.objects:
            track = self.objects[0x57].hex().upper()
            self.report.that("track 2 has the PAN", track.split("D")[0] == self.pan)

    # --- offline data authentication ---

    def keys(self):
        """The ICC key through its chain."""
        today = datetime.datetime.now().strftime("%y%m%d")
        objects = self.objects
        ca = self.verifier.ca_key(objects[0x8F])
        issuer = emv_oda.issuer_key(ca, objects[0x90], objects.get(0x92, b""), objects[0x9F32], self.pan, today)
        issuer = (issuer, objects[0x9F32])
        remainder, exponent = objects.get(0x9F48, b""), objects[0x9F47]
        icc = emv_oda.icc_key(issuer, objects[0x9F46], remainder, exponent, self.static, self.pan, today)
        return icc, exponent

    def authenticates(self, name, signed):
        try:
            self.report.that(name, True)
            return signed()
        except (emv_oda.Wrong, KeyError) as why:
            self.report.checks.pop()
            self.report.that(name, False, repr(why))
            return None

    def dda(self):
        if not self.aip[0] & 0x20:
            return
        icc = self.authenticates("certificates", self.keys)
        data = fill(self.objects.get(0x9F49, bytes.fromhex("9F3704")), self.values)
        answer = self.card.must(0x00, 0x88, 0x00, 0x00, data)
        tag, value, _ = next(tlvs(answer))
        signature = value if tag == 0x80 else find(value, 0x9F4B)
        if icc:
            self.authenticates("DDA signature", lambda: emv_oda.dda(icc, signature, data))

    def combined(self, template, cid, cdol_data):
        """The cryptogram in the signature of CDA."""
        icc = self.authenticates("certificates", self.keys)
        if not icc:
            return bytes(8)
        rest = b"".join(whole for tag, _, whole in tlvs(template) if tag != 0x9F4B)
        hashed = self.pdol_data + cdol_data + rest
        signature, un = find(template, 0x9F4B), self.values[0x9F37]
        found = self.authenticates("CDA signature", lambda: emv_oda.cda(icc, signature, un, cid, hashed))
        return found or emv_oda.dynamic_data(icc, signature)[1][-28:-20]

    # --- PIN ---

    def verify(self, right, enciphered=False):
        """VERIFY with the right PIN or a wrong one, in plain text or under the ICC key."""
        if not self.aip[0] & 0x10:
            return
        pin = self.verifier.application["keys"]["pin"]
        if not right:
            pin = pin[:-1] + str((int(pin[-1]) + 1) % 10)
        before, limit = self.card.get_data(0x9F17)[0], self.verifier.number(0x9F17)
        block, how = emv_issuer.sm.format_iso9564_2_pin_block(pin), 0x80
        if enciphered:
            block, how = emv_oda.encipher(self.keys(), block, self.card.must(0x00, 0x84, 0x00, 0x00)), 0x88
        _, status = self.card.send(0x00, 0x20, 0x00, how, block, le=False)
        tries = self.card.get_data(0x9F17)[0]
        name = f"{'right' if right else 'wrong'} PIN{', enciphered' if enciphered else ''}"
        expected = ("9000", limit) if right else (f"63C{before - 1:X}", before - 1)
        self.report.equal(name, (f"{status:04X}", tries), expected)
        self.pins = 0x04 if right else 0x06

    # --- cryptograms ---

    def generate(self, asked, expected):
        """GENERATE AC; checks cryptogram, CID, ATC and IAD."""
        second = bool(self.cids)
        name = f"{KINDS[expected]}{' after the answer' if second else ''}"
        data = fill(self.objects[0x8D if second else 0x8C], self.values)
        self.cdol_data = self.cdol_data + data if second else data
        combined = bool(self.aip[0] & 0x01) and asked != AAC
        answer = self.card.must(0x80, 0xAE, asked | (CDA if combined else 0), 0x00, data)
        tag, value, _ = next(tlvs(answer))
        if tag == 0x80:
            cid, atc, cryptogram, iad = value[0], value[1:3], value[3:11], value[11:]
            if combined:
                self.report.that(f"{name}: CDA comes when it is asked for", False, "template 80")
        else:
            cid, atc, iad = find(value, 0x9F27)[0], find(value, 0x9F36), find(value, 0x9F10)
            is_signed = find(value, 0x9F4B) is not None
            cryptogram = self.combined(value, cid, self.cdol_data) if is_signed else find(value, 0x9F26)
        self.report.equal(f"{name}: CID", f"{cid & 0xC0:02X}", f"{expected:02X}")
        self.report.equal(f"{name}: ATC", atc, self.atc)
        due = self.issuer.cryptogram(self.values, self.aip, atc, iad)
        self.report.equal(f"{name}: cryptogram", cryptogram, due)
        self.cids += (cid & 0xC0,)
        self.see_iad(name, iad)
        if not second:
            self.arqc = cryptogram
        return cid & 0xC0

    def see_iad(self, name, iad):
        cvr = iad[3:7]
        fixed = self.issuer.fixed_iad(self.verifier.application["behaviour"], cvr)
        self.report.equal(f"{name}: head of the IAD", iad[: len(fixed)], fixed)
        results = ANSWERS[self.cids] << 4 | self.pins | (0x08 if self.authentication_failed else 0)
        self.report.equal(f"{name}: CVR", cvr[:2].hex().upper(), f"03{results:02X}")
        rest, held = iad[len(fixed) :], self.verifier.balance
        if held is None:
            self.report.equal(f"{name}: end of the IAD", rest, b"")
            return
        paid = self.cash and self.cids[-1] == TC
        balance = n12(held - self.amount if paid else held)[1:]
        self.report.equal(f"{name}: balance in the IAD", rest[:7], b"\x0A\x01" + balance)
        self.report.equal(f"{name}: MAC of the balance", rest[7:], self.issuer.balance_mac(self.atc, rest[2:7]))

    # --- the issuer ---

    def authenticate_issuer(self, right=True):
        """EXTERNAL AUTHENTICATE, where the AIP says that the card wants it."""
        self.values[0x8A] = APPROVED
        if not self.aip[0] & 0x04:
            return
        arpc = self.issuer.arpc(self.atc, self.arqc, APPROVED)
        if not right:
            arpc = bytes([arpc[0] ^ 0x01]) + arpc[1:]
        _, status = self.card.send(0x00, 0x82, 0x00, 0x00, arpc + APPROVED, le=False)
        if right:
            self.report.equal("right ARPC is taken", f"{status:04X}", "9000")
        else:
            self.report.that("wrong ARPC is refused", status != 0x9000, f"{status:04X}")
            self.authentication_failed = True

    def script(self, header, data, wrong=False):
        """One command of a script; what was sent, and the status word."""
        mac = self.issuer.script_mac(header, self.atc, self.arqc, data)
        if wrong:
            mac = mac[:-1] + bytes([mac[-1] ^ 0x01])
        self.sent = (header, data + mac)
        return self.card.send(*header[:4], data + mac, le=False)[1]

    def log_line(self, entry, format_tag, head=0):
        """The newest line of a log as a dictionary, and the octets before its list."""
        place, layout = find(self.fci, entry), self.card.get_data(format_tag)
        line = self.card.must(0x00, 0xB2, 1, place[0] << 3 | 4)
        expected = head + sum(length for _, length in dol(layout))
        self.report.equal("length of the log line", len(line), expected)
        return line[:head], split(layout, line[head:])

    def see_log(self):
        if find(self.fci, 0x9F4D) is None:
            return
        _, line = self.log_line(0x9F4D, 0x9F4F)
        expected = {tag: self.atc if tag == 0x9F36 else self.values[tag] for tag in line}
        self.report.equal("log line", {f"{tag:X}": value.hex() for tag, value in line.items()}, {
            f"{tag:X}": value.hex() for tag, value in expected.items()
        })


class Verifier:
    def __init__(self, card, profile, ledger, authorities):
        self.card, self.ledger, self.authorities = card, ledger, authorities
        self.report = Report()
        self.application = next(one for one in profile["applications"] if "behaviour" in one)
        self.balance = None
        currency = "0156" if self.application["behaviour"]["rules"] == "pboc" else "0840"
        self.currency = bytes.fromhex(currency)

    def number(self, tag):
        """A personalised number."""
        return int(self.application["data"][f"{tag:X}"], 16)

    def ca_key(self, index):
        rid = self.application["name"][:10]
        for one in self.authorities:
            if (one["rid"], one["ca_index"]) == (rid, index.hex().upper()):
                return bytes.fromhex(one["ca"]["n"]), bytes.fromhex(one["ca"]["e"])
        raise emv_oda.Wrong("ca_key_not_found")

    def count(self, atc):
        """The issuer sees an ATC: the next one, and never one that was there."""
        number, last = int.from_bytes(atc, "big"), self.ledger.get("atc", self.number(0x9F36))
        seen = self.ledger.setdefault("seen", [])
        self.report.that("no ATC comes twice", number not in seen, number)
        self.report.equal("the ATC is the last one and one", number, last + 1)
        seen.append(number)
        self.ledger["atc"] = number

    def read_balance(self):
        octets = self.card.get_data(0x9F79)
        return None if octets is None else from_bcd(octets)

    def see_balance(self, check):
        """The balance is what the issuer thinks it is; from here on it thinks what the card says."""
        found = self.read_balance()
        if self.balance is not None:
            self.report.equal(check, found, self.balance)
            self.balance = found
            self.ledger["balance"] = found

    def step(self, transaction, *arguments):
        """Runs one transaction; the others go on when it ends early."""
        try:
            transaction(*arguments)
        except (Unexpected, emv_oda.Wrong, ValueError, KeyError, IndexError, TypeError, StopIteration) as why:
            self.report.that("goes on to its end", False, repr(why))

    def run(self):
        self.step(self.open)
        steps = [(self.online,), (self.purchase, "purchase"), (self.wrong_arpc,), (self.wrong_script,), (self.replay,)]
        for step in steps:
            self.step(*step)
        self.step(self.after_reset)
        self.step(self.purchase, "purchase after a reset")
        return self.report.checks

    def open(self):
        """What the card holds before anything is done."""
        self.report.transaction = "card"
        aid = find(self.card.must(0x00, 0xA4, 0x04, 0x00, PPSE), 0x4F)
        self.report.equal("the PPSE names the application", aid.hex().upper(), self.application["name"])
        self.card.must(0x00, 0xA4, 0x04, 0x00, aid)
        self.balance = self.read_balance()
        if self.balance is not None:
            told = self.application["data"]["9F79"].removeprefix("amount:").replace(".", "")
            self.report.equal("balance as it was left", self.balance, self.ledger.get("balance", int(told)))

    # --- transactions ---

    def change(self, running):
        """Header and data of a script that changes something that can be seen: the balance, or the tries of the PIN."""
        if self.balance is not None:
            return bytes.fromhex("04DA9F790A"), n12(self.balance + 1000)
        if self.card.get_data(0x9F17)[0] == self.number(0x9F17):
            running.verify(False)  # a try is gone; the script brings it back
        return bytes([0x84, 0x24, 0x00, 0x00, running.issuer.MAC_LENGTH]), b""

    def visible(self):
        return self.read_balance(), self.card.get_data(0x9F17)

    def to_the_answer(self, label, pins=(), right=True):
        """Online up to the second GENERATE AC."""
        kind = 0x60 if self.balance is not None else 0x00
        running = Transaction(self, label, 1000, kind)
        running.dda()
        for pin in pins:
            running.verify(pin)
            if running.aip[0] & 0x20:
                running.verify(pin, enciphered=True)
        header, data = self.change(running)
        running.generate(ARQC, ARQC)
        running.authenticate_issuer(right)
        return running, header, data

    def online(self):
        running, header, data = self.to_the_answer("online and load", (False, True))
        running.generate(TC, TC)
        running.see_log()
        status = running.script(header, data)
        self.replayed = running.sent
        self.report.equal("script is taken", f"{status:04X}", "9000")
        if self.balance is None:
            self.report.equal("PIN tries are given back", self.card.get_data(0x9F17)[0], self.number(0x9F17))
            return
        before, self.balance = self.balance, self.balance + 1000
        self.see_balance("balance after the load")
        if find(running.fci, 0xDF4D) is None:
            return
        head, line = running.log_line(0xDF4D, 0xDF4F, 14)
        self.report.equal("load log line", head, bytes.fromhex("9F79") + n12(before) + n12(before + 1000))
        self.report.equal("load log line: ATC", line[0x9F36], running.atc)

    def purchase(self, label):
        running = Transaction(self, label, 255, cash=self.balance is not None)
        running.dda()
        if running.generate(TC, TC) == TC and self.balance is not None:
            self.balance -= 255
        self.see_balance("balance falls by the amount")
        running.see_log()

    def wrong_arpc(self):
        running, header, data = self.to_the_answer("wrong ARPC", right=False)
        before = self.visible()
        if running.aip[0] & 0x04:
            running.generate(TC, TC)
            status = running.script(header, data)
            self.report.that("no script is taken after it", status != 0x9000, f"{status:04X}")
        else:
            running.generate(AAC, AAC)
        self.report.equal("nothing has changed", self.visible(), before)

    def refused(self, label, send):
        running, header, data = self.to_the_answer(label)
        running.generate(TC, TC)
        before = self.visible()
        status = send(running, header, data)
        self.report.that("script is refused", status != 0x9000, f"{status:04X}")
        self.report.equal("nothing has changed", self.visible(), before)
        self.balance = self.read_balance()

    def wrong_script(self):
        self.refused("script with a wrong MAC", lambda running, *command: running.script(*command, wrong=True))

    def replay(self):
        header, data = self.replayed
        self.refused("script of another transaction", lambda *_: self.card.send(*header[:4], data, le=False)[1])

    def after_reset(self):
        """A reset leaves nothing selected."""
        self.report.transaction = "reset"
        self.card.reset()
        _, status = self.card.send(0x80, 0xA8, 0x00, 0x00, b"\x83\0")
        self.report.that("nothing is selected after it", status != 0x9000, f"{status:04X}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("profile", type=Path)
    parser.add_argument("reader")
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--ca", type=Path)
    arguments = parser.parse_args()
    profile = json.loads(arguments.profile.read_text(encoding="utf-8"))
    ledger, authorities = {}, []
    if arguments.ledger and arguments.ledger.exists():
        ledger = json.loads(arguments.ledger.read_text(encoding="utf-8"))
    if arguments.ca:
        authorities = json.loads(arguments.ca.read_text(encoding="utf-8"))["chains"]
    checks = Verifier(Card(arguments.reader), profile, ledger, authorities).run()
    if arguments.ledger:
        arguments.ledger.write_text(json.dumps(ledger), encoding="utf-8")
    failed = sum(check["result"] == "failed" for check in checks)
    print(json.dumps({"checks": checks, "passed": len(checks) - failed, "failed": failed}, indent=1))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
