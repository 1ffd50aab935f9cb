"""Runs test modules of an installed package as they are, and prints one JSON document a line for each test.

Usage: run_modules.py <module>...; the documents have id, outcome and text.
"""
import json
import sys
import unittest


class LineResult(unittest.TestResult):
    """Tells what became of each test as soon as it is known; names are those of the runner's own table."""

    def _tell(self, test, outcome, text=""):
        print(json.dumps({"id": test.id(), "outcome": outcome, "text": text}), flush=True)

    def addSuccess(self, test):
        self._tell(test, "passed")

    def addFailure(self, test, err):
        self._tell(test, "failed", self._exc_info_to_string(err, test))

    def addError(self, test, err):
        self._tell(test, "error", self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        self._tell(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        self._tell(test, "passed")

    def addUnexpectedSuccess(self, test):
        self._tell(test, "failed", "It was expected to fail.")

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(subtest, err)


unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:]).run(LineResult())
