/** Where this server's page is: several servers may share one host, below a path each, and so one storage. */

/** The path without the slash at its end: "" where the host is this server's alone, or "/chat". */
export const PLACE = (globalThis.location?.pathname ?? "/").replace(/\/[^/]*$/, "");
