#
# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
"""The planners once more, written to be read and not to be fast.

Each function takes a request as vyre-plan does, as a dict, and returns the
answer as a dict, of errors without the message. Python's integers do not
overflow, so every sum is made first and then asked whether it fits.
"""

U32 = 2**32 - 1
U64 = 2**64 - 1


class PlanError(Exception):
    """An error of a planner: its kind and its fields."""

    def __init__(self, kind, **fields):
        super().__init__(kind)
        self.answer = {"error": {"kind": kind, **fields}}


def fit(value, field, most=U64):
    if value > most:
        raise PlanError("ByteCountOverflow", field=field)
    return value


def basis_points(part, whole):
    return min(part * 10000 // whole, U32) if whole else 0


# ----------------------------------------------------------------------------
# Fusion
# ----------------------------------------------------------------------------


def required_alone(stage, budget):
    io = fit(stage["input_bytes"] + stage["output_bytes"], "stage io bytes")
    required = fit(io + stage["scratch_bytes"], "stage required bytes")
    if required > budget:
        raise PlanError(
            "StageOverBudget",
            id=stage["id"],
            required_bytes=required,
            budget_bytes=budget,
        )
    return required


def may_follow(stage, group, stages):
    """Whether a stage may join a group, budget aside."""
    return (
        not stage["requires_host_materialization"]
        and stage["layout_hash"] == stages[group[0]]["layout_hash"]
        and stage.get("first_legal_start", 0) <= group[0]
    )


def released(stage, live):
    return stage.get("forwarded_bytes", 0) if live else 0


def avoided(stage, live):
    return stage.get("forwarded_bytes", 0) if live else stage["output_bytes"]


def greedy(stages, budget, live):
    groups = []
    for index, stage in enumerate(stages):
        if groups and may_follow(stage, groups[-1]["indices"], stages):
            group = groups[-1]
            before = stages[index - 1]
            required = group["required"] - released(before, live)
            required = fit(required + stage["scratch_bytes"], "fused scratch bytes")
            required = fit(required + stage["output_bytes"], "fused output bytes")
            if required <= budget:
                group["avoided"] = fit(
                    group["avoided"] + avoided(before, live),
                    "avoided intermediate bytes",
                )
                group["required"] = required
                group["indices"].append(index)
                continue
        required = required_alone(stage, budget)
        groups.append({"indices": [index], "required": required, "avoided": 0})
    return groups


def measure_group(stages, start, end, budget, live):
    """The group of stages start .. end - 1, or None where it may not be."""
    members = stages[start:end]
    for stage in members[1:]:
        if not may_follow(stage, [start], stages):
            return None
    required = members[0]["input_bytes"]
    required += sum(s["scratch_bytes"] + s["output_bytes"] for s in members)
    required -= sum(released(s, live) for s in members[:-1])
    total_avoided = sum(avoided(s, live) for s in members[:-1])
    if required > budget or total_avoided > U64:
        return None
    return {
        "indices": list(range(start, end)),
        "required": required,
        "avoided": total_avoided,
    }


def optimal(stages, budget, live):
    """The best of all partitions, by making each of them."""
    for stage in stages:
        required_alone(stage, budget)
    best = None

    def extend(groups, start):
        nonlocal best
        if start == len(stages):
            key = (
                len(groups),
                -sum(g["avoided"] for g in groups),
                [g["indices"][0] for g in groups],
            )
            if best is None or key < best[0]:
                best = (key, list(groups))
            return
        for end in range(start + 1, len(stages) + 1):
            group = measure_group(stages, start, end, budget, live)
            if group:
                extend(groups + [group], end)

    extend([], 0)
    return best[1]


def plan_fusion(request):
    stages = request["stages"]
    budget = request["max_group_bytes"]
    live = request.get("accounting", "sum") == "live"
    if budget == 0:
        raise PlanError("ZeroBudget")
    seen = set()
    for stage in stages:
        if stage["id"] in seen:
            raise PlanError("DuplicateStage", id=stage["id"])
        seen.add(stage["id"])
    for index, stage in enumerate(stages):
        if (
            stage.get("first_legal_start", 0) > index
            or stage.get("forwarded_bytes", 0) > stage["output_bytes"]
        ):
            raise PlanError("InvalidStage", id=stage["id"])
    strategy = optimal if request.get("strategy") == "optimal" else greedy
    groups = strategy(stages, budget, live)
    total = 0
    for group in groups:
        total = fit(total + group["avoided"], "total avoided intermediate bytes")
    return {
        "groups": [
            {
                "stage_ids": [stages[i]["id"] for i in group["indices"]],
                "layout_hash": stages[group["indices"][0]]["layout_hash"],
                "required_bytes": group["required"],
                "avoided_intermediate_bytes": group["avoided"],
            }
            for group in groups
        ],
        "launch_count": len(groups),
        "avoided_launches": len(stages) - len(groups),
        "avoided_intermediate_bytes": total,
    }


# ----------------------------------------------------------------------------
# Compaction
# ----------------------------------------------------------------------------


def plan_compaction(request):
    slots = request["slots"]
    threshold = request["max_compact_record_bytes"]
    alignment = request.get("record_alignment", 1)
    limit = request.get("max_slab_bytes")
    if bin(alignment).count("1") != 1:
        raise PlanError("InvalidAlignment", alignment=alignment)
    seen = set()
    full = 0
    for slot in slots:
        if slot["slot"] in seen:
            raise PlanError("DuplicateSlot", slot=slot["slot"])
        seen.add(slot["slot"])
        if slot["meaningful_bytes"] > slot["capacity_bytes"]:
            raise PlanError("MeaningfulExceedsCapacity", **slot)
        full = fit(full + slot["capacity_bytes"], "full capacity bytes")
    records, direct = [], []
    end = compact = direct_bytes = 0
    for slot in sorted(slots, key=lambda slot: slot["slot"]):
        size = slot["meaningful_bytes"]
        if size == 0:
            continue
        offset = (end + alignment - 1) // alignment * alignment
        if size <= threshold and (limit is None or offset + size <= limit):
            end = fit(offset + size, "slab bytes")
            records.append(
                {"slot": slot["slot"], "compact_offset": offset, "bytes": size}
            )
            compact += size
        else:
            direct.append(slot["slot"])
            direct_bytes += size
    selected = compact + direct_bytes
    answer = {
        "compact_records": records,
        "direct_slots": direct,
        "full_capacity_bytes": full,
        "compact_bytes": compact,
        "direct_bytes": direct_bytes,
        "selected_readback_bytes": selected,
        "avoided_readback_bytes": full - selected,
        "avoided_readback_basis_points": basis_points(full - selected, full),
    }
    if "record_alignment" in request or "max_slab_bytes" in request:
        answer["slab_bytes"] = end
    return answer


# ----------------------------------------------------------------------------
# Queues, captures, caches
# ----------------------------------------------------------------------------


def plan_queue(request):
    per_drain = request.get("max_items_per_drain_launch")
    capacity = request["queue_capacity"]
    if per_drain == 0:
        raise PlanError("ZeroDrainChunk")
    if capacity == 0:
        raise PlanError("ZeroCapacity")
    if request["entry_bytes"] == 0:
        raise PlanError("ZeroEntryBytes")
    if request["initial_items"] > capacity:
        raise PlanError(
            "InitialItemsExceedCapacity",
            initial_items=request["initial_items"],
            queue_capacity=capacity,
        )
    if request["host_sync"] == "host_participates":
        raise PlanError("HostParticipationRejected")
    items = fit(capacity * request["entry_bytes"], "queue bytes")
    resident = fit(items + request["control_bytes"], "resident bytes")
    if resident > request["budget_bytes"]:
        raise PlanError(
            "OverBudget",
            required_bytes=resident,
            budget_bytes=request["budget_bytes"],
        )
    queue = {
        "queue_bytes": items,
        "control_bytes": request["control_bytes"],
        "resident_bytes": resident,
        "initial_occupancy_bps": basis_points(request["initial_items"], capacity),
        "final_only_host_sync": True,
    }
    if per_drain is None:
        return queue
    chunks = -(-capacity // per_drain)
    return {
        "chunks": chunks,
        "items_per_chunk": min(per_drain, capacity),
        "strategy": "single_resident_drain"
        if chunks == 1
        else "chunked_resident_drain",
        "queue": queue,
        "final_only_host_sync": True,
    }


def plan_capture(request):
    bound = [b for b in request["bindings"] if b["role"] != "shared"]
    uploaded = [b for b in bound if "input_index" in b]
    read_back = [b for b in bound if "output_index" in b]
    safe = not any(
        b["role"] == "state" or ("input_index" in b and "output_index" in b)
        for b in bound
    )
    return {
        "input_device_capacity": len(uploaded),
        "output_device_capacity": len(bound) - len(uploaded),
        "output_readback_capacity": len(read_back),
        "kernel_pointer_capacity": len(bound),
        "kernel_argument_capacity": len(bound) + 1,
        "resident_input_replay_safe": safe,
    }


def plan_cache_audit(request):
    hits = request["observations"].count(True)
    misses = request["observations"].count(False)
    rate = basis_points(hits, hits + misses) if hits + misses else None
    threshold = request["alarm_threshold_bps"]
    return {
        "hits": hits,
        "misses": misses,
        "unknowns": request["observations"].count(None),
        "hit_rate_bps": rate,
        "below_alarm_threshold": threshold > 0 and rate is not None and rate < threshold,
    }


PLANNERS = {
    "fusion": plan_fusion,
    "compaction": plan_compaction,
    "queue": plan_queue,
    "capture": plan_capture,
    "cache-audit": plan_cache_audit,
}


def answer(request):
    """The answer to a valid request; an error has no message."""
    try:
        return PLANNERS[request["plan"]](request)
    except PlanError as error:
        return error.answer
