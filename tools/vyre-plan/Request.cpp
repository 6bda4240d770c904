//===- Request.cpp - A request of vyre-plan -------------------------------===//
//
// Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Requests are read event by event, straight into the planners' own types, with
// no tree in between. What may stand where is in the tables of RequestSchema.h.
//
//===----------------------------------------------------------------------===//

#include "Request.h"

#include "RequestSchema.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

using namespace vyre::plan_tool;
using namespace vyre::planning;

void Request::clear() {
  stages.clear();
  fusion = {};
  slots.clear();
  compaction = {};
  shapesSlab = false;
  queue = {};
  maxItemsPerDrainLaunch.reset();
  capture = GraphCaptureBindingPlan();
  audit = {};
  alarmThresholdBps = 0;
}

std::string InvalidRequest::message() const {
  return field + " is " + found + "; expected " + expected + ". Fix: " + fix +
         ".";
}

namespace {

/// A string of the request, no longer than a message can bear.
std::string shorten(std::string_view text) {
  constexpr size_t kLongest = 60;
  if (text.size() <= kLongest)
    return std::string(text);
  // Ends before a character, not within one.
  size_t end = kLongest;
  while (end > 0 && (text[end] & 0xc0) == 0x80)
    --end;
  return std::string(text.substr(0, end)) + "...";
}

//===----------------------------------------------------------------------===//
// The reader
//===----------------------------------------------------------------------===//

/// Takes the events of nlohmann's parser for one line, whence their names. An
/// event that returns false ends the reading, with the error set.
class RequestReader {
public:
  explicit RequestReader(Request &request) : request(request) {}

  std::optional<InvalidRequest> error;

  bool null();
  bool boolean(bool truth);
  bool number_integer(int64_t number);
  bool number_unsigned(uint64_t number);
  bool number_float(double, const std::string &text);
  bool string(std::string &text);
  bool binary(nlohmann::json::binary_t &) { return false; }
  bool start_object(size_t);
  bool key(std::string &name);
  bool end_object();
  bool start_array(size_t);
  bool end_array();
  bool parse_error(size_t position, const std::string &,
                   const nlohmann::detail::exception &reason);

private:
  enum class Place : uint8_t { Outside, Request, Items, Item, Observations };

  /// An object that is being read.
  struct Object {
    Schema schema = {nullptr, 0};
    uint32_t seen = 0;
    const Field *field = nullptr;
  };

  Object &current() { return place == Place::Item ? item : top; }
  bool isAtField() const {
    return place == Place::Request || place == Place::Item;
  }

  bool storeNumber(uint64_t number);
  bool refuseValue(std::string found);
  bool refuse(std::string field, std::string expected, std::string found,
              std::string fix);
  bool checkFields(const Object &object);
  bool addItem();
  bool finishItem();
  std::string getPath(std::string_view name) const;

  Request &request;
  Place place = Place::Outside;
  Object top;
  Object item;
  /// Elements before this one in the list that is being read.
  size_t itemIndex = 0;
};

} // namespace

/// "stages[3].id"; without a name the item itself.
std::string RequestReader::getPath(std::string_view name) const {
  std::string path;
  if (place == Place::Items || place == Place::Item ||
      place == Place::Observations) {
    path = std::string(top.field->name) + '[' + std::to_string(itemIndex) + ']';
    if (place == Place::Item && !name.empty())
      path += '.';
  }
  path += name;
  return path.empty() ? "request" : path;
}

bool RequestReader::refuse(std::string field, std::string expected,
                           std::string found, std::string fix) {
  error = InvalidRequest{std::move(field), std::move(expected),
                         std::move(found), std::move(fix)};
  return false;
}

/// The value that comes next is not what may stand here.
bool RequestReader::refuseValue(std::string found) {
  const char *fix = "give the value that is expected";
  switch (place) {
  case Place::Outside:
    return refuse("request", "an object with the key \"plan\"",
                  std::move(found), "send one JSON object a line");
  case Place::Items:
    return refuse(getPath(""), "an object", std::move(found), fix);
  case Place::Observations:
    return refuse(getPath(""), "true, false or null", std::move(found), fix);
  case Place::Request:
  case Place::Item:
    break;
  }
  const Field &field = *current().field;
  return refuse(getPath(field.name), field.describe(), std::move(found),
                field.isRequired ? fix
                                 : "give the value that is expected, or leave "
                                   "the field out");
}

bool RequestReader::storeNumber(uint64_t number) {
  current().field->store(request, number);
  return true;
}

bool RequestReader::null() {
  if (place == Place::Observations) {
    request.audit.observe(PipelineCacheObservation::Unknown);
    ++itemIndex;
    return true;
  }
  // As if it were not there.
  if (isAtField() && !current().field->isRequired)
    return true;
  return refuseValue("null");
}

bool RequestReader::boolean(bool truth) {
  if (place == Place::Observations) {
    request.audit.observe(truth ? PipelineCacheObservation::Hit
                                : PipelineCacheObservation::Miss);
    ++itemIndex;
    return true;
  }
  if (isAtField() && current().field->type == FieldType::Boolean)
    return storeNumber(truth);
  return refuseValue(truth ? "true" : "false");
}

bool RequestReader::number_unsigned(uint64_t number) {
  if (isAtField()) {
    FieldType type = current().field->type;
    if (type == FieldType::Unsigned64 ||
        (type == FieldType::Unsigned32 && number <= UINT32_MAX))
      return storeNumber(number);
  }
  return refuseValue("the number " + std::to_string(number));
}

// Of integers only those with a sign come here.
bool RequestReader::number_integer(int64_t number) {
  return refuseValue("the number " +
                     (number == 0 ? "-0" : std::to_string(number)));
}

bool RequestReader::number_float(double, const std::string &text) {
  return refuseValue("the number " + shorten(text));
}

bool RequestReader::string(std::string &text) {
  if (isAtField()) {
    const Field &field = *current().field;
    if (field.type == FieldType::Text)
      return true;
    if (field.type == FieldType::Word)
      if (std::optional<unsigned> index = findWord(field.words, text))
        return storeNumber(*index);
  }
  return refuseValue("the string \"" + shorten(text) + '"');
}

bool RequestReader::start_object(size_t) {
  if (place == Place::Outside) {
    place = Place::Request;
    top.schema = getRequestSchema();
    return true;
  }
  if (place == Place::Items)
    return addItem();
  return refuseValue("an object");
}

/// Starts the next object of a list.
bool RequestReader::addItem() {
  place = Place::Item;
  item = {getItemSchema(top.field->plan), 0, nullptr};
  switch (top.field->plan) {
  case PlanKind::Fusion:
    request.stages.emplace_back();
    return true;
  case PlanKind::Compaction:
    request.slots.emplace_back();
    return true;
  default:
    request.binding = {};
    return true;
  }
}

bool RequestReader::key(std::string &name) {
  Object &object = current();
  const Schema &schema = object.schema;
  unsigned start = object.field ? object.field - schema.fields + 1 : 0;
  object.field = schema.find(name, start);
  // Fields of a request belong to its plan; `plan` is the first of the table.
  bool knowsPlan = &object == &top && (top.seen & 1);
  bool isOfOtherPlan = knowsPlan && object.field &&
                       object.field != schema.fields &&
                       object.field->plan != request.plan;
  if (!object.field || isOfOtherPlan) {
    return refuse(
        getPath(shorten(name)),
        schema.list(knowsPlan ? std::optional(request.plan) : std::nullopt),
        "an unknown key", "leave the key out, or correct its name");
  }
  uint32_t bit = uint32_t(1) << (object.field - schema.fields);
  if (object.seen & bit)
    return refuse(getPath(name), "each key once", "there twice",
                  "leave one of the two out");
  object.seen |= bit;
  return true;
}

/// All that must be there is, and nothing of another plan.
bool RequestReader::checkFields(const Object &object) {
  bool isTop = &object == &top;
  for (unsigned i = 0; i < object.schema.count; ++i) {
    const Field &field = object.schema.fields[i];
    bool isSeen = object.seen >> i & 1;
    bool belongs = !isTop || i == 0 || field.plan == request.plan;
    if (isSeen && !belongs)
      return refuse(getPath(field.name), object.schema.list(request.plan),
                    "a key of another plan", "leave the key out");
    if (!isSeen && belongs && field.isRequired)
      return refuse(getPath(field.name), field.describe(), "missing",
                    "add the field");
  }
  return true;
}

bool RequestReader::end_object() {
  if (!checkFields(current()))
    return false;
  if (place == Place::Item)
    return finishItem();
  place = Place::Outside;
  return true;
}

bool RequestReader::finishItem() {
  if (top.field->plan == PlanKind::Capture && request.capture)
    request.capture =
        extendGraphCaptureBindings(*request.capture, {&request.binding, 1});
  place = Place::Items;
  ++itemIndex;
  return true;
}

bool RequestReader::start_array(size_t) {
  if (place == Place::Request) {
    itemIndex = 0;
    if (top.field->type == FieldType::Objects) {
      place = Place::Items;
      return true;
    }
    if (top.field->type == FieldType::Observations) {
      place = Place::Observations;
      return true;
    }
  }
  return refuseValue("an array");
}

bool RequestReader::end_array() {
  place = Place::Request;
  return true;
}

bool RequestReader::parse_error(size_t position, const std::string &,
                                const nlohmann::detail::exception &reason) {
  constexpr int kNumberOutOfRange = 406;
  if (reason.id == kNumberOutOfRange)
    return refuseValue("a number beyond any range");
  // "... while parsing WHAT - WHY; last read: ..."; what was read may be
  // anything, so only WHY is passed on.
  std::string_view why = reason.what();
  size_t dash = why.find(" - ");
  why = dash == why.npos ? "" : why.substr(dash + 3);
  why = why.substr(0, why.find(';'));
  std::string found = "not JSON from byte " + std::to_string(position) + " on";
  bool isPlain = std::all_of(why.begin(), why.end(),
                             [](char c) { return c >= ' ' && c <= '~'; });
  if (isPlain && !why.empty())
    found += " (" + shorten(why) + ")";
  const Field *field = place == Place::Outside ? nullptr : current().field;
  return refuse(getPath(field && isAtField() ? field->name : ""),
                "one JSON object in UTF-8", std::move(found),
                "send one JSON object a line");
}

std::optional<InvalidRequest>
vyre::plan_tool::readRequest(std::string_view line, Request &request) {
  request.clear();
  RequestReader reader(request);
  nlohmann::json::sax_parse(line.begin(), line.end(), &reader);
  return std::move(reader.error);
}
