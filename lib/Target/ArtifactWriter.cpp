//===- ArtifactWriter.cpp - Programs as data ------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that the runtime has to know of a program, from its physical form:
// the inverse of what the runtime's ArtifactReader checks.
//
//===----------------------------------------------------------------------===//

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "ArgumentNames.h"
#include "ArtifactWriter.h"
#include "MathAccuracy.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "vyre/Dialect/Vyre/IR/PlanAttributes.h"
#include "vyre/Target/ArtifactFormat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace vyre;
using flatbuffers::Offset;

FailureOr<Offset<artifact::Program>>
ArtifactWriter::writeProgram(ProgramOp program, StringRef digest) {
  sizes = SizeExpressions();
  intermediateIndex.clear();
  constantIndex.clear();

  for (vyre::ConstantOp op : program.getBody().getOps<vyre::ConstantOp>())
    if (failed(addConstant(op.getMemory(), op.getValue(), op.getLoc())))
      return failure();

  LaunchDependences dependences(program);
  IntermediateLiveness liveness(dependences);
  llvm::DenseSet<Value> written;
  for (LaunchOp launch : dependences.getLaunches())
    for (Operation &op : launch.getBody().front()) {
      auto stage = cast<StageLikeOpInterface>(op);
      written.insert_range(stage.getWrittenBuffers());
      written.insert_range(stage.getUpdatedBuffers());
    }
  std::vector<Offset<artifact::Intermediate>> intermediates;
  for (Value buffer : liveness.getIntermediates()) {
    FailureOr<int32_t> bytes = sizes.getByteCount(buffer);
    if (failed(bytes))
      return failure();
    uint32_t index = intermediates.size();
    auto name = builder.CreateString("intermediate" + std::to_string(index));
    intermediateIndex[buffer] = index;
    ArrayRef<uint32_t> uses = liveness.getUses(index);
    intermediates.push_back(artifact::CreateIntermediate(
        builder, name, *bytes, kOwnAlignment, uses.front(), uses.back()));
  }

  SmallVector<std::string> argumentNames = getArgumentNames(program);
  std::vector<Offset<artifact::Argument>> arguments;
  std::vector<artifact::NoOverlap> noOverlap;
  for (unsigned i = 0, e = program.getNumArguments(); i != e; ++i) {
    FailureOr<Offset<artifact::Argument>> argument =
        writeArgument(program, i, argumentNames[i]);
    if (failed(argument))
      return failure();
    arguments.push_back(*argument);
    auto hasMemory = [&](unsigned index) {
      BindingAttr binding = program.getBinding(index);
      return binding && binding.getRole() != Role::Shared &&
             binding.getRole() != Role::State;
    };
    for (unsigned j = 0; j != i; ++j)
      if (hasMemory(i) && hasMemory(j) &&
          (written.contains(program.getArgument(i)) ||
           written.contains(program.getArgument(j))))
        noOverlap.push_back({j, i});
  }
  std::vector<Offset<artifact::Result>> results;
  ReturnOp returnOp = program.getReturnOp();
  for (unsigned i = 0, e = returnOp.getResults().size(); i != e; ++i) {
    FailureOr<Offset<artifact::Result>> result = writeResult(returnOp, i);
    if (failed(result))
      return failure();
    results.push_back(*result);
  }
  std::vector<Offset<artifact::Launch>> launchOffsets;
  for (auto [launch, earlier] : llvm::zip_equal(
           dependences.getLaunches(), dependences.getPredecessors())) {
    FailureOr<Offset<artifact::Launch>> offset = writeLaunch(launch, earlier);
    if (failed(offset))
      return failure();
    launchOffsets.push_back(*offset);
  }
  Offset<artifact::Readback> readback;
  for (ReadbackOp op : program.getBody().getOps<ReadbackOp>())
    readback = artifact::CreateReadback(
        builder, op.getMaxRecordBytes(), op.getRecordAlignment(),
        op.getMaxSlabBytes().value_or(UINT64_MAX));
  std::vector<Offset<artifact::Requirement>> requirements;
  for (RequireOp op : program.getBody().getOps<RequireOp>()) {
    FailureOr<int32_t> found = sizes.getNode(op.getFound());
    FailureOr<int32_t> least = sizes.getNode(op.getLeast());
    if (failed(found) || failed(least))
      return failure();
    auto subject = builder.CreateString(op.getSubject().str());
    requirements.push_back(
        artifact::CreateRequirement(builder, subject, *found, *least));
  }
  FailureOr<Offset<artifact::CapturePlan>> capture =
      writeCapturePlan(program, dependences);
  if (failed(capture))
    return failure();
  std::vector<Offset<artifact::MathFunction>> mathFunctions;
  for (const MathUse &use : collectMathUses(program, math)) {
    auto function = builder.CreateString(use.name);
    mathFunctions.push_back(artifact::CreateMathFunction(
        builder, function, use.cpuUlp, use.gpuUlp));
  }
  ArrayRef<artifact::Expr> nodes = sizes.getNodes();
  auto name = builder.CreateString(program.getSymName().str());
  auto exprs = builder.CreateVectorOfStructs(nodes.data(), nodes.size());
  auto argumentsOffset = builder.CreateVector(arguments);
  auto resultsOffset = builder.CreateVector(results);
  auto intermediatesOffset = builder.CreateVector(intermediates);
  auto launchesOffset = builder.CreateVector(launchOffsets);
  auto noOverlapOffset = builder.CreateVectorOfStructs(noOverlap);
  auto digestOffset = builder.CreateString(digest.str());
  auto requirementsOffset = builder.CreateVector(requirements);
  auto mathOffset = builder.CreateVector(mathFunctions);
  return artifact::CreateProgram(
      builder, name, exprs, argumentsOffset, resultsOffset, intermediatesOffset,
      launchesOffset, noOverlapOffset, digestOffset, readback,
      requirementsOffset, *capture, mathOffset);
}

/// Over all that affects a program's results: its physical form with all
/// constants, and the code. How it is captured is no part of that, nor is what
/// the process's options say about printing.
static std::string computeDigest(ProgramOp program,
                                 ArrayRef<GeneratedCode> codes) {
  OwningOpRef<ProgramOp> hashed(program.clone());
  (*hashed)->removeAttr(kCapturePlanAttrName);
  llvm::SHA256 hash;
  std::string text;
  llvm::raw_string_ostream stream(text);
  (*hashed)->print(stream, OpPrintingFlags()
                               .elideLargeElementsAttrs(INT64_MAX)
                               .printLargeElementsAttrWithHex()
                               .enableDebugInfo(false)
                               .printGenericOpForm()
                               .skipRegions(false)
                               .assumeVerified()
                               .useLocalScope()
                               .printValueUsers(false)
                               .printUniqueSSAIDs(false)
                               .printNameLocAsPrefix(false));
  hash.update(text);
  // Their text is a name.
  AttrTypeWalker walker;
  walker.addWalk([&](DenseResourceElementsAttr resource) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob()) {
      ArrayRef<char> data = blob->getData();
      hash.update(StringRef(data.data(), data.size()));
    }
  });
  hashed->walk([&](Operation *op) { walker.walk(op->getAttrDictionary()); });
  for (const GeneratedCode &code : codes) {
    hash.update(code.architecture);
    hash.update(code.features);
    hash.update(code.data);
  }
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

/// Names are printed, and written as JSON: UTF-8 without control characters.
static LogicalResult verifyName(Operation *op, StringRef name,
                                StringRef what = "name") {
  bool isPlain = llvm::json::isUTF8(name) && llvm::none_of(name, [](char c) {
                   return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
                 });
  if (isPlain && !name.empty())
    return success();
  InFlightDiagnostic diag =
      op->emitOpError(name.empty() ? "has an empty " : "has a ")
      << what << (name.empty() ? "" : " of other characters")
      << ", expected UTF-8 text without control characters";
  diag.attachNote() << "fix: rename it";
  return diag;
}

static LogicalResult verifyNames(ProgramOp program) {
  if (failed(verifyName(program, program.getSymName())))
    return failure();
  WalkResult walk = program.walk([](Operation *op) {
    LogicalResult result = success();
    if (auto launch = dyn_cast<LaunchOp>(op))
      result = verifyName(op, launch.getLaunchName());
    else if (auto require = dyn_cast<RequireOp>(op))
      result = verifyName(op, require.getSubject(), "subject");
    else if (auto stage = dyn_cast<StageLikeOpInterface>(op))
      result = verifyName(op, stage.getStageName());
    if (auto call = dyn_cast<CallStageOp>(op); call && succeeded(result))
      result = verifyName(op, call.getCallee(), "callee's name");
    return failed(result) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

FailureOr<std::string> ArtifactWriter::write(ModuleOp module,
                                             ArrayRef<GeneratedCode> codes) {
  std::vector<Offset<artifact::Program>> programs;
  for (ProgramOp program : module.getOps<ProgramOp>()) {
    if (program.getSymVisibility() == "private")
      continue;
    if (failed(verifyNames(program)))
      return failure();
    FailureOr<Offset<artifact::Program>> offset =
        writeProgram(program, computeDigest(program, codes));
    if (failed(offset))
      return failure();
    programs.push_back(*offset);
  }
  if (programs.empty()) {
    InFlightDiagnostic diag = module.emitError("has no program to compile");
    diag.attachNote() << "fix: give a function or vyre.program public "
                         "visibility";
    return diag;
  }
  std::vector<Offset<artifact::Code>> codeOffsets;
  for (const GeneratedCode &code : codes) {
    artifact::CodeKind kind = artifact::CodeKind::elf;
    if (code.target.kind == CodeTarget::Kind::PTX)
      kind = artifact::CodeKind::ptx;
    if (code.target.kind == CodeTarget::Kind::Cubin)
      kind = artifact::CodeKind::cubin;
    auto architecture = builder.CreateString(code.architecture);
    auto features = builder.CreateString(code.features);
    builder.ForceVectorAlignment(code.data.size(), 1, 64);
    auto data = builder.CreateVector(
        reinterpret_cast<const uint8_t *>(code.data.data()), code.data.size());
    codeOffsets.push_back(artifact::CreateCode(builder, kind, architecture,
                                               features, data,
                                               code.waitsForDependencies));
  }
  auto producer = builder.CreateString("vyre-compile " VYRE_VERSION);
  auto programsOffset = builder.CreateVector(programs);
  auto constantsOffset = builder.CreateVector(constants);
  auto codesOffset = builder.CreateVector(codeOffsets);
  builder.Finish(artifact::CreateArtifact(builder, producer, programsOffset,
                                          constantsOffset, codesOffset),
                 artifact::ArtifactIdentifier());

  artifact::Header header = {};
  std::copy(std::begin(artifact::kMagic), std::end(artifact::kMagic),
            header.magic);
  header.majorVersion = artifact::kMajorVersion;
  header.minorVersion = artifact::kMinorVersion;
  header.payloadBytes = builder.GetSize();
  XXH128_hash_t digest =
      XXH3_128bits(builder.GetBufferPointer(), builder.GetSize());
  header.digestLow = digest.low64;
  header.digestHigh = digest.high64;
  header.headerDigest =
      XXH3_64bits(&header, offsetof(artifact::Header, headerDigest));
  std::string bytes(reinterpret_cast<const char *>(&header), sizeof(header));
  bytes.append(reinterpret_cast<const char *>(builder.GetBufferPointer()),
               builder.GetSize());
  return bytes;
}

FailureOr<std::string> vyre::writeArtifact(ModuleOp module,
                                           ArrayRef<GeneratedCode> codes,
                                           MathMode math) {
  return ArtifactWriter(math).write(module, codes);
}
