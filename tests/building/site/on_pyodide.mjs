// node on_pyodide.mjs FOLDER: loads Pyodide and course.zip out of FOLDER, runs FOLDER/run.py there, and prints the str that it ends with.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const folder = path.resolve(process.argv[2]);
const { loadPyodide } = createRequire(import.meta.url)(path.join(folder, "pyodide.js"));
const home = "/home/pyodide";
const python = await loadPyodide({ indexURL: folder, packageCacheDir: folder, env: { HOME: home, COURSE_STATIC: "1" } });
await python.loadPackage("numpy", { messageCallback: () => {} });
python.unpackArchive(new Uint8Array(fs.readFileSync(path.join(folder, "course.zip"))).buffer, "zip", { extractDir: home });
python.runPython(`import sys; sys.path.insert(0, "${home}")`);
process.stdout.write(python.runPython(fs.readFileSync(path.join(folder, "run.py"), "utf8")));
