"""A zygote for tests: forks a process, locks it in, and has it try something.

Run as a script, by any interpreter that has minigrade on its path or is given
it: ``python forking.py [FOLDER]``. Requests come as lines of JSON, and answers
go as such: the value that came, or what was raised, or how the process ended.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), *sys.argv[1:2]]

import attacks  # noqa: E402

from minigrade.boundary import linux, sandbox  # noqa: E402


def survey(request: dict[str, Any]) -> dict[str, Any]:
    """Survey, and say whether anything changed."""

    def traces() -> list[Any]:
        return [
            attacks.identity(),
            str(Path("/proc/self/ns/net").readlink()),
            attacks.status("NoNewPrivs", "Seccomp"),
        ]

    before = traces()
    needed = [Path(path) for path in request.get("needed", [])]
    plan = sandbox.survey(request.get("policy", "local"), needed)
    return {"plan": plan.to_plain(), "layers": plan.layers, "changed": before != traces()}


def attempt(request: dict[str, Any]) -> Any:
    """Enter the sandbox that `request` describes, then do what it names."""
    os.setsid()
    if "capabilities" in request:  # as root in a container
        linux.drop_capabilities(*request["capabilities"])
    if "as_user" in request:
        linux.become(request["as_user"])
    if request["name"] == "survey":
        return survey(request)
    plan = dataclasses.replace(
        sandbox.Plan.from_plain(request["plan"]),
        limits=sandbox.Limits(**request.get("limits", {})),
    )
    folders = {
        which: [Path(path) for path in request.get(which, [])] for which in ("readable", "writable")
    }
    sandbox.enter(plan, **folders, uid=plan.uid)
    return getattr(attacks, request["name"])(*request.get("arguments", []))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Fork a process for `request`, and return what became of it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = {"value": attempt(request)}
        except BaseException as error:
            told = {"raised": type(error).__name__, "message": str(error)}
        os.write(writer, json.dumps(told).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        told_bytes = stream.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return json.loads(told_bytes) if told_bytes else {"ended": ended}


if __name__ == "__main__":
    sandbox.adopt_orphans()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201
