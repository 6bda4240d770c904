// RUN: vyre-opt %s --symbol-dce | FileCheck %s --check-prefix=DCE
// RUN: vyre-opt %s --symbol-privatize=exclude=host | FileCheck %s --check-prefix=PRIVATE
// RUN: vyre-opt %s --strip-debuginfo --inline | FileCheck %s --check-prefix=INLINE
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Programs and kernels are symbols: what is used stays, what is private and
// unused goes.

// PRIVATE: vyre.program private @used
// DCE: vyre.program private @used
vyre.program private @used() {
  vyre.return
}

// DCE-NOT: @unused
vyre.program private @unused() {
  vyre.return
}

// DCE: vyre.program @public
vyre.program @public() {
  vyre.return
}

// An opaque stage keeps its kernel's module.
// DCE: gpu.module @kernels
// DCE: gpu.func @k
gpu.module @kernels {
  gpu.func @k() kernel {
    gpu.return
  }
}

// DCE: vyre.program @opaque
vyre.program @opaque(%n: index) {
  vyre.opaque_stage @a @kernels::@k grid(%n, %n, %n) block(1, 1, 1)
  vyre.return
}

// Names of stages and launches are no symbols: they may be those of a program.
// DCE: vyre.launch @public
// DCE-NEXT: vyre.stage @opaque
vyre.program @names(%n: index,
    %x: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input_output>}) {
  vyre.launch @public {
    vyre.stage @opaque (%i) in (%n) updates(%x : memref<4xf32>) {
      %0 = memref.load %x[%i] : memref<4xf32>
      memref.store %0, %x[%i] : memref<4xf32>
    }
  }
  vyre.return
}

// A dispatch is no call: inlining leaves it.
// INLINE-LABEL: func.func @host
// INLINE-NEXT: vyre.dispatch @used()
// DCE: vyre.dispatch @used()
func.func @host() {
  vyre.dispatch @used()
  return
}

// Programs in an inner module are found from there.
// DCE: module @inner
module @inner {
  vyre.program @local() {
    vyre.return
  }
  func.func @host() {
    vyre.dispatch @local()
    return
  }
}
