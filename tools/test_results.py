#!/usr/bin/python3
"""Counts the tests in a JUnit file of ctest's: prints "PASSED FAILED SKIPPED" for tools/test.

    test_results.py RESULTS.xml CTEST_EXIT_CODE

What a failed test printed goes to stderr. A test that ctest could not start counts as failed, and
so does a run that ctest itself calls failed though no test of it was.
"""

import sys
import xml.etree.ElementTree as xml


def outcome(case):
    if case.get("status") == "run":
        return "passed"
    skipped = case.find("skipped")
    asked_for = ("SKIP_REGULAR_EXPRESSION_MATCHED", "SKIP_RETURN_CODE")
    if skipped is not None and skipped.get("message", "").startswith(asked_for):
        return "skipped"
    return "skipped" if case.get("status") == "disabled" else "failed"


def main(path, ctest_exit_code):
    count = {"passed": 0, "failed": 0, "skipped": 0}
    try:
        cases = list(xml.parse(path).getroot().iter("testcase"))
    except (OSError, xml.ParseError) as error:
        print(f"no results of ctest: {error}", file=sys.stderr)
        cases = []
    for case in cases:
        verdict = outcome(case)
        count[verdict] += 1
        if verdict == "failed":
            said = case.findtext("system-out") or "(it could not be run)"
            print(f"--- failed: {case.get('name')}", said.rstrip(), sep="\n", file=sys.stderr)
    if ctest_exit_code != "0" and count["failed"] == 0:
        print(f"ctest failed with exit code {ctest_exit_code}", file=sys.stderr)
        count["failed"] = 1
    print(count["passed"], count["failed"], count["skipped"])


main(*sys.argv[1:])
