// Tables as datasets: the entry "nablanet/tables".

export type { Answer, ClassAnswer, Row, RowCodec } from "./schema.js";
export type { ColumnJson, ColumnKind } from "./tables/columns.js";
export type { HeldOutShare } from "./tables/held-out.js";
export { type ImageOptions, type ImageTable, readImages } from "./tables/images.js";
export { type NumpyArray, readNpy } from "./tables/npy.js";
export { readNpz } from "./tables/npz.js";
export type { TableFormat } from "./tables/open-table.js";
export { readColumns } from "./tables/read-columns.js";
export { readTable, readTableStream } from "./tables/read-table.js";
export { type MissingPolicy, Schema, type SchemaJson } from "./tables/schema.js";
export type { TableOptions, TableStreamOptions } from "./tables/table-options.js";
export {
  type FileReference,
  HashMismatchError,
  type ReferencedTable,
  readReference,
  type TableReference,
  type TableReferenceOptions,
  tableReference,
} from "./tables/table-reference.js";
