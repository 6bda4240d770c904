// RUN: vyre-opt %s -split-input-file -verify-diagnostics
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a capture plan has to be in itself.

// expected-error @below {{'func.func' op has vyre.capture_plan = 3 : i64, expected a #vyre.capture_plan on a program}}
func.func private @plan() attributes {vyre.capture_plan = 3}

// -----
// expected-error @below {{a node of kind upload without an argument, expected the one that is copied}}
func.func private @node() attributes {test.a = #vyre.capture_node<kind = upload>}

// -----
// expected-error @below {{a node of kind pack with an argument, expected none}}
func.func private @node() attributes {test.a = #vyre.capture_node<kind = pack, argument = 0>}

// -----
// expected-error @below {{a node of kind launch without a launch, expected its name}}
func.func private @node() attributes {test.a = #vyre.capture_node<kind = launch>}

// -----
// expected-error @below {{a node of kind download with a launch, expected none}}
func.func private @node() attributes {test.a = #vyre.capture_node<kind = download, argument = 0, launch = @a>}

// -----
// expected-error @below {{a node after 3, 3, expected ascending positions}}
func.func private @node() attributes {test.a = #vyre.capture_node<kind = pack, after = 3, 3>}

// -----
// expected-error @below {{tables of 1 inputs, 1 outputs and 3 pointers, expected a pointer for each}}
func.func private @tables() attributes {test.a = #vyre.capture_tables<inputs = 1, outputs = 1, readbacks = 1, pointers = 3, arguments = 4, resident_replay = true>}

// -----
// expected-error @below {{tables of 2 pointers and 2 arguments, expected one more}}
func.func private @tables() attributes {test.a = #vyre.capture_tables<inputs = 1, outputs = 1, readbacks = 1, pointers = 2, arguments = 2, resident_replay = true>}

// -----
// expected-error @below {{tables of 3 readbacks and 2 pointers, expected at most as many}}
func.func private @tables() attributes {test.a = #vyre.capture_tables<inputs = 1, outputs = 1, readbacks = 3, pointers = 2, arguments = 3, resident_replay = true>}

// -----
// expected-error @below {{a table of 18446744073709551615 entries, expected at most 2147483647}}
func.func private @tables() attributes {test.a = #vyre.capture_tables<inputs = 18446744073709551615, outputs = 1, readbacks = 1, pointers = 0, arguments = 1, resident_replay = true>}

// -----
// expected-error @below {{an arena of 512 bytes, 256 side by side and 512 in order, expected the last to be the least}}
func.func private @arena() attributes {test.a = #vyre.arena_plan<bytes = 512, concurrent_bytes = 256, in_order_bytes = 512, offsets = [], edges = []>}

// -----
// expected-error @below {{an offset of 768, expected one within the arena's 512 bytes}}
func.func private @arena() attributes {test.a = #vyre.arena_plan<bytes = 512, concurrent_bytes = 512, in_order_bytes = 512, offsets = [0, 768], edges = []>}

// -----
// expected-error @below {{edges with 3 ends, expected pairs of launches}}
func.func private @arena() attributes {test.a = #vyre.arena_plan<bytes = 512, concurrent_bytes = 512, in_order_bytes = 512, offsets = [], edges = [0, 1, 2]>}

// -----
// expected-error @below {{an edge from launch 1 to launch 1, expected one to a later launch}}
func.func private @arena() attributes {test.a = #vyre.arena_plan<bytes = 512, concurrent_bytes = 512, in_order_bytes = 512, offsets = [], edges = [1, 1]>}

// -----
// expected-error @below {{node 0 is 3 : i64, expected a #vyre.capture_node}}
func.func private @plan() attributes {test.a = #vyre.capture_plan<policy = auto, tables = <inputs = 0, outputs = 0, readbacks = 0, pointers = 0, arguments = 1, resident_replay = true>, nodes = [3]>}

// -----
// expected-error @below {{node 0 is after node 0, expected nodes before it}}
func.func private @plan() attributes {test.a = #vyre.capture_plan<policy = auto, tables = <inputs = 0, outputs = 0, readbacks = 0, pointers = 0, arguments = 1, resident_replay = true>, nodes = [#vyre.capture_node<kind = pack, after = 0>]>}

// -----
// expected-error @below {{node 0 copies argument 1, there are 1}}
func.func private @plan() attributes {test.a = #vyre.capture_plan<policy = auto, tables = <inputs = 1, outputs = 0, readbacks = 0, pointers = 1, arguments = 2, resident_replay = true>, nodes = [#vyre.capture_node<kind = upload, argument = 1>], replay = read_only>}

// -----
// expected-error @below {{an edge of launch 1, there are 0}}
func.func private @plan() attributes {test.a = #vyre.capture_plan<policy = auto, tables = <inputs = 0, outputs = 0, readbacks = 0, pointers = 0, arguments = 1, resident_replay = true>, nodes = [], arena = <bytes = 512, concurrent_bytes = 512, in_order_bytes = 512, offsets = [], edges = [1, 2]>>}

// -----
// expected-error @below {{an arena of 512 bytes, expected at most 511}}
func.func private @plan() attributes {test.a = #vyre.capture_plan<policy = auto, max_arena_bytes = 511, tables = <inputs = 0, outputs = 0, readbacks = 0, pointers = 0, arguments = 1, resident_replay = true>, nodes = [], arena = <bytes = 512, concurrent_bytes = 512, in_order_bytes = 512, offsets = [], edges = []>>}
