# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""doc_links.py ROOT: follows the links of the Markdown pages below a folder.

Each relative link must lead to a file or folder, and what follows a # to a heading of that
page, by the name that GitHub gives it. Links to other sites are not followed.
"""

import re
import sys
from pathlib import Path

CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def headingNames(text):
    """A repeated name gets a number."""
    names = set()
    for heading in HEADING.findall(text):
        heading = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).strip().lower()
        name = re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")
        repeats = [name, *(f"{name}-{i}" for i in range(1, 100))]
        names.add(next(one for one in repeats if one not in names))
    return names


def main():
    root = Path(sys.argv[1]).resolve()
    pages = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    texts = {page: CODE.sub("", page.read_text()) for page in pages}
    wrong, count = [], 0
    for page, text in sorted(texts.items()):
        for link in LINK.findall(text):
            if re.match(r"[a-z]+:", link):
                continue
            count += 1
            path, _, heading = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists():
                wrong.append(f"{page}: {link} leads nowhere")
            elif heading and heading not in headingNames(texts.get(target, "")):
                wrong.append(f"{page}: {target.name} has no heading {heading}")
    print("\n".join(wrong) or f"{count} links")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
