// Errors on their way between processes and machines: their name and message, as JSON holds them.

export interface ToldError {
  name: string;
  message: string;
}

export function tell(error: unknown): ToldError {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}

export function errorOf({ name, message }: ToldError): Error {
  return Object.assign(new Error(message), { name });
}
