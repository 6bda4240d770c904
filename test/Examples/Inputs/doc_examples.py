# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""doc_examples.py PAGE_OR_FOLDER...: runs the ```mlir blocks of Markdown pages.

A block that begins with a symbol (vyre.program, func.func, module, an alias) is whole and
must go through vyre-opt; others are fragments. Each op that docs/Dialects/Vyre.md has a
section for must be in a whole block somewhere, and docs/Compiling.md must tell when each
pass of docs/Passes.md runs.
"""

import re
import subprocess
import sys
from pathlib import Path

WHOLE = re.compile(r"(vyre\.program|func\.func|module|gpu\.module|[#!]\w+ =)")
BLOCK = re.compile(r"^```mlir\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PASS = re.compile(r"^### `-([\w-]+)`", re.MULTILINE)
OP = re.compile(r"^### `(vyre\.[\w.]+)`", re.MULTILINE)


def opt(text, *options):
    done = subprocess.run(["vyre-opt", *options, "-"], input=text, capture_output=True)
    if done.returncode != 0:
        raise ValueError(done.stderr.decode())
    return done.stdout


def check(text):
    """Text to text, and text to bytecode to text, must be the same."""
    printed = opt(text.encode())
    if opt(printed) != printed:
        raise ValueError("printed and parsed again, it is another program")
    if opt(opt(printed, "--emit-bytecode")) != printed:
        raise ValueError("through bytecode, it is another program")


def main():
    pages = []
    for name in map(Path, sys.argv[1:]):
        pages += sorted(name.rglob("*.md")) if name.is_dir() else [name]
    wrong, whole, ops, shown, passes, told = [], 0, set(), set(), set(), ""
    for page in pages:
        if not page.exists():
            continue
        text = page.read_text()
        ops.update(OP.findall(text))
        passes.update(PASS.findall(text))
        told += text if page.name == "Compiling.md" else ""
        for match in BLOCK.finditer(text):
            block = match[1]
            if not WHOLE.match(re.sub(r"\A(\s*//.*\n|\s*\n)*", "", block)):
                continue
            whole += 1
            shown.update(re.findall(r"vyre\.\w+(?:\.\w+)*", block))
            try:
                check(block)
            except ValueError as error:
                line = text[: match.start()].count("\n") + 1
                wrong.append(f"{page}:{line}: {error}")
    wrong += [f"no whole example shows {op}" for op in sorted(ops - shown)]
    wrong += [f"Compiling.md does not name {one}" for one in sorted(passes) if f"`{one}`" not in told]
    if not (whole and ops and passes):
        wrong.append(
            f"found {whole} examples, {len(ops)} ops and {len(passes)} passes: is this the folder?"
        )
    print("\n".join(wrong) or f"{whole} examples, {len(ops)} ops, {len(passes)} passes")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
