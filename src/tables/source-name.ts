// What a source is called, in errors and to find out its format.

/** A path or URL, or a File's or Response's name; undefined for what has none. */
export function nameOf(source: unknown): string | undefined {
  if (typeof source === "string") return source.startsWith("data:") ? undefined : source;
  if (source instanceof URL) return source.href;
  if (source instanceof Response) return source.url === "" ? undefined : source.url;
  // where there is a File it is a Blob with a name
  if (source instanceof Blob && "name" in source && typeof source.name === "string") return source.name;
  return undefined;
}

/** The ending of a name in lower case, without ".gz"; "" for none. */
export function endingOf(name: string | undefined): string {
  if (name === undefined) return "";
  const path = /^[a-z][a-z\d+.-]+:/i.test(name) ? name.replace(/[?#].*$/, "") : name;
  return (
    path
      .replace(/\.gz$/i, "")
      .match(/\.([a-z\d]+)$/i)?.[1]
      ?.toLowerCase() ?? ""
  );
}
