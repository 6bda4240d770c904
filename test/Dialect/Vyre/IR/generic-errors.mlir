// RUN: vyre-opt %s -allow-unregistered-dialect -split-input-file -verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Hostile IR: what only the generic form can say. Every case must end in a
// diagnostic, never in a signal or a hang.

// expected-error @below {{'vyre.program' op requires attribute 'sym_name'}}
"vyre.program"() <{function_type = () -> ()}> ({
  "vyre.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// expected-error @below {{'vyre.program' op requires attribute 'function_type'}}
"vyre.program"() <{sym_name = "p"}> ({
  "vyre.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// expected-error @below {{'vyre.program' op attribute 'function_type' failed to satisfy constraint: type attribute of function type}}
"vyre.program"() <{sym_name = "p", function_type = i32}> ({
}) : () -> ()

// -----

// expected-error @below {{'vyre.program' op expects a non-empty block}}
"vyre.program"() <{sym_name = "p", function_type = () -> ()}> ({
^bb0:
}) : () -> ()

// -----

// expected-error @below {{'vyre.program' op expects region #0 to have 0 or 1 blocks}}
"vyre.program"() <{sym_name = "p", function_type = () -> ()}> ({
  "vyre.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
^bb1:
  "vyre.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

"vyre.program"() <{sym_name = "p", function_type = () -> ()}> ({
  // expected-error @below {{block with no terminator}}
  %0 = "arith.constant"() <{value = 0 : index}> : () -> index
}) : () -> ()

// -----

// expected-error @below {{'vyre.program' op ends with 'llvm.unreachable', expected 'vyre.return'}}
"vyre.program"() <{sym_name = "p", function_type = () -> ()}> ({
  "llvm.unreachable"() : () -> ()
}) : () -> ()

// -----

// expected-error @below {{'vyre.program' op entry block must have 1 arguments to match function signature}}
"vyre.program"() <{sym_name = "p", function_type = (index) -> ()}> ({
  "vyre.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// expected-error @below {{'vyre.program' op type of entry block argument #0('f32') must match the type of the corresponding argument in function signature('index')}}
"vyre.program"() <{sym_name = "p", function_type = (index) -> ()}> ({
^bb0(%x: f32):
  "vyre.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// expected-error @below {{'vyre.program' op expects argument attribute array to have the same number of elements as the number of function arguments, got 2, but expected 1}}
"vyre.program"() <{sym_name = "p", function_type = (index) -> (), arg_attrs = [{}, {}]}> ({
^bb0(%x: index):
  "vyre.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// A binding that is none.
// expected-error @below {{'vyre.program' op argument 0: 'vyre.binding' is unit, expected a #vyre.binding}}
"vyre.program"() <{sym_name = "p", function_type = (memref<4xf32>) -> (), arg_attrs = [{vyre.binding}]}> ({
^bb0(%x: memref<4xf32>):
  "vyre.stage"(%x) <{stage_name = "s", operandSegmentSizes = array<i32: 0, 1, 0, 0>}> ({
    "vyre.yield"() : () -> ()
  }) : (memref<4xf32>) -> ()
  "vyre.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// Without the position of its counts a return has none.
"vyre.program"() <{sym_name = "p", function_type = () -> ()}> ({
  "vyre.return"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

vyre.program @segments(%n: index,
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op operand count (1) does not match with the total size (2) specified in attribute 'operandSegmentSizes'}}
  "vyre.return"(%y) <{count_of = array<i32: -1>, operandSegmentSizes = array<i32: 1, 1>}> : (memref<4xf32>) -> ()
}

// -----

vyre.program @positions(%n: index,
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op has 0 count positions for 1 result}}
  "vyre.return"(%y) <{operandSegmentSizes = array<i32: 1, 0>}> : (memref<4xf32>) -> ()
}

// -----

vyre.program @positions(%n: index,
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op has the count position 1, expected -1 or that of a count, each once}}
  "vyre.return"(%y, %n) <{count_of = array<i32: 1>, operandSegmentSizes = array<i32: 1, 1>}> : (memref<4xf32>, index) -> ()
}

// -----

vyre.program @positions(%n: index,
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op has the count position -2147483648, expected -1 or}}
  "vyre.return"(%y) <{count_of = array<i32: -2147483648>, operandSegmentSizes = array<i32: 1, 0>}> : (memref<4xf32>) -> ()
}

// -----

vyre.program @unused(%n: index,
    %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = output>})
    -> memref<4xf32> {
  // expected-error @below {{'vyre.return' op has a count of no result}}
  "vyre.return"(%y, %n) <{count_of = array<i32: -1>, operandSegmentSizes = array<i32: 1, 1>}> : (memref<4xf32>, index) -> ()
}

// -----

func.func @elsewhere() {
  // expected-error @below {{'vyre.return' op expects parent op 'vyre.program'}}
  "vyre.return"() <{count_of = array<i32>, operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}

// -----

func.func @elsewhere(%y: memref<?xf32>, %n: index) {
  // expected-error @below {{'vyre.extents' op expects parent op 'vyre.program'}}
  "vyre.extents"(%y, %n) : (memref<?xf32>, index) -> ()
  return
}

// -----

vyre.program @unranked(%n: index, %y: memref<4xf32> {vyre.binding = #vyre.binding<slot = 0, role = input>}) {
  %u = "test.unranked"() : () -> memref<*xf32>
  // expected-error @below {{'vyre.extents' op operand #0 must be memref of any type values, but got 'memref<*xf32>'}}
  "vyre.extents"(%u, %n) : (memref<*xf32>, index) -> ()
  vyre.return
}

// -----

// Extents that go round in a ring end all the same.
vyre.program @ring(%n: index,
    %y: memref<?xf32> {vyre.binding = #vyre.binding<slot = 0, role = output, capacity = 64>}) {
  %a = arith.addi %b, %n : index
  // expected-error @above {{operand #0 does not dominate this use}}
  %b = arith.addi %a, %n : index
  // expected-note @above {{operand defined here (op in the same block)}}
  vyre.extents %y[%b] : memref<?xf32>
  vyre.return
}

// -----

vyre.program @stage(%n: index) {
  // expected-error @below {{'vyre.stage' op region #0 ('body') failed to verify constraint: region with 1 blocks}}
  "vyre.stage"(%n) <{stage_name = "s", operandSegmentSizes = array<i32: 1, 0, 0, 0>}> ({
  }) : (index) -> ()
  vyre.return
}

// -----

vyre.program @stage(%n: index) {
  // expected-error @below {{'vyre.stage' op expects a non-empty block}}
  "vyre.stage"(%n) <{stage_name = "s", operandSegmentSizes = array<i32: 1, 0, 0, 0>}> ({
  ^bb0(%i: index):
  }) : (index) -> ()
  vyre.return
}

// -----

vyre.program @stage(%n: index) {
  // expected-error @below {{'vyre.stage' op has a body with 2 arguments, expected one for each of 1 extent}}
  "vyre.stage"(%n) <{stage_name = "s", operandSegmentSizes = array<i32: 1, 0, 0, 0>}> ({
  ^bb0(%i: index, %j: index):
    "vyre.yield"() : () -> ()
  }) : (index) -> ()
  vyre.return
}

// -----

vyre.program @stage(%n: index) {
  // expected-error @below {{'vyre.stage' op has a body argument of type 'i32', expected index}}
  "vyre.stage"(%n) <{stage_name = "s", operandSegmentSizes = array<i32: 1, 0, 0, 0>}> ({
  ^bb0(%i: i32):
    "vyre.yield"() : () -> ()
  }) : (index) -> ()
  vyre.return
}

// -----

vyre.program @stage(%n: index) {
  // expected-error @below {{'vyre.stage' op expects regions to end with 'vyre.yield', found 'llvm.unreachable'}}
  // expected-note @below {{in custom textual format, the absence of terminator implies 'vyre.yield'}}
  "vyre.stage"(%n) <{stage_name = "s", operandSegmentSizes = array<i32: 1, 0, 0, 0>}> ({
  ^bb0(%i: index):
    "llvm.unreachable"() : () -> ()
  }) : (index) -> ()
  vyre.return
}

// -----

vyre.program @stage(%n: index) {
  // expected-error @below {{'vyre.stage' op requires attribute 'stage_name'}}
  "vyre.stage"(%n) <{operandSegmentSizes = array<i32: 1, 0, 0, 0>}> ({
  ^bb0(%i: index):
    "vyre.yield"() : () -> ()
  }) : (index) -> ()
  vyre.return
}

// -----

vyre.program @stage(%n: index) {
  // expected-error @below {{'vyre.stage' op operand count (1) does not match with the total size (2) specified in attribute 'operandSegmentSizes'}}
  "vyre.stage"(%n) <{stage_name = "s", operandSegmentSizes = array<i32: 1, 1, 0, 0>}> ({
  ^bb0(%i: index):
    "vyre.yield"() : () -> ()
  }) : (index) -> ()
  vyre.return
}

// -----

vyre.program @stage(%n: index, %f: f32) {
  // expected-error @below {{'vyre.stage' op operand #1 must be variadic of memref of any type values, but got 'f32'}}
  "vyre.stage"(%n, %f) <{stage_name = "s", operandSegmentSizes = array<i32: 1, 1, 0, 0>}> ({
  ^bb0(%i: index):
    "vyre.yield"() : () -> ()
  }) : (index, f32) -> ()
  vyre.return
}

// -----

func.func @elsewhere() {
  // expected-error @below {{'vyre.yield' op expects parent op 'vyre.stage'}}
  "vyre.yield"() : () -> ()
}

// -----

vyre.program @launch() {
  // expected-error @below {{'vyre.launch' op region #0 ('body') failed to verify constraint: region with 1 blocks}}
  "vyre.launch"() <{launch_name = "l"}> ({
  }) : () -> ()
  vyre.return
}

// -----

vyre.program @launch() {
  // expected-error @below {{'vyre.launch' op region should have no arguments}}
  "vyre.launch"() <{launch_name = "l"}> ({
  ^bb0(%i: index):
    "vyre.stage"() <{stage_name = "s", operandSegmentSizes = array<i32: 0, 0, 0, 0>}> ({
      "vyre.yield"() : () -> ()
    }) : () -> ()
  }) : () -> ()
  vyre.return
}

// -----

vyre.program @opaque(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op requires attribute 'block'}}
  "vyre.opaque_stage"(%n, %n, %n) <{stage_name = "s", kernel = @k, operandSegmentSizes = array<i32: 3, 0, 0, 0, 0, 0, 0>}> : (index, index, index) -> ()
  vyre.return
}

// -----

vyre.program @opaque(%n: index) {
  // expected-error @below {{'vyre.opaque_stage' op has 0 grid extents, expected 3}}
  "vyre.opaque_stage"() <{stage_name = "s", kernel = @k, block = array<i32: 1, 1, 1>, operandSegmentSizes = array<i32: 0, 0, 0, 0, 0, 0, 0>}> : () -> ()
  vyre.return
}

// -----

vyre.program @constant() {
  // expected-error @below {{'vyre.constant' op requires attribute 'value'}}
  %w = "vyre.constant"() : () -> memref<4xf32>
  vyre.return
}

// -----

vyre.program @intermediate(%f: f32) {
  // expected-error @below {{'vyre.intermediate' op operand #0 must be variadic of index, but got 'f32'}}
  %w = "vyre.intermediate"(%f) : (f32) -> memref<?xf32>
  vyre.return
}

// -----

vyre.program @intermediate() {
  // expected-error @below {{'vyre.intermediate' op result #0 must be memref of any type values, but got 'memref<*xf32>'}}
  %w = "vyre.intermediate"() : () -> memref<*xf32>
  vyre.return
}

// -----

func.func @dispatch() {
  // expected-error @below {{'vyre.dispatch' op requires attribute 'program'}}
  "vyre.dispatch"() : () -> ()
  return
}

// -----

func.func @dispatch() {
  // expected-error @below {{Invalid attribute `program` in property conversion: @a::@b}}
  "vyre.dispatch"() <{program = @a::@b}> : () -> ()
  return
}
