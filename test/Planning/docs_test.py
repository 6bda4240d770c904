#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Runs the examples of a page: each block ```json request is given to vyre-plan,
on one line, and the answer has to be the block ```json answer that follows, in
the same order of keys. A "..." as the message of an error stands for any.

    docs_test.py VYRE_PLAN PAGE.md
"""

import json
import re
import subprocess
import sys


def main():
    tool, page = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"```json (request|answer)\n(.*?)```", text, re.DOTALL)
    passed = failed = 0
    for (kind, request), (other, expected) in zip(blocks[::2], blocks[1::2]):
        if (kind, other) != ("request", "answer"):
            sys.exit(f"{page}: a request without an answer, or the reverse:\n{request}")
        line = " ".join(request.split()) + "\n"
        run = subprocess.run([tool], input=line.encode(), stdout=subprocess.PIPE, check=False)
        found, expected = json.loads(run.stdout), json.loads(expected)
        message = expected.get("error", {}).get("message")
        if message == "...":
            expected["error"]["message"] = found["error"]["message"]
        if json.dumps(found) == json.dumps(expected):
            passed += 1
            continue
        failed += 1
        print(f"{request}has the answer\n{json.dumps(found)}\nbut the page says\n{json.dumps(expected)}")
    if len(blocks) % 2 or not blocks:
        failed += 1
        print(f"{page} has {len(blocks)} blocks; expected pairs of request and answer")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
