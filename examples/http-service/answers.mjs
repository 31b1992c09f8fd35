// What the service answers to rows. What the library says of a row that can't be used becomes a BadRequest.

export class BadRequest extends Error {}

/** The answer to a row, or those to an array of rows, at once. */
export function answer(network, body) {
  if (!Array.isArray(body)) return blamingRows(() => network.predictRow(body));
  return decoded(network, network.predict(encoded(network, body)));
}

/** The answers to many rows: other requests get their turn meanwhile, and several threads work where that pays. */
export async function answerBatch(network, body, signal) {
  return decoded(network, await network.predictAsync(encoded(network, body), { signal }));
}

/** All rows' inputs, one row behind the other. */
function encoded({ schema }, rows) {
  if (!Array.isArray(rows) || rows.length === 0)
    throw new BadRequest("the body must be an array of rows, at least one");
  return blamingRows(() => schema.encodeRows(rows));
}

function decoded({ schema, outputs }, numbers) {
  return Array.from({ length: numbers.length / outputs }, (_, row) =>
    schema.decode(numbers.subarray(row * outputs, (row + 1) * outputs)),
  );
}

function blamingRows(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) throw new BadRequest(error.message);
    throw error;
  }
}
