"""The issuer of a test card: its keys, its cryptograms and its scripts, with pyemv and cryptography.

Two kinds: PBOC (cryptogram version 01 of JR/T 0025) and Visa (versions 0A, called 10, and 12, called 18).
"""

import warnings

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.utils import CryptographyDeprecationWarning
from pyemv import ac, cvn, kd, sm

# pyemv names TDES by its old place; that it is old is no news on stderr.
warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning)

BASE = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37)


def encrypt(key, blocks):
    """Two-key TDES, block by block."""
    encryptor = Cipher(TripleDES(key + key[:8]), modes.ECB()).encryptor()
    return encryptor.update(blocks) + encryptor.finalize()


class Pboc:
    """Session keys from the ATC, also for the cryptogram; the balance in the IAD has a MAC of its own."""

    MAC_LENGTH = 4

    def __init__(self, keys, pan, psn):
        self.ac = kd.derive_icc_mk_a(keys["ac"], pan, psn)
        self.mac = kd.derive_icc_mk_a(keys["mac"], pan, psn)

    @staticmethod
    def session_key(card_key, atc):
        inverse = bytes(octet ^ 0xFF for octet in atc)
        return encrypt(card_key, bytes(6) + atc + bytes(6) + inverse)

    def cryptogram(self, values, aip, atc, iad):
        data = b"".join(values[tag] for tag in BASE) + aip + atc + iad[3:7]
        return ac.generate_ac(self.session_key(self.ac, atc), data, ac.PaddingType.EMV, 8)

    def arpc(self, atc, arqc, arc):
        return ac.generate_arpc_1(self.session_key(self.ac, atc), arqc, arc)

    def script_mac(self, header, atc, arqc, data):
        return sm.generate_command_mac(self.session_key(self.mac, atc), header + atc + arqc + data, self.MAC_LENGTH)

    def balance_mac(self, atc, balance):
        data = atc + balance + b"\0"
        return ac.generate_ac(self.session_key(self.mac, atc), data, ac.PaddingType.EMV, 4)

    @staticmethod
    def fixed_iad(behaviour, cvr):
        algorithm = bytes.fromhex(behaviour.get("algorithm", "01"))
        return b"\x07" + bytes.fromhex(behaviour["dki"]) + bytes.fromhex(behaviour["cvn"]) + cvr + algorithm


class Visa:
    """As pyemv has it: no session key for the cryptogram of version 0A, the one of EMV for version 12."""

    MAC_LENGTH = 8

    def __init__(self, keys, pan, psn, version):
        self.version = version
        kind = {0x0A: cvn.VisaCVN10, 0x12: cvn.VisaCVN18}[version]
        self.host = kind(keys["ac"], keys["mac"], keys["enc"], pan, psn)

    def cryptogram(self, values, aip, atc, iad):
        fields = [values[tag] for tag in BASE]
        return self.host.generate_ac(*fields, aip, atc, iad[3:7] if self.version == 0x0A else iad)

    def arpc(self, atc, arqc, arc):
        if self.version != 0x0A:
            raise ValueError("version 12 answers with a CSU, which this program does not do")
        return self.host.generate_arpc(arqc, arc)

    def script_mac(self, header, atc, arqc, data):
        return self.host.generate_command_mac(header, arqc, atc, data)[: self.MAC_LENGTH]

    @staticmethod
    def fixed_iad(behaviour, cvr):
        return b"\x06" + bytes.fromhex(behaviour["dki"]) + bytes.fromhex(behaviour["cvn"]) + cvr


def of_profile(application, pan, psn):
    """The issuer of the application in a personalisation file."""
    keys = {name: bytes.fromhex(application["keys"][name]) for name in ("ac", "mac", "enc")}
    behaviour = application["behaviour"]
    if behaviour["rules"] == "pboc" and behaviour.get("algorithm", "01") == "01":
        return Pboc(keys, pan, psn)
    if behaviour["rules"] == "visa":
        return Visa(keys, pan, psn, int(behaviour["cvn"], 16))
    raise ValueError(f"no issuer for {behaviour}")
