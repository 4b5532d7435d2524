/** A backup asks for each image twice before its DELETE: for what is told of it, and for its bytes. */
export const SAVING_REQUESTS = 2;
