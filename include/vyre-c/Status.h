/*===- vyre-c/Status.h - Errors, and the library's version --------*- C -*-===*\
|*                                                                            *|
|* Part of the Vyre project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* What every function of the C API returns, and which release of it this is. *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef VYRE_C_STATUS_H
#define VYRE_C_STATUS_H

#include <stddef.h>
#include <stdint.h>

#if defined(VYRE_RUNTIME_STATIC)
#define VYRE_API
#else
#define VYRE_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this header: major * 10000 + minor * 100 + patch. */
#define VYRE_RUNTIME_VERSION 100

/** The version of the loaded library, in the form of VYRE_RUNTIME_VERSION.
 *  Available since 0.1. */
VYRE_API uint32_t vyreRuntimeVersion(void);

/** What went wrong. NULL is success. Available since 0.1. */
typedef struct VyreStatus VyreStatus;

/** The kind of an error. Values are only ever added. Available since 0.1. */
typedef enum VyreStatusCode {
  VYRE_STATUS_OK = 0,
  /** An argument, binding or configuration is wrong. Nothing was launched. */
  VYRE_STATUS_INVALID_ARGUMENT = 1,
  /** There is no such program, argument, device or file. */
  VYRE_STATUS_NOT_FOUND = 2,
  /** The file or memory is not a whole, consistent artifact. */
  VYRE_STATUS_BAD_ARTIFACT = 3,
  /** A sound request that this runtime, device or artifact cannot serve. */
  VYRE_STATUS_UNSUPPORTED = 4,
  /** Host or device memory is exhausted. */
  VYRE_STATUS_OUT_OF_MEMORY = 5,
  /** No driver, no such device, or it does not answer. */
  VYRE_STATUS_DEVICE_UNAVAILABLE = 6,
  /** The driver reported an error; the device can be used again. */
  VYRE_STATUS_DEVICE_ERROR = 7,
  /** The device failed in a way that only a new process heals. The message
   *  holds the first cause. */
  VYRE_STATUS_DEVICE_LOST = 8,
  /** The time limit ended the wait. The work goes on. */
  VYRE_STATUS_DEADLINE_EXCEEDED = 9,
  /** The call does not fit the object's present state. */
  VYRE_STATUS_FAILED_PRECONDITION = 10,
  /** Reading a file failed. */
  VYRE_STATUS_IO_ERROR = 11,
  /** A defect of the runtime itself. */
  VYRE_STATUS_INTERNAL = 12,
  /** The device wrote a count that a result can't have. Every other result is
   *  right and readable. */
  VYRE_STATUS_INVALID_RESULT = 13
} VyreStatusCode;

/** The code of a status; VYRE_STATUS_OK for NULL. Available since 0.1. */
VYRE_API VyreStatusCode vyreStatusCode(const VyreStatus *status);

/** The message of a status, NUL-terminated, valid until the status is
 *  released; "" for NULL. Available since 0.1. */
VYRE_API const char *vyreStatusMessage(const VyreStatus *status);

/** The code's name, for example "invalid argument". Available since 0.1. */
VYRE_API const char *vyreStatusCodeName(uint32_t code);

/** A new status, for functions that a caller hands to the runtime: see
 *  vyre-c/Backend.h. NULL for VYRE_STATUS_OK. The message is copied; NULL is
 *  "". Available since 0.1. */
VYRE_API VyreStatus *vyreStatusCreate(VyreStatusCode code, const char *message);

/** Gives a status back. NULL is fine. Available since 0.1. */
VYRE_API void vyreStatusRelease(VyreStatus *status);

#ifdef __cplusplus
}
#endif

#endif /* VYRE_C_STATUS_H */
