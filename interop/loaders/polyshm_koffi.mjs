// polyshm for Node.js through koffi: one file; all that C declares comes from the library's own description.
//
//     import { List } from "./polyshm_koffi.mjs";
//     const jobs = List.create("jobs", ["ready", 0n, null], 40); // the slots have 40 bytes to spare
//     try { jobs[0] = "fünf Aufträge"; } finally { jobs.close(); }
//
// A function polyshm_NOUN_SOME_VERB is the method someVerb of the class NOUN. It takes what goes in, in C's order:
// values and buffers bring their length, zeros at the end may be left out. It returns what comes out, and throws what
// fails: an Error whose code is the status's name. Below is JavaScript's own: an int64 is a BigInt, as in a
// BigInt64Array, a float64 is a number, bytes are a Buffer. POLYSHM_LIBRARY names a library that is not installed.
import process from "node:process";
import koffi from "koffi";

const library = koffi.load(process.env.POLYSHM_LIBRARY ?? "libpolyshm.so.1");
const description = JSON.parse(library.func("polyshm_abi_description", "const char *", [])());
const classes = {}; // of handles

const byName = (each, value) => Object.fromEntries(each.map((one) => [one.name, value(one)]));
export const constants = byName(description.constants, ({ value }) => value);
const names = new Map(description.errors.map(({ name, number }) => [number, name]));
const kinds = ["none", "bool", "int64", "float64", "str", "bytes"];
const kindOf = (type) => kinds.find((kind) => constants[`POLYSHM_TYPE_${kind.toUpperCase()}`] === type);
description.handles.forEach(({ name }) => koffi.opaque(name));
description.structs.forEach(({ name, fields }) => koffi.struct(name, byName(fields, ({ type }) => type)));

const isResult = ({ direction, length, length_function }) => direction === "out" && !length && !length_function;
const typeOf = (parameter) =>
  parameter.direction === "out" ? koffi.out(isResult(parameter) ? parameter.type : "void *") : parameter.type;
const functions = byName(description.functions, ({ name, returns, parameters }) =>
  library.func(name, returns.type, parameters.map(typeOf)));

function encode(value) {
  const encoded = (kind, fields) =>
    ({ type: constants[`POLYSHM_TYPE_${kind}`], flags: 0, integer: 0, real: 0, data: null, size: 0, ...fields });
  if (value === null) return encoded("NONE");
  if (typeof value === "boolean") return encoded("BOOL", { integer: Number(value) });
  if (typeof value === "number") return encoded("FLOAT64", { real: value });
  if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) return encoded("INT64", { integer: value });
  if (typeof value === "bigint") throw new RangeError(`${value} does not fit 64 bits`);
  const isText = typeof value === "string" && !/\p{Surrogate}/u.test(value); // half a pair is none
  if (!isText && !(value instanceof Uint8Array)) throw new TypeError(`a list cannot hold ${value}`);
  const data = Buffer.from(value);
  return encoded(isText ? "STR" : "BYTES", { data, size: data.length });
}

function decode(value, buffer) {
  const start = value.data ? Number(value.data - koffi.address(buffer)) : 0;
  const content = buffer.subarray(start, start + Number(value.size));
  switch (kindOf(value.type)) {
    case "none": return null;
    case "bool": return value.integer !== 0;
    case "int64": return BigInt(value.integer);
    case "float64": return value.real;
    default: return kindOf(value.type) === "str" ? content.toString() : content;
  }
}

// An argument as C takes it.
function argument(value, { base, name, pointers }) {
  const [, unsigned, bits] = /^(u?)int(\d+)_t$/.exec(pointers ? "" : base) ?? [];
  if (bits && BigInt[unsigned ? "asUintN" : "asIntN"](bits, BigInt(value)) !== BigInt(value))
    throw new RangeError(`${name}: ${value} does not fit ${base}`);
  if (typeof value === "string" && value.includes("\0")) throw new TypeError(`${name} has a NUL in it`);
  return Array.isArray(value) ? value.map(encode) : value?.handle ?? value;
}

function call({ name, returns, parameters }, ...given) {
  const results = parameters.filter(isResult);
  const place = results.map((result) => result.type === "polyshm_value *" ? {} : [null]);
  const values = {};
  for (const parameter of parameters.slice(0, parameters.length - results.length)) {
    if (parameter.name in values) continue; // a length
    const value = given.shift() ?? (parameter.pointers ? null : 0);
    values[parameter.name] = argument(value, parameter);
    if (parameter.length) values[parameter.length] = value?.length ?? 0;
  }
  if (given.length) throw new TypeError(`${name} takes ${Object.keys(values)}`);
  const status = functions[name](...Object.values(values), ...place);
  if (returns.kind === "status" && status < 0)
    throw Object.assign(new Error(functions.polyshm_error_message()), { code: names.get(status), status });
  if (results.length === 0) return returns.kind === "answer" ? status === 1 : status;
  const [result, { base }] = [place[0][0] ?? place[0], results[0]];
  return classes[base] ? new classes[base](result) : base === "int64_t" ? BigInt(result) : result;
}

const finalizers = new FinalizationRegistry((finalize) => finalize());
// The class of a handle, which closes with close, at the end of a `using`, or when nobody has it any more.
function handleOf(noun) {
  const Handle = class {
    constructor(handle) {
      Object.defineProperty(this, "handle", { value: handle });
      finalizers.register(this, () => functions[`${noun}_unref`](handle));
    }
    [Symbol.dispose]() { this.close(); }
  };
  for (const described of description.functions.filter(({ name }) => name.startsWith(`${noun}_`))) {
    const verb = described.name.slice(noun.length + 1).replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    const value = function (...given) { return call(described, ...(described.closed ? [this] : []), ...given); };
    Object.defineProperty(described.closed ? Handle.prototype : Handle, verb, { value });
  }
  return Handle;
}

export class Segment extends handleOf("polyshm_segment") {
  // The bytes themselves, which stay mapped, also beyond close, as long as anybody has the buffer.
  buffer() {
    if (this.isReadonly()) throw new TypeError("a buffer cannot refuse writes, which this attachment must: use read");
    this.pin();
    const bytes = koffi.view(this.address(), this.size());
    finalizers.register(bytes, () => functions.polyshm_segment_unpin(this.handle));
    return Buffer.from(bytes);
  }

  read(offset, size, bytes = Buffer.alloc(size)) { return super.read(offset, bytes), bytes; }
}

const isIndex = (key) => typeof key === "string" && /^\d+$/.test(key);
export class List extends handleOf("polyshm_list") {
  constructor(handle) {
    super(handle);
    return new Proxy(this, {
      get: (list, key, proxy) => isIndex(key) ? list.get(Number(key)) : Reflect.get(list, key, proxy),
      set: (list, key, value) => (isIndex(key) ? list.set(Number(key), value) : Reflect.set(list, key, value), true),
    });
  }

  get length() { return super.length(); }
  type(index) { return kindOf(super.type(index)); }
  set(index, value) { super.set(index, [value]); }
  get(index, buffer = Buffer.alloc(this.capacity(index, 1))) { return decode(super.get(index, buffer), buffer); }
  *[Symbol.iterator]() { for (let index = 0; index < this.length; index++) yield this.get(index); }

  // Waits in another thread, but looks in this one what came of it: the words of a failure are those of its thread.
  async wait(seen, timeout = Infinity) {
    await new Promise((done) => functions.polyshm_list_wait.async(this.handle, seen, timeout, [null], done));
    return super.wait(seen, 0);
  }

  // Holds the lock while fn runs, which is told whether a holder died with it. It is this thread's: await nothing.
  synchronized(fn, timeout = 10) {
    const status = this.lock(timeout);
    try { return fn(status === constants.POLYSHM_OWNER_DIED); } finally { this.unlock(); }
  }
}

export class Manager extends handleOf("polyshm_manager") {
  names(bytes = Buffer.alloc(65536)) { return bytes.toString("utf8", 0, super.names(bytes)).split("\0").slice(0, -1); }
}

Object.assign(classes, { polyshm_segment: Segment, polyshm_list: List, polyshm_manager: Manager });
