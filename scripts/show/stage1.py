"""Stage 1: a real card, read end to end.

Item 1 clones the last commit into an empty folder with an empty CARGO_HOME and runs `make run` there twice. `make test`
takes minutes, so FULL=1 runs that there twice too; without it the item takes the seconds of the last `make test` in this
checkout, and falls short when there was none, when it failed, or when it was of another commit.
"""

import json
import os
import re
import tempfile
from pathlib import Path

from items import ROOT, Short, prove, run, tests

# The vectors of this stage: these kinds, and of the transcripts these files and modes.
KINDS = {"tlv", "dol", "tlv-values"}
TRANSCRIPTS = re.compile(r"emv-transcripts-.*|pboc-ec")
MODES = {"decode", "reader"}

# What a case of these expects beyond this stage, as the issue has it: recovered certificates and signed data, which stage 3
# adds. Nothing else may be left out.
BEYOND = {
    "emv-transcripts-bertlv.json#bertlv-contact-upi": re.compile(r"(dda|cda)\..*|icc_cert|.*_hash"),
    "emv-transcripts-bertlv.json#bertlv-amex-cda": re.compile(r"(dda|cda)\..*|icc_cert|.*_hash"),
}


def fresh_clone():
    head = run(["git", "describe", "--always", "--dirty", "--abbrev=12"])[0].strip()
    with tempfile.TemporaryDirectory(prefix="tapcard-show-") as folder:
        clone = Path(folder) / "tapcard"
        run(["git", "clone", "--quiet", str(ROOT), str(clone)])
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CARGO", "MAKE", "MFLAGS"))}
        env = {**inherited, "CARGO_HOME": str(Path(folder) / "cargo-home"), "CI": "1"}
        seconds = []
        for _ in range(2):
            output, took = run(["make", "run"], cwd=clone, env=env)
            for expected in ("CNY", "tapcard doctor", "tapcard readers"):
                if expected not in output:
                    raise Short(f"`make run` does not print `{expected}`")
            seconds.append(f"{took:.0f}")
        figure = f"make run {' and '.join(seconds)} s"
        if os.environ.get("FULL"):
            seconds = []
            for _ in range(2):
                output, took = run(["make", "test"], cwd=clone, env=env, limit=3600)
                closing = output.strip().splitlines()[-1]
                if not re.fullmatch(r"tapcard: \d+ passed, 0 failed", closing):
                    raise Short(f"`make test` closes with `{closing}`")
                seconds.append(f"{took:.0f}")
            return f"{figure}, make test {' and '.join(seconds)} s, {closing}; all of it fresh, of {head}"
    try:
        return f"{figure} fresh; {last_test_run(head)}"
    except Short as reason:
        raise Short(f"{figure} fresh, but {reason}") from None


def last_test_run(head):
    checks = Path(json.loads(run(["cargo", "metadata", "--no-deps", "--format-version", "1"])[0])["target_directory"]) / "checks"
    try:
        commit = (checks / "commit").read_text().strip()
        summary = (checks / "summary").read_text()
    except OSError as error:
        raise Short("no `make test` in this checkout yet; run it, or set FULL=1") from error
    if commit != head:
        raise Short(f"the last `make test` was of {commit}, this is {head}; run it again, or set FULL=1")
    if not re.search(r"^tapcard: \d+ passed, 0 failed$", summary, re.M):
        raise Short("the last `make test` failed")
    total = re.search(r"^total +(\d+) s$", summary, re.M).group(1)
    return f"make test {total} s in this checkout (FULL=1: twice in the fresh one)"


def foreign_clients():
    passed, figures = tests("pcsc_clients", at_least=7)
    clients = "tapcard read and balance, opensc-tool, pcsc_scan, pyscard"
    return "; ".join([f"{passed} tests with {clients}", *figures])


def cases(file):
    """Every case of a vector file: a file is a list of cases, or an object with lists of cases."""
    document = json.loads(file.read_text())
    lists = [document] if isinstance(document, list) else [value for value in document.values() if isinstance(value, list)]
    return [case for one in lists for case in one if isinstance(case, dict) and "kind" in case]


def runs(file):
    """Every run that a vector file asks for, as (name, mode), and whether it belongs to this stage."""
    for case in cases(file):
        name = f"{file.name}#{case['id']}"
        if case["kind"] != "transcript":
            yield (name, None), case["kind"] in KINDS
            continue
        for mode in case["modes"]:
            yield (name, mode), bool(TRANSCRIPTS.fullmatch(file.stem)) and mode in MODES


def vectors():
    report = json.loads(run([program(), "vectors", "check", "vectors/", "--allow-unsupported", "--json"])[0])
    wanted = dict(one for file in sorted((ROOT / "vectors").glob("*.json")) for one in runs(file))
    found = {}
    for case in (case for file in report["files"] for case in file["cases"]):
        key = (case["id"], case.get("mode"))
        found[key if key in wanted else (case["id"], None)] = case
    if found.keys() != wanted.keys() or sum(len(file["cases"]) for file in report["files"]) != len(wanted):
        raise Short(f"the files ask for {len(wanted)} runs, {len(found)} are reported")
    here = {key: found[key] for key, belongs in wanted.items() if belongs}
    passed = [key for key, case in here.items() if case["status"] == "passed"]
    beyond = [key for key, case in here.items() if case["status"] == "unsupported" and allowed(case)]
    rest = sorted(f"{name} {mode}" for name, mode in here.keys() - set(passed) - set(beyond))
    if rest:
        raise Short(f"neither passed nor beyond this stage: {', '.join(rest)}")
    if report["failed"]:
        raise Short(f"{report['failed']} failed outside this stage")
    transcripts = sum(mode is not None for _, mode in here)
    names = ", ".join(f"{name.split('#')[1]} {mode}" for name, mode in beyond) or "none"
    return (
        f"{len(here)} runs in the files ({transcripts} of transcripts), {len(passed)} passed, 0 failed, "
        f"{len(beyond)} pass as far as this stage goes ({names}); {len(wanted) - len(here)} of other stages counted"
    )


def allowed(case):
    pattern = BEYOND.get(case["id"])
    return bool(pattern and case["left_out"] and all(pattern.fullmatch(one["what"]) for one in case["left_out"]))


def program():
    run(["cargo", "build", "--locked", "--quiet", "--package", "tapcard"])
    metadata = json.loads(run(["cargo", "metadata", "--no-deps", "--format-version", "1"])[0])
    return str(Path(metadata["target_directory"]) / "debug" / "tapcard")


def fewest_apdus():
    passed, figures = tests("apdu_table", at_least=4)
    return "; ".join([f"{passed} tests", *figures])


def firmware():
    built = re.search(r"^figure: (.*)$", run(["scripts/firmware.sh", "core"])[0], re.M).group(1)
    _, figures = tests("elf_strings")
    return "; ".join([built, *figures])


def hostile():
    compared, figures = tests("tlv_differential", at_least=12)
    attacked, more = tests("hostile_card", at_least=3)
    return "; ".join([f"{compared} properties against iso7816-tlv", *figures, f"{attacked} hostile-card tests", *more])


def wrong_input():
    passed, figures = tests("wrong_input", at_least=8)
    return "; ".join([f"{passed} tests", *figures])


def masked():
    passed, figures = tests("masked_pan", at_least=3)
    return "; ".join([f"{passed} tests", *figures])


prove(
    [
        ("fresh clone, fresh CARGO_HOME, twice", fresh_clone),
        ("private pcscd and vpcd, our client and foreign ones", foreign_clients),
        ("transcript, TLV, DOL and EC vectors", vectors),
        ("fewest APDUs, and none that changes the card", fewest_apdus),
        ("core on thumbv6m, thumbv7m, thumbv7em; no names linked", firmware),
        ("TLV against iso7816-tlv, hostile card", hostile),
        ("wrong input: exit code, message, stored output", wrong_input),
        ("no whole PAN anywhere", masked),
    ]
)
