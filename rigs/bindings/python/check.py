"""Runs every check of the modules below through the real boundary. A line `ok` or `FAILED` per check."""

import inspect
import sys
import traceback

import account_rules
import boundary_rules
import hardware_rules
import hybrid_rules
import invalidation_rules
import reach_rules
import system_rules
import verification_rules

MODULES = [
    hardware_rules,
    reach_rules,
    account_rules,
    system_rules,
    verification_rules,
    invalidation_rules,
    boundary_rules,
    hybrid_rules,
]
# Functions of a module that are no checks: they take arguments, or make what checks go through.
HELPERS = {"after_a_failed_finger", "seen", "silent", "throws"}


def checks(module):
    for name, function in vars(module).items():
        own = inspect.isfunction(function) and function.__module__ == module.__name__
        if own and name not in HELPERS and not inspect.signature(function).parameters:
            yield name, function


def main():
    failures = 0
    for module in MODULES:
        for name, function in checks(module):
            try:
                function()
                print(f"ok {name}", flush=True)
            except Exception:
                failures += 1
                print(f"FAILED {name}", flush=True)
                traceback.print_exc()
    return 1 if failures else 0


sys.exit(main())
