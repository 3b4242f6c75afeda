// A visit, in JavaScript: `node visit.mjs LIST ADDRESS`, beside polyshm_koffi.mjs. See visit.py.
import process from "node:process";
import { List, Manager } from "./polyshm_koffi.mjs";

function line(list, index) {
  const value = list[index];
  return `${list.type(index)} ${Buffer.isBuffer(value) ? value.toString("hex") : value ?? "-"}`;
}

const [name, address] = process.argv.slice(2);
const shared = List.attach(name);
try {
  for (let index = 0; index < shared.length; index++) console.log(line(shared, index));
  console.log("bytes", shared.segment().buffer().toString("hex", 0, 8));

  shared.synchronized(() => {
    shared[0] = "visited";
    console.log("sum", String(shared.add(shared.length - 1, 5n)));
  });

  const seen = shared.version();
  console.log("waiting");
  await shared.wait(seen, 60);
  console.log("changed", line(shared, 1));

  const manager = Manager.connect(address);
  const left = manager.createList(null, [...shared]);
  const [only] = manager.names();
  console.log("left", only === left.segment().name() ? "True" : "False", only);
  manager.close();
} finally {
  shared.close();
}

try {
  List.attach(`${name}_not`);
} catch (error) {
  if (error.code !== "POLYSHM_ENOENT") throw error;
  console.log("error", error.message);
}
