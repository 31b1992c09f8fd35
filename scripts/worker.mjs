// Compiles the scripts of the workers, and writes each as a TypeScript module, so that the package carries them in its own
// text: of threads, and of a worker that trains by itself, which starts threads, too.

import { writeFileSync } from "node:fs";
import { build } from "esbuild";

/** A worker is sent the kernels that its starter has compiled. */
const withoutKernels = {
  name: "without-kernels",
  setup(build) {
    build.onLoad({ filter: /[\\/]build[\\/](simd|relaxed)(Shared)?(Core)?\.ts$/ }, () => ({ contents: "export {};" }));
  },
};

async function compile(source, file, name) {
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
    plugins: [withoutKernels],
  });
  const script = outputFiles[0].text.trim();
  writeFileSync(
    `build/${file}.ts`,
    `/** ${source}, compiled. */\nexport const ${name}: string =\n  ${JSON.stringify(script)};\n`,
  );
  return script;
}

await compile("src/engine/worker.ts", "worker", "worker");
// also as what dist/worker.js is made from
writeFileSync(
  "build/training-worker.iife.js",
  await compile("src/worker-fit/worker.ts", "training-worker", "trainingWorker"),
);
