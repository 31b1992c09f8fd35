// How much is to be measured.

/**
 * { epochs, rows } that take at least `least` seconds, or as the contestant's own `least` says: whole epochs, where one takes no more than `most` seconds; else as
 * many rows as fit, for those that would need minutes for an epoch. Warms up meanwhile.
 */
export async function calibrate(contender, allRows, settings) {
  const least = Math.max(settings.least, contender.least);
  const most = Math.max(settings.most, contender.least);
  const unit = contender.batchSize;
  let amount = { epochs: 1, rows: Math.min(allRows, unit === 1 ? 2 : unit) };
  // the first time includes compilation, which says nothing of the speed
  await contender.train(amount);
  for (;;) {
    const samples = amount.epochs * amount.rows;
    const seconds = await contender.train(amount);
    const wanted = Math.max((1.2 * least * samples) / seconds, Math.min(allRows, (most * samples) / seconds));
    if (seconds >= least && samples >= 0.75 * wanted) return amount;
    const next = Math.min(wanted, 8 * samples);
    const rows = Math.min(allRows, Math.ceil(next / unit) * unit);
    amount = { epochs: Math.ceil(next / rows), rows };
  }
}

/** How many calls take at least `least` seconds. */
export async function enoughCalls(measure, least) {
  let calls = 1;
  for (;;) {
    const seconds = await measure(calls);
    if (seconds >= least) return calls;
    calls = Math.ceil(calls * Math.min(8, (1.2 * least) / seconds));
  }
}
