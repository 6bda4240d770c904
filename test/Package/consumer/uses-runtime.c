/*===- uses-runtime.c - The installed C API, from C ---------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "vyre-c/Runtime.h"

#include <stdio.h>
#include <string.h>

/* Loads what is no artifact, and expects a refusal that says how to mend it. */
int main(void) {
  if (vyreRuntimeVersion() != VYRE_RUNTIME_VERSION) {
    puts("the header is of another version than the library");
    return 1;
  }
  VyreArtifact *artifact = NULL;
  VyreStatus *status = vyreArtifactLoadMemory("nothing", 7, &artifact);
  if (!status || artifact || !strstr(vyreStatusMessage(status), "Fix:")) {
    puts("seven bytes were taken for an artifact");
    return 1;
  }
  printf("%s\n", vyreStatusMessage(status));
  vyreStatusRelease(status);
  return 0;
}
