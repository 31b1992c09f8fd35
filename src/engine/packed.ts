// A binary as its module in build/ has it: deflated, which base64 would keep from being compressed well later, and in base64.

/** The binary's bytes. */
export async function unpack(packed: string): Promise<ArrayBuffer> {
  const text = atob(packed);
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
}
