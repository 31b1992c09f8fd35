// What a thread keeps for itself while a mini-batch passes: small enough to stay in the cache next to its core.
//
//   Scratch ┐ which rows it gathers, which outputs it takes the loss of
//           ├ gradient     a stretch of one panel, [CHUNK + 1][8], until it is applied
//           └ transposed   one panel of Wᵀ, [outputs][8], of the layer at hand

import { Selection } from "./data";
import { OutputRows } from "./losses";
import { Network } from "./network";
import { PANEL_BYTES } from "./panels";
import { Thread } from "./sync";

/** The gradient is computed and applied this many rows of a panel at a time, so that it is still in the L1 cache. */
export const CHUNK: i32 = 64;

const LINE: usize = 64;
const GRADIENT: usize = 2 * LINE;
const TRANSPOSED: usize = GRADIENT + <usize>(CHUNK + 2) * PANEL_BYTES;

@unmanaged @final
export class Scratch {
  @inline static of(thread: Thread): Scratch {
    return changetype<Scratch>(thread.scratch);
  }
  @inline get selection(): Selection {
    return changetype<Selection>(changetype<usize>(this));
  }
  @inline get outputRows(): OutputRows {
    return changetype<OutputRows>(changetype<usize>(this) + LINE);
  }
  @inline get gradient(): usize {
    return changetype<usize>(this) + GRADIENT;
  }
  @inline get transposed(): usize {
    return changetype<usize>(this) + TRANSPOSED;
  }
}

export function scratchBytes(network: Network): usize {
  let widest: usize = 0;
  for (let l = 2; l <= network.layerCount; l++) widest = max(widest, <usize>network.layer(l).outputs);
  return TRANSPOSED + widest * PANEL_BYTES;
}
