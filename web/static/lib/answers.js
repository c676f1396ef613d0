// What the server answers, and what to say when it does not.

/** An answer that is not a success: `code` for programs, `message` for people. */
class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What an answer that is no success says. */
export async function failure(reply) {
  try {
    const { error } = await reply.json();
    return new ApiError(reply.status, error.code, error.message);
  } catch {
    return new ApiError(reply.status, "http_error", `The server answered with ${reply.status}.`);
  }
}

/** Ask the server; throws when it does not answer. */
export async function send(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "The server does not answer. It may be restarting.");
  }
}
