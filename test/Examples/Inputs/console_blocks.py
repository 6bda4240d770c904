# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""console_blocks.py PAGE.md FOLDER [--update]: runs the console blocks of a page.

The page's ```mlir blocks are written to FOLDER first, under the names that the text
before them gives (`name.mlir`). In a ```console block a line that begins with '$ ' is
a command and what follows is its output, standard error included. A line that begins
with 'device:' names the machine, so only its first two words count. --update writes the
page anew with what came out.
"""

import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"^```(mlir|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def runBlock(block, folder):
    """The block with the output that its commands give now."""
    lines = []
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines += ["$ " + command, *done.stdout.splitlines()]
        if done.returncode != 0:
            lines.append(f"(ended with {done.returncode})")
    return "\n".join(lines) + "\n"


def comparable(block):
    return re.sub(r"^(device: \S+).*$", r"\1", block, flags=re.MULTILINE).splitlines()


def main():
    page, folder = Path(sys.argv[1]), Path(sys.argv[2])
    text = page.read_text()
    pieces, end, failed, blocks = [], 0, False, 0
    for match in BLOCK.finditer(text):
        kind, block = match.groups()
        if kind == "mlir":
            names = re.findall(r"`([\w-]+\.mlir)`", text[: match.start()])
            if names:
                (folder / names[-1]).write_text(block)
            continue
        blocks += 1
        found = runBlock(block, folder)
        pieces += [text[end : match.start(2)], found]
        end = match.end(2)
        difference = list(
            difflib.unified_diff(comparable(block), comparable(found), "page", "now", lineterm="")
        )
        failed = failed or bool(difference)
        print("\n".join(difference))
    if "--update" in sys.argv:
        page.write_text("".join(pieces) + text[end:])
        return 0
    if not blocks:
        print(f"{page} has no console block")
    return 1 if failed or not blocks else 0


if __name__ == "__main__":
    sys.exit(main())
