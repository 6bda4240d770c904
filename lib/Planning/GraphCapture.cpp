//===- GraphCapture.cpp - The tables that a captured program needs --------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "vyre/Planning/GraphCapture.h"

#include "vyre/Planning/CheckedArithmetic.h"

using namespace vyre::planning;

PlanResult<GraphCaptureBindingPlan, GraphCaptureError>
vyre::planning::planGraphCaptureBindings(Span<const Binding> bindings) {
  return extendGraphCaptureBindings(GraphCaptureBindingPlan(), bindings);
}

PlanResult<GraphCaptureBindingPlan, GraphCaptureError>
vyre::planning::extendGraphCaptureBindings(
    const GraphCaptureBindingPlan &recorded, Span<const Binding> bindings) {
  // None of these counts more than the bindings, so none of them wraps.
  size_t pointers = 0, inputs = 0, readbacks = 0, states = 0, updates = 0;
  for (const Binding &binding : bindings) {
    bool isBound = binding.role != BindingRole::Shared;
    bool isUploaded = isBound & binding.inputIndex.has_value();
    bool isReadBack = isBound & binding.outputIndex.has_value();
    pointers += isBound;
    inputs += isUploaded;
    readbacks += isReadBack;
    updates += isUploaded & isReadBack;
    states += binding.role == BindingRole::State;
  }

  GraphCaptureBindingPlan plan = recorded;
  if (!checkedAdd(plan.kernelPointerCapacity, pointers))
    return CapacityOverflow{"kernel pointer table"};
  if (!checkedAdd(plan.inputDeviceCapacity, inputs))
    return CapacityOverflow{"input device table"};
  if (!checkedAdd(plan.outputDeviceCapacity, pointers - inputs))
    return CapacityOverflow{"output device table"};
  if (!checkedAdd(plan.outputReadbackCapacity, readbacks))
    return CapacityOverflow{"output readback table"};
  // The launch parameters are an argument besides the pointers.
  plan.kernelArgumentCapacity = plan.kernelPointerCapacity;
  if (!checkedAdd(plan.kernelArgumentCapacity, size_t(1)))
    return CapacityOverflow{"kernel argument table"};
  plan.residentInputReplaySafe &= updates == 0 && states == 0;
  return plan;
}
