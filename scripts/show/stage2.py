"""Stage 2: everything a card says: decoded, purses, on the chip, fuzzed, measured.

Fuzzing takes a minute for each target and the planted bugs as long again, a mutation campaign more than an hour. Without
FULL=1 each target is fuzzed for ten seconds, and the mutation figures are those that docs/mutants.md keeps.
"""

import json
import os
import re
from pathlib import Path

from items import ROOT, Short, prove, run, tests

DECODE = ROOT / "host-tools/decode/tests"
# Public items of the core that say what they are, in percent.
LEAST_DOCUMENTED = 97
# The vectors that the issue names: a file, and in it what the ids begin with.
NAMED = {"pboc-transit.json": "", "epurse-tmoney.json": "", "emv-transcripts-paycard.json": "paycard-GeldKarte"}
FULL = bool(os.environ.get("FULL"))


def decoded():
    stored, _ = tests("stored", at_least=5)
    kinds = len(re.findall(r"^\s+\w+ \"[a-z0-9-]+\" \".*\";$", (ROOT / "host-tools/decode/src/kind.rs").read_text(), re.M))
    cases = json.loads((DECODE / "cases.json").read_text())
    if len({case.get("kind") for case in cases} - {None}) != kinds:
        raise Short(f"{kinds} kinds, and not all have a stored output")
    tests("second_reading", at_least=1)
    second = [reading["id"] for reading in json.loads((DECODE / "second_reading.json").read_text())]
    if len(second) < 30:
        raise Short(f"{len(second)} values were read twice, 30 are wanted")
    return (
        f"{len(cases)} stored outputs in text and JSON for {kinds} kinds ({stored} tests); "
        f"{len(second)} values read a second time in the bit tables: {', '.join(second)}"
    )


def purses():
    report = json.loads(run([program(), "vectors", "check", "vectors/", "--allow-unsupported", "--json"])[0])
    said = []
    for file in report["files"]:
        name = Path(file["path"]).name
        if name not in NAMED and not name.startswith("purse-"):
            continue
        cases = [case for case in file["cases"] if case["id"].split("#")[1].startswith(NAMED.get(name, ""))]
        not_passed = [case["id"] for case in cases if case["status"] != "passed"]
        if not cases or not_passed:
            raise Short(f"{name}: not passed: {', '.join(not_passed) or 'there is no case'}")
        said.append(f"{len(cases)} of {name}")
    passed, figures = tests("repository", names=["every_purse_that_is_described_has_a_vector_of_its_own"], at_least=1)
    return "; ".join([f"passed {', '.join(said)}", f"a vector for each purse ({passed} test)", *figures])


def program():
    run(["cargo", "build", "--locked", "--quiet", "--package", "tapcard"])
    metadata = json.loads(run(["cargo", "metadata", "--no-deps", "--format-version", "1"])[0])
    return str(Path(metadata["target_directory"]) / "debug" / "tapcard")


def figures(command, limit=7200):
    return re.findall(r"^figure: (.*)$", run(command, limit=limit)[0], re.M)


def on_the_chip():
    return "; ".join(figures(["scripts/qemu.sh"]))


def fuzzed():
    fuzzing = figures(["scripts/fuzz.sh", "60" if FULL else "10"])
    return "; ".join([*fuzzing, *figures(["scripts/fuzz.sh", "planted"])])


def mutants():
    if FULL:
        return "; ".join(figures(["scripts/mutants.sh"], limit=4 * 3600))
    # | part | viable | caught | % | ...
    rows = re.findall(r"^\| `?([\w-]+)`? \| *(\d+) \| *(\d+) \|", (ROOT / "docs/mutants.md").read_text(), re.M)
    wanted = {"tlv", "dol", "exchange", "reader"}
    found = {name: (int(viable), int(caught)) for name, viable, caught in rows}
    if not wanted <= found.keys():
        raise Short(f"docs/mutants.md has no figures of {', '.join(wanted - found.keys())}")
    few = [name for name in wanted if found[name][1] * 100 < found[name][0] * 90]
    if few:
        raise Short(f"fewer than 90 % caught in {', '.join(few)}")
    said = [f"{name} {found[name][1]} of {found[name][0]} caught" for name in sorted(wanted)]
    return f"{', '.join(said)}, as docs/mutants.md has it (FULL=1 runs the campaigns)"


def measured():
    run(["scripts/bench.sh"], env={**os.environ, "QUICK": "1"}, limit=3600)
    page = (ROOT / "docs/benchmarks.md").read_text()
    rows = re.findall(r"^\| (.+?) \| *([\d.]+) \| *([≤≥] [\d.]+) \| \**(met|MISSED)\** \|$", page, re.M)
    if len(rows) < 8:
        raise Short(f"docs/benchmarks.md compares {len(rows)} figures with targets")
    return "; ".join(f"{what} {ratio} ({wanted}: {verdict.lower()})" for what, ratio, wanted, verdict in rows)


def captured():
    passed, said = tests("captures", at_least=1)
    captures = sorted(path.name for path in (ROOT / "docs/captures").glob("*.txt"))
    return "; ".join([f"{passed} tests drive tmux; docs/captures: {', '.join(captures)}", *said])


def documented():
    said = []
    for manifest in sorted((ROOT / "apdu").glob("*/Cargo.toml")):
        package = re.search(r'^name = "(.*)"', manifest.read_text(), re.M).group(1)
        # The report is a flag of rustdoc that a stable toolchain hides.
        output, _ = run(
            ["cargo", "rustdoc", "--locked", "--quiet", "-p", package, "--all-features", "--", "-Zunstable-options", "--show-coverage"],
            env={**os.environ, "RUSTC_BOOTSTRAP": "1"},
        )
        items, percent = re.search(r"^\| Total +\| +(\d+) \| +([\d.]+)%", output, re.M).groups()
        if float(percent) < LEAST_DOCUMENTED:
            raise Short(f"{package}: {percent} % of {items} items are documented")
        said.append(f"{package} {percent} % of {items}")
    doctests = re.findall(r"^test result: ok\. (\d+) passed", run(["cargo", "test", "--locked", "--workspace", "--doc"])[0], re.M)
    readmes = [path for folder in ("apdu", "host-tools", "vectors") for path in (ROOT / folder).glob("*/README.md")]
    without = [str(path.relative_to(ROOT)) for path in readmes if "```" not in path.read_text()]
    if without:
        raise Short(f"no example in {', '.join(without)}")
    return f"{', '.join(said)} documented; {sum(map(int, doctests))} examples run, {len(readmes)} crate READMEs have one"


prove(
    [
        ("decode: stored outputs, second reading", decoded),
        ("purses: the named vectors, one vector per purse", purses),
        ("vectors on the emulated Cortex-M3 and M4, TLV measured", on_the_chip),
        ("fuzzing: clean, coverage, planted bugs", fuzzed),
        ("mutants", mutants),
        ("benchmarks beside the targets", measured),
        ("shell and card sheet driven in tmux", captured),
        ("docs", documented),
    ]
)
