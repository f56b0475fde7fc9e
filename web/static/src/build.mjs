// Makes web/static/vendor/ (the console's own ECharts bundle and a copy of htmx, each with a gzip twin)
// and reports/fonts/ (two weights of Noto Sans SC, which documents and pictures embed).
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const vendor = path.join(here, "..", "vendor");
const htmx = fileURLToPath(import.meta.resolve("htmx.org/dist/htmx.min.js"));

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
await build({
  entryPoints: [path.join(here, "echarts.mjs")],
  outfile: path.join(vendor, "echarts.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2018",
  legalComments: "eof",
  logLevel: "warning",
});
await copyFile(htmx, path.join(vendor, "htmx.js"));

const fonts = path.join(here, "..", "..", "..", "reports", "fonts");
await mkdir(fonts, { recursive: true });
for (const weight of ["400Regular", "700Bold"]) {
  const font = import.meta.resolve(`@expo-google-fonts/noto-sans-sc/${weight}/NotoSansSC_${weight}.ttf`);
  await copyFile(fileURLToPath(font), path.join(fonts, `NotoSansSC_${weight}.ttf`));
}

for (const name of ["echarts.js", "htmx.js"]) {
  const file = path.join(vendor, name);
  const zipped = gzipSync(await readFile(file), { level: 9 });
  await writeFile(`${file}.gz`, zipped);
  console.log(`${name}: ${(zipped.length / 1024).toFixed(0)} kB gzip`);
}
