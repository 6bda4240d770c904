#!/usr/bin/env python3
#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""Compares vyre-plan with the reference on generated requests.

    compare_with_reference.py VYRE_PLAN

Prints each difference, and as its last line 'N passed, N failed', counted in
requests.
"""

import json
import random
import subprocess
import sys

import reference

U64 = 2**64 - 1


class Generator:
    """Requests of each planner: many that can be planned, many that cannot."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def bytes(self, wild):
        """A small number, or if wild one near a power of two."""
        if wild and self.chance(6):
            number = (1 << self.random.randrange(65)) + self.random.randint(-2, 2)
            return min(max(number, 0), U64)
        return self.random.choice([0, 1, 2, 3, 5, 8, 16, 24, 100])

    def ids(self, count):
        """Distinct 32-bit numbers, but for a repeat now and then."""
        if self.chance(2):
            ids = list(range(count))
        else:
            ids = self.random.sample(range(2**32), count)
        self.random.shuffle(ids)
        if count > 1 and self.chance(12):
            ids[self.random.randrange(count)] = self.random.choice(ids)
        return ids

    def fusion(self, largest, strategies):
        wild = self.chance(4)
        layouts = self.random.choice([1, 2, 5])
        hosts = self.random.choice([2, 10, 10**9])
        stages = []
        for index, stage_id in enumerate(self.ids(self.random.randint(0, largest))):
            stage = {
                "id": stage_id,
                "layout_hash": self.random.randrange(layouts) * (U64 // 7),
                "input_bytes": self.bytes(wild),
                "output_bytes": self.bytes(wild),
                "scratch_bytes": self.bytes(wild),
                "requires_host_materialization": self.chance(hosts),
            }
            if self.chance(3):
                start = self.random.randint(0, index)
                stage["first_legal_start"] = start + self.chance(100)
            if self.chance(2):
                forwarded = self.random.randint(0, stage["output_bytes"])
                stage["forwarded_bytes"] = min(forwarded + self.chance(100), U64)
            stages.append(stage)
        budget = self.random.choice([30, 100, 200, 400, 2000, 2000, U64, U64])
        if self.chance(40):
            budget = 0
        request = {"plan": "fusion", "stages": stages, "max_group_bytes": budget}
        if self.chance(2):
            request["accounting"] = self.random.choice(["sum", "live"])
        strategy = self.random.choice(strategies)
        if strategy:
            request["strategy"] = strategy
        return request

    def compaction(self):
        wild = self.chance(4)
        slots = []
        for slot in self.ids(self.random.choice([0, 1, 2, 5, 20, 60])):
            capacity = self.bytes(wild)
            meaningful = self.random.randint(0, capacity)
            if self.chance(300):
                meaningful = min(capacity + 1, U64)
            slots.append(
                {
                    "slot": slot,
                    "meaningful_bytes": meaningful,
                    "capacity_bytes": capacity,
                }
            )
        request = {
            "plan": "compaction",
            "slots": slots,
            "max_compact_record_bytes": self.bytes(wild),
        }
        if self.chance(2):
            alignments = [1, 2, 4, 16, 256, 1 << 40, 1 << 63]
            if self.chance(20):
                alignments = [0, 3, U64]
            request["record_alignment"] = self.random.choice(alignments)
        if self.chance(2):
            request["max_slab_bytes"] = self.random.choice([0, 10, 50, 1000, U64])
        return request

    def queue(self):
        wild = self.chance(2)
        capacity = self.bytes(wild)
        request = {
            "plan": "queue",
            "initial_items": self.random.randint(0, capacity),
            "queue_capacity": capacity,
            "entry_bytes": self.bytes(wild),
            "control_bytes": self.bytes(wild),
            "budget_bytes": self.random.choice([U64, U64, self.bytes(wild)]),
            "host_sync": "host_participates" if self.chance(15) else "final_only",
        }
        if self.chance(15):
            request["initial_items"] = min(capacity + 1, U64)
        if not self.chance(4):
            request["max_items_per_drain_launch"] = self.bytes(wild)
        return request

    def capture(self):
        roles = ["input", "output", "input_output", "shared", "state"]
        if self.chance(2):
            roles.remove("state")
        bindings = []
        for number in range(self.random.choice([0, 1, 3, 10, 58])):
            binding = {"role": self.random.choice(roles)}
            if self.chance(2):
                binding.update(name=f"b{number}", binding=number, buffer_index=number)
            if self.chance(2):
                binding["input_index"] = number
            if self.chance(3):
                binding["output_index"] = self.random.choice([0, number, U64])
            bindings.append(binding)
        return {"plan": "capture", "bindings": bindings}

    def cache_audit(self):
        known = [True, False] if self.chance(2) else [None]
        return {
            "plan": "cache-audit",
            "observations": self.random.choices(
                known + [None], k=self.random.choice([0, 1, 3, 50])
            ),
            "alarm_threshold_bps": self.random.choice([0, 1, 5000, 6666, 10000]),
        }


def make_requests():
    generator = Generator(20)
    requests = []
    for index in range(4096):
        largest = [4, 12, 60][index % 3]
        requests.append(generator.fusion(largest, [None, "greedy"]))
    for _ in range(1024):
        requests.append(generator.fusion(8, ["optimal"]))
    requests += [generator.compaction() for _ in range(4096)]
    requests += [generator.queue() for _ in range(2048)]
    requests += [generator.capture() for _ in range(768)]
    requests += [generator.cache_audit() for _ in range(256)]
    return requests


def main():
    requests = make_requests()
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    run = subprocess.run(
        [sys.argv[1]], input=lines.encode(), stdout=subprocess.PIPE, check=False
    )
    answers = run.stdout.decode().splitlines()
    failed = 0
    kinds = {}
    for request, line in zip(requests, answers):
        expected = reference.answer(request)
        found = json.loads(line)
        if "error" in found:
            message = found["error"].pop("message")
            if "Fix: " not in message:
                found["error"]["message"] = message
        # As text: the order of the keys is part of the answer.
        if json.dumps(found) != json.dumps(expected):
            failed += 1
            if failed <= 5:
                print(f"request   {request}\nexpected  {expected}\nfound     {found}")
        kind = expected.get("error", {}).get("kind", "a plan")
        kind = expected.get("error", {}).get("field", kind)
        kinds[request["plan"], kind] = kinds.get((request["plan"], kind), 0) + 1
    for (plan, kind), count in sorted(kinds.items()):
        print(f"{count:6} {plan}: {kind}")
    if len(answers) != len(requests) or run.returncode != 1:
        print(f"{len(answers)} answers to {len(requests)} requests, exit {run.returncode}")
        failed += 1
    print(f"{len(requests) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
