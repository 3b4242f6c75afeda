// The agent in JavaScript: does with lists, through the loader, what the lines on its input say (agents.py).
//
//     node agent.mjs /path/to/polyshm_koffi.mjs
import process from "node:process";
import readline from "node:readline";

const { List } = await import(process.argv[2]);
const UNIT = 12, LONG = 4096; // bytes of what repeats, and of what is not written so yet
const types = { boolean: "bool", bigint: "int64", number: "float64", string: "str" };

function content(text) {
  const [unit, count] = text.split("*");
  const bytes = Buffer.from(unit, "hex");
  return count ? Buffer.alloc(bytes.length * Number(count), bytes) : bytes;
}

function digits(bytes) {
  const repeats = bytes.length > LONG && bytes.length % UNIT === 0
    && bytes.compare(bytes, UNIT, bytes.length, 0, bytes.length - UNIT) === 0;
  return repeats ? `${bytes.toString("hex", 0, UNIT)}*${bytes.length / UNIT}` : bytes.toString("hex");
}

const decoders = {
  none: () => null,
  bool: (text) => text === "1",
  int64: BigInt,
  float64: (text) => Buffer.from(text, "hex").readDoubleBE(),
  str: (text) => content(text).toString(),
  bytes: content,
};

function decoded(word) {
  const [type, text] = word.split(":");
  return decoders[type](text);
}

function float64(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(number);
  return bytes.toString("hex");
}

const encoders = {
  bool: (value) => Number(value),
  int64: String,
  float64,
  str: (value) => digits(Buffer.from(value)),
  bytes: digits,
};

function encoded(value) {
  if (value === null) return "none:-";
  const type = types[typeof value] ?? "bytes";
  return `${type}:${encoders[type](value)}`;
}

const lists = new Map();

// A function a command. Each takes the command's words, and gives those of the answer, if there are any.
const commands = {
  create_list: (name, ...words) => void lists.set(name, List.create(name, words.map(decoded))),
  attach_list: (name) => void lists.set(name, List.attach(name)),
  get: (name, index) => encoded(lists.get(name)[index]),
  set: (name, index, word) => void (lists.get(name)[index] = decoded(word)),
  all: (name) => Array.from(lists.get(name), encoded).join(" "),
  close: (name) => void (lists.get(name).close(), lists.delete(name)),
  unlink: (name) => void lists.get(name).unlink(),
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(" ");
  try {
    process.stdout.write(`ok ${commands[command](...words) ?? ""}\n`);
  } catch (error) {
    process.stdout.write(`error ${error.code ?? error.name}: ${error.message.replaceAll("\n", " ")}\n`);
  }
}
