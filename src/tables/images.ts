// Images as datasets: a folder of PNG files for each class.

import { boolean, got, options, wrongKind } from "../checks.js";
import { isFile, readSource } from "../data/source.js";
import { Dataset } from "../dataset.js";
import { listFolder, nextTurn } from "../engine/platform.js";
import { FormatError } from "../formats/errors.js";
import type { Image } from "./png.js";

export interface ImageOptions {
  /**
   * Whether images become shades of grey, 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601), a number a pixel; or, with
   * false, three: red, green and blue. Default: as the first image is.
   */
  grayscale?: boolean;
}

/** A dataset of images, all of one size. */
export interface ImageTable {
  dataset: Dataset;
  width: number;
  height: number;
  /** The numbers of a pixel, which are one behind the other; rows of pixels go from the top. */
  channels: 1 | 3;
}

/** An image's class, and where its bytes are. */
interface Entry {
  place: string;
  label: string;
  source: string | URL | File;
}

/**
 * PNG images, whose classes are the names of the folders they are in, sorted by UTF-16 code unit. In memory they are bytes,
 * and the dataset scales them to 0..1. Files whose names begin with a point are left out.
 *
 * @param source a folder's path or file: URL, where there is a file system; or Files with their folders in `webkitRelativePath`
 *   or in their names, as `<input type="file" webkitdirectory>` gives them
 * @throws FormatError for what isn't a PNG image, has another size than the first, or is transparent or interlaced, and where
 *   there are fewer than two classes
 */
export async function readImages(
  source: string | URL | Iterable<File>,
  imageOptions?: ImageOptions,
): Promise<ImageTable> {
  const given = options(imageOptions, "readImages", ["grayscale"]);
  const grayscale = given.grayscale === undefined ? undefined : boolean(given.grayscale, "grayscale");
  const entries = await entriesOf(source);
  const classes = [...new Set(entries.map(({ label }) => label))].sort((a, b) => (a < b ? -1 : 1));
  if (classes.length < 2) {
    throw new FormatError(
      `the images must be in folders of at least 2 classes, got ${classes.map(got).join(", ") || "none"}`,
    );
  }
  const { decodePng } = await import("./png.js");
  let first: Image | undefined;
  let inputs = new Uint8Array(0);
  for (const [i, { place, source: file }] of entries.entries()) {
    const image = withChannels(decodePng(await readSource(file, place), place), grayscale, first, place);
    if (first === undefined) {
      first = image;
      inputs = new Uint8Array(entries.length * image.data.length);
    }
    if (image.width !== first.width || image.height !== first.height) {
      const [here, there] = [image, first].map(({ width, height }) => `${width}×${height}`);
      throw new FormatError(`${place} must be of ${there} pixels as the first image, got ${here}`);
    }
    inputs.set(image.data, i * image.data.length);
    await nextTurn();
  }
  const { width, height, channels, data } = first as Image;
  const targets = Uint32Array.from(entries, ({ label }) => classes.indexOf(label));
  const dataset = Dataset.from({ inputs, inputSize: data.length, scale: 1 / 255, targets, classes });
  return { dataset, width, height, channels };
}

/** The images in the order of their classes and names. */
async function entriesOf(source: unknown): Promise<Entry[]> {
  const isFolder = typeof source === "string" || source instanceof URL;
  if (!isFolder && (typeof source !== "object" || source === null || !(Symbol.iterator in source))) {
    wrongKind("source", "a folder's path or an array of Files", source);
  }
  const entries = isFolder ? await entriesIn(source) : Array.from(source as Iterable<unknown>, entryOf);
  return entries
    .filter(({ place }) => !/(^|\/)\.[^/]*$/.test(place))
    .sort((a, b) => order(a.label, b.label) || order(a.place, b.place));
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

async function entriesIn(source: string | URL): Promise<Entry[]> {
  const folder = String(source).replace(/\/*$/, "");
  const pathOf = (path: string) => (isFile(path) ? new URL(path) : path);
  const entries: Entry[] = [];
  for (const { name: label, isFolder } of await listFolder(pathOf(folder))) {
    if (!isFolder || label.startsWith(".")) continue;
    for (const { name } of await listFolder(pathOf(`${folder}/${label}`))) {
      const path = pathOf(`${folder}/${label}/${name}`);
      entries.push({ place: `${label}/${name}`, label, source: path });
    }
  }
  return entries;
}

function entryOf(file: unknown, i: number): Entry {
  if (!(file instanceof File)) wrongKind(`source[${i}]`, "a File", file);
  const place = file.webkitRelativePath || file.name;
  const label = place.split("/").at(-2);
  if (label === undefined)
    throw new FormatError(`source[${i}] must have the name of a folder and its own, got ${got(place)}`);
  return { place, label, source: file };
}

/** An image in shades of grey or in colours: as told, or as the first one is. */
function withChannels(image: Image, grayscale: boolean | undefined, first: Image | undefined, place: string): Image {
  const channels = first?.channels ?? (grayscale === undefined ? image.channels : grayscale ? 1 : 3);
  if (image.channels === channels) return image;
  if (grayscale === undefined && channels === 1) {
    throw new FormatError(
      `${place} must be in shades of grey as the first image, got colours; grayscale: true makes it so`,
    );
  }
  const { data } = image;
  const converted =
    channels === 3
      ? Uint8Array.from({ length: data.length * 3 }, (_, i) => data[Math.floor(i / 3)])
      : Uint8Array.from({ length: data.length / 3 }, (_, i) =>
          Math.round(0.299 * data[3 * i] + 0.587 * data[3 * i + 1] + 0.114 * data[3 * i + 2]),
        );
  return { ...image, channels, data: converted };
}
