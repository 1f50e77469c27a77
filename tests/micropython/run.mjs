// Runs one MicroPython program. The job comes as JSON on stdin:
//   interpreter  path of micropython.mjs
//   files        [[path inside, path here], ...]   copied byte for byte
//   texts        [[path inside, text], ...]
//   module       name of the module to import
// Where the module has a function `again`, it is called until it returns false. Between two calls, and only there, this
// build of MicroPython can collect its garbage, so a long program must come back now and then.
import fs from "node:fs";
import { pathToFileURL } from "node:url";

const job = JSON.parse(fs.readFileSync(0, "utf8"));
const { loadMicroPython } = await import(pathToFileURL(job.interpreter));
const mp = await loadMicroPython({
    heapsize: 4 * 1024 * 1024,
    pystack: 64 * 1024,
    stdout: (line) => fs.writeSync(1, line + "\n"),
});

function write(name, content) {
    const parts = name.split("/").slice(1, -1);
    parts.forEach((_, depth) => {
        const folder = "/" + parts.slice(0, depth + 1).join("/");
        if (!mp.FS.analyzePath(folder).exists) mp.FS.mkdir(folder);
    });
    mp.FS.writeFile(name, content);
}

job.files.forEach(([inside, here]) => write(inside, fs.readFileSync(here)));
job.texts.forEach(([inside, text]) => write(inside, text));
try {
    mp.runPython(`import sys\nsys.path[:] = ["", "/"]\nimport ${job.module} as main\nagain = getattr(main, "again", None)`);
    const again = mp.globals.get("again");
    while (again && again());
} catch (error) {
    fs.writeSync(2, error.message + "\n");
    process.exitCode = 1;
}
