"""Stage 3: a card that truly computes, an issuer that truly checks.

What has no proof yet falls short and says so.
"""

import json
import os
import re
from pathlib import Path

from items import ROOT, Short, prove, run, tests

KINDS = {"crypto", "cryptogram", "mac", "sm2", "oda", "capk", "testca"}
# Mutants that a test has to notice, in percent, and the parts of docs/mutants.md that it is asked of.
LEAST_CAUGHT = 90
PARTS = {"card", "crypto"}


def program():
    run(["cargo", "build", "--locked", "--quiet", "--package", "tapcard"])
    metadata = json.loads(run(["cargo", "metadata", "--no-deps", "--format-version", "1"])[0])
    return str(Path(metadata["target_directory"]) / "debug" / "tapcard")


def figures(command, limit=7200, env=None):
    return re.findall(r"^figure: (.*)$", run(command, limit=limit, env=env)[0], re.M)


def vectors():
    kinds = {}
    for file in sorted((ROOT / "vectors").glob("*.json")):
        document = json.loads(file.read_text())
        lists = [document] if isinstance(document, list) else [value for value in document.values() if isinstance(value, list)]
        for case in (case for one in lists for case in one if isinstance(case, dict) and case.get("kind") in KINDS):
            kinds[f"{file.name}#{case['id']}"] = case["kind"]
    report = json.loads(run([program(), "vectors", "check", "vectors/", "--allow-unsupported", "--json"])[0])
    found = {case["id"]: case["status"] for file in report["files"] for case in file["cases"]}
    not_passed = [name for name in kinds if found.get(name) != "passed"]
    if not_passed:
        raise Short(f"{len(not_passed)} have not passed: {', '.join(not_passed[:5])}")
    counts = {kind: sum(one == kind for one in kinds.values()) for kind in sorted(KINDS)}
    return f"{len(kinds)} passed: {', '.join(f'{count} {kind}' for kind, count in counts.items())}"


def verifier():
    said = figures(["scripts/test.sh", "pcsc"], env={**os.environ, "V": "1"})
    if not any("fault" in line for line in said):
        raise Short("no planted fault was tried")
    return "; ".join(said)


def equality():
    said = [line for line in figures(["scripts/qemu.sh"]) if "APDU" in line or "RSA" in line or "CDA" in line]
    if not any("APDU" in line for line in said):
        raise Short("the card is not compared with itself on the emulated Cortex-M yet")
    return "; ".join(said)


def tested(name, at_least=1):
    def item():
        passed, said = tests(name, at_least=at_least)
        return "; ".join([f"{passed} tests", *said])

    return item


def measured():
    page = ROOT / "docs/benchmarks.md"
    rows = re.findall(r"^\| (.*(?:RSA|MAC|DES|SM4).*) \| *([\d.]+) \| *([≤≥] [\d.]+) \| \**(met|MISSED)\** .*\|$", page.read_text(), re.M)
    if not rows:
        raise Short("docs/benchmarks.md does not compare cryptography with OpenSSL yet")
    return "; ".join(f"{what} {ratio} ({wanted}: {verdict.lower()})" for what, ratio, wanted, verdict in rows)


def hidden():
    passed, said = tests("secrets", at_least=1)
    masked, more = tests("masked_pan", at_least=3)
    return "; ".join([f"{passed + masked} tests", *said, *more])


def mutants():
    rows = re.findall(r"^\| `?([\w-]+)`? \| *(\d+) \| *(\d+) \|", (ROOT / "docs/mutants.md").read_text(), re.M)
    found = {name: (int(viable), int(caught)) for name, viable, caught in rows if name in PARTS}
    if found.keys() != PARTS:
        raise Short(f"docs/mutants.md has no figures of {', '.join(sorted(PARTS - found.keys()))}")
    few = [name for name, (viable, caught) in found.items() if caught * 100 < viable * LEAST_CAUGHT]
    if few:
        raise Short(f"fewer than {LEAST_CAUGHT} % caught in {', '.join(few)}")
    return ", ".join(f"{name} {caught} of {viable} caught" for name, (viable, caught) in sorted(found.items()))


prove(
    [
        ("vectors of cryptography", vectors),
        ("foreign verifier over pcscd, and cards with planted faults", verifier),
        ("the card on the emulated Cortex-M answers as on the host", equality),
        ("power cut at every octet of the record log", tested("card_power_cuts")),
        ("random command sequences", tested("card_sequences")),
        ("cryptography beside OpenSSL", measured),
        ("no key and no whole PAN is shown", hidden),
        ("mutants of card and crypto", mutants),
    ]
)
