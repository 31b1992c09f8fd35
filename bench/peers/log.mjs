// Progress goes to stderr, results to stdout.

export function log(text) {
  process.stderr.write(text);
}
