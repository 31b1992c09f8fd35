// The kernels' binaries that are built for the tests, as a page fetches them: those that the engine has instructions for.

const all = ["simd", "relaxed"] as const;

export async function readBinary(variant: (typeof all)[number]): Promise<ArrayBuffer> {
  return (await fetch(`/build/testing-${variant}.wasm`)).arrayBuffer();
}

const isValid = await Promise.all(all.map(async (variant) => WebAssembly.validate(await readBinary(variant))));

export const variants = all.filter((_, i) => isValid[i]);
