/*===- vyre-c/Runtime.h - C API of the Vyre runtime ---------------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Loads .vyre artifacts and runs their programs on a CPU or a CUDA GPU. No   *|
|* compiler, no LLVM and no CUDA toolkit is needed: only the GPU's driver.    *|
|*                                                                            *|
|* The usual course:                                                          *|
|*   vyreArtifactLoadFile -> vyreDeviceOpen -> vyrePipelineCreate ->          *|
|*   vyrePipelineDispatch, as often as wanted -> the three Release functions. *|
|*                                                                            *|
|* Errors. A function that can fail returns a VyreStatus: NULL for success,   *|
|* else an object with a code and a message that says what was found, what    *|
|* was expected, and how to fix it; the caller gives it back with             *|
|* vyreStatusRelease. On failure, out parameters are left as they were. The   *|
|* library prints nothing, never exits and lets no exception out.             *|
|*                                                                            *|
|* Threads. Any function may be called from any thread. One handle must not   *|
|* be released while another call still uses it.                              *|
|*                                                                            *|
|* Growth. Structs that may grow begin with struct_size: set it to sizeof of  *|
|* the struct as you compiled it. Bytes beyond a caller's struct_size are     *|
|* taken as zero, and zero always means the default. Structs that are used in *|
|* arrays have reserved fields instead, which must be zero.                   *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_RUNTIME_H
#define VYRE_C_RUNTIME_H

#include "vyre-c/Artifact.h"
#include "vyre-c/Backend.h"
#include "vyre-c/Binding.h"
#include "vyre-c/Call.h"
#include "vyre-c/CodeCache.h"
#include "vyre-c/Config.h"
#include "vyre-c/Device.h"
#include "vyre-c/Dispatch.h"
#include "vyre-c/Pipeline.h"
#include "vyre-c/Status.h"
#include "vyre-c/Telemetry.h"

#endif /* VYRE_C_RUNTIME_H */
