"""Offline data authentication with RSA as a terminal does it, with Python's own integers (EMV 4.4 Book 2, 5 and 6).

Run by itself with the name of a vector file it tries itself on the vectors and prints how many agree.
"""

import hashlib
import json
import secrets
import sys


class Wrong(Exception):
    """A certificate or a signature that must not be believed, with the name that the vectors give the reason."""


def recover(signature, modulus, exponent, form):
    """The block under a signature, its head, tail and form seen to."""
    if len(signature) != len(modulus):
        raise Wrong("length_mismatch")
    number = pow(int.from_bytes(signature, "big"), int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))
    block = number.to_bytes(len(modulus), "big")
    if block[-1] != 0xBC:
        raise Wrong("bad_trailer")
    if block[0] != 0x6A:
        raise Wrong("bad_header")
    if block[1] != form:
        raise Wrong("bad_format")
    return block


def same_hash(block, data):
    if hashlib.sha1(block[1:-21] + data).digest() != block[-21:-1]:
        raise Wrong("hash_mismatch")


def expired(month_year, today):
    """Valid to the end of the month; two-digit years below 50 are this century's."""
    month, year = int(month_year[:2]), int(month_year[2:])
    century = lambda two: 2000 + two if two < 50 else 1900 + two
    return (century(int(today[:2])), int(today[2:4])) > (century(year), month)


def certified_key(certificate, modulus, exponent, form, remainder, own_exponent, static, owner, today):
    """The key in a certificate; `owner` says which reason there is when it is somebody else's, or nothing."""
    block = recover(certificate, modulus, exponent, form)
    name = 4 if form == 2 else 10
    at = 2 + name
    month_year, at = block[at : at + 2].hex(), at + 2 + 3
    hash_algorithm, key_algorithm, length, _ = block[at : at + 4]
    if hash_algorithm != 1:
        raise Wrong("unsupported_hash_alg")
    same_hash(block, remainder + own_exponent + static)
    mismatch = owner(block[2 : 2 + name].hex().upper().rstrip("F"))
    if mismatch:
        raise Wrong(mismatch)
    if expired(month_year, today):
        raise Wrong("expired")
    if key_algorithm != 1:
        raise Wrong("unsupported_pk_alg")
    left = block[at + 4 : -21]
    whole = left[:length] if length <= len(left) else left + remainder
    if len(whole) != length:
        raise Wrong("length_mismatch")
    return whole


def issuer_key(ca, certificate, remainder, exponent, pan, today):
    def owner(identifier):
        return None if pan.startswith(identifier) else "issuer_id_mismatch"

    return certified_key(certificate, ca[0], ca[1], 2, remainder, exponent, b"", owner, today)


def icc_key(issuer, certificate, remainder, exponent, static, pan, today):
    def owner(number):
        return None if number == pan else "pan_mismatch"

    return certified_key(certificate, issuer[0], issuer[1], 4, remainder, exponent, static, owner, today)


def dynamic_data(icc, signature):
    """Recovered block and ICC dynamic data of a signature `9F4B`."""
    block = recover(signature, icc[0], icc[1], 5)
    return block, block[4 : 4 + block[3]]


def dda(icc, signature, terminal_data):
    """The ICC dynamic number."""
    block, data = dynamic_data(icc, signature)
    if block[2] != 1:
        raise Wrong("unsupported_hash_alg")
    same_hash(block, terminal_data)
    return data[1 : 1 + data[0]]


def cda(icc, signature, un, cid, hashed):
    """The cryptogram; `hashed` is what both sides said: values of PDOL and CDOLs, and the answer without its signature."""
    block, data = dynamic_data(icc, signature)
    if not 32 <= block[3] <= 38 or block[3] != data[0] + 30:
        raise Wrong("bad_dynamic_data_length")
    rest = data[1 + data[0] :]
    if rest[0] != cid:
        raise Wrong("cid_mismatch")
    if block[2] != 1:
        raise Wrong("unsupported_hash_alg")
    same_hash(block, un)
    if rest[9:29] != hashlib.sha1(hashed).digest():
        raise Wrong("transaction_data_hash_mismatch")
    return rest[1:9]


def fdda(icc, signature, un, amount, currency, related):
    """The ICC dynamic number, which is the ATC; `related` is `9F69`."""
    return dda(icc, signature, un + amount + currency + related)


def encipher(icc, block, challenge):
    """A PIN block for the card alone."""
    modulus, exponent = (int.from_bytes(part, "big") for part in icc)
    plain = b"\x7F" + block + challenge
    plain += secrets.token_bytes(len(icc[0]) - len(plain))
    return pow(int.from_bytes(plain, "big"), exponent, modulus).to_bytes(len(icc[0]), "big")


# --- the vectors -----------------------------------------------------------------------------------------------------


def of_vector(case):
    given = {name: value for name, value in case["in"].items()}
    octets = lambda name: bytes.fromhex(given.get(name, ""))
    pan, today = given.get("pan", ""), given.get("today", "")
    ca, issuer = (octets("ca_modulus"), octets("ca_exponent")), (octets("issuer_modulus"), octets("issuer_exponent"))
    icc, signature = (octets("icc_modulus"), octets("icc_exponent")), octets("sdad_9F4B")
    match case["op"]:
        case "oda_recover_issuer_key":
            return issuer_key(ca, octets("cert_90"), octets("remainder_92"), octets("exponent_9F32"), pan, today)
        case "oda_recover_icc_key":
            remainder, exponent = octets("remainder_9F48"), octets("exponent_9F47")
            return icc_key(issuer, octets("cert_9F46"), remainder, exponent, octets("static_data"), pan, today)
        case "oda_verify_sdad_dda":
            return dda(icc, signature, octets("ddol_data"))
        case "oda_verify_sdad_cda":
            names = ("pdol_data", "cdol1_data", "cdol2_data", "response_tlvs_without_9F4B")
            hashed = b"".join(octets(name) for name in names)
            return cda(icc, signature, octets("un_9F37"), int(given["cid"], 16), hashed)
        case "oda_verify_sdad_fdda" if given.get("card_auth_data_9F69", "").startswith("01"):
            names = ("un_9F37", "amount_9F02", "currency_5F2A", "card_auth_data_9F69")
            return fdda(icc, signature, *(octets(name) for name in names))
    return None


def try_vectors(file):
    agree, others, wrong = 0, 0, []
    with open(file, encoding="utf-8") as text:
        cases = json.load(text)
    for case in cases:
        try:
            found = of_vector(case)
            found = found if found is None else found.hex().upper()
        except Wrong as why:
            found = str(why)
        if found is None:
            others += 1
        elif found == (case["out"] if case["expect"] == "ok" else case["error"]):
            agree += 1
        else:
            wrong.append({"id": case["id"], "found": found})
    print(json.dumps({"agree": agree, "not_for_this_program": others, "wrong": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(try_vectors(sys.argv[1]))
