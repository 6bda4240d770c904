//===- Loops.cpp - Loops written by hand, for the CPU ---------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a programmer would write for the cases of measure.py and leave to the
// compiler: each element is read once, and the innermost loop is over
// neighbours. Times are taken as those of an artifact are.
//
//===----------------------------------------------------------------------===//

#include "../fusion/Measure.h"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace {

/// What a loop takes: `rows` x `columns` of each array; a product's factors
/// have `inner` columns and rows, a chain has `inner` steps.
struct Loop {
  const float *x, *y;
  float *out;
  int64_t rows, columns, inner;
};

} // namespace

/// Multipliers and addends of a chain are in `y`.
template <int Length> static void chain(const Loop &loop) {
  const float *__restrict__ x = loop.x;
  float *__restrict__ out = loop.out;
  float multiply[Length], add[Length];
  std::memcpy(multiply, loop.y, sizeof(multiply));
  std::memcpy(add, loop.y + 64, sizeof(add));
  for (int64_t i = 0; i < loop.rows; ++i) {
    float value = x[i];
    for (int step = 0; step < Length; ++step)
      value = std::fma(value, multiply[step], add[step]);
    out[i] = value;
  }
}

static void softmax(const Loop &loop) {
  for (int64_t i = 0; i < loop.rows; ++i) {
    const float *__restrict__ x = loop.x + i * loop.columns;
    float *__restrict__ out = loop.out + i * loop.columns;
    float top = x[0];
    for (int64_t j = 1; j < loop.columns; ++j)
      top = x[j] > top ? x[j] : top;
    float sum = 0;
    for (int64_t j = 0; j < loop.columns; ++j) {
      out[j] = std::exp(x[j] - top);
      sum += out[j];
    }
    for (int64_t j = 0; j < loop.columns; ++j)
      out[j] /= sum;
  }
}

/// Gain and bias are in `y`.
static void layernorm(const Loop &loop) {
  const float *__restrict__ gain = loop.y;
  const float *__restrict__ bias = gain + loop.columns;
  for (int64_t i = 0; i < loop.rows; ++i) {
    const float *__restrict__ x = loop.x + i * loop.columns;
    float *__restrict__ out = loop.out + i * loop.columns;
    float sum = 0, squares = 0;
    for (int64_t j = 0; j < loop.columns; ++j)
      sum += x[j];
    float mean = sum / float(loop.columns);
    for (int64_t j = 0; j < loop.columns; ++j)
      squares += (x[j] - mean) * (x[j] - mean);
    float deviation = std::sqrt(squares / float(loop.columns) + 1e-5f);
    for (int64_t j = 0; j < loop.columns; ++j)
      out[j] = (x[j] - mean) / deviation * gain[j] + bias[j];
  }
}

static void sumAll(const Loop &loop) {
  float sum = 0;
  for (int64_t i = 0; i < loop.rows * loop.columns; ++i)
    sum += loop.x[i];
  *loop.out = sum;
}

static void sumColumns(const Loop &loop) {
  float *__restrict__ out = loop.out;
  for (int64_t j = 0; j < loop.columns; ++j)
    out[j] = 0;
  for (int64_t i = 0; i < loop.rows; ++i)
    for (int64_t j = 0; j < loop.columns; ++j)
      out[j] += loop.x[i * loop.columns + j];
}

static void product(const Loop &loop) {
  for (int64_t i = 0; i < loop.rows; ++i) {
    float *__restrict__ out = loop.out + i * loop.columns;
    for (int64_t j = 0; j < loop.columns; ++j)
      out[j] = 0;
    for (int64_t k = 0; k < loop.inner; ++k) {
      float a = loop.x[i * loop.inner + k];
      const float *__restrict__ b = loop.y + k * loop.columns;
      for (int64_t j = 0; j < loop.columns; ++j)
        out[j] += a * b[j];
    }
  }
}

static void (*find(const char *name))(const Loop &) {
  static constexpr struct {
    const char *name;
    void (*run)(const Loop &);
  } loops[] = {{"chain4", chain<4>},        {"chain16", chain<16>},
               {"softmax", softmax},        {"layernorm", layernorm},
               {"sum_all", sumAll},         {"sum_rows", sumAll},
               {"sum_columns", sumColumns}, {"product", product}};
  for (const auto &loop : loops)
    if (std::strcmp(loop.name, name) == 0)
      return loop.run;
  return nullptr;
}

/// Microseconds of one run of a loop; negative where there is none of the name.
extern "C" double measureLoop(const char *name, const float *x, const float *y,
                              float *out, int64_t rows, int64_t columns,
                              int64_t inner, uint32_t rounds) {
  auto run = find(name);
  if (!run)
    return -1;
  Loop loop = {x, y, out, rows, columns, inner};
  Stopwatch stopwatch;
  return medianOfRuns(
      stopwatch, rounds, /*sets=*/1, [&](unsigned) { run(loop); }, [] {});
}
